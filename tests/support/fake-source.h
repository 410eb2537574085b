/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/peer-source.h"

G_BEGIN_DECLS

#define FAKE_TYPE_SOURCE (fake_source_get_type ())
G_DECLARE_FINAL_TYPE (FakeSource, fake_source, FAKE, SOURCE, GObject)

FakeSource *fake_source_new (void);

/* What it does from now on, also with the question that is waiting. */
void fake_source_name (FakeSource *self, const char *peers);
void fake_source_fail (FakeSource *self);
void fake_source_hold (FakeSource *self);

guint fake_source_count_fetches (FakeSource *self);
gboolean fake_source_is_asked (FakeSource *self);

G_END_DECLS
