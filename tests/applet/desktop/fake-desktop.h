/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/backend.h"

G_BEGIN_DECLS

/* A desktop in memory, with "rival", "host", "port" and "switch". Before each operation,
 * reading too, the test may have somebody else change something. */
#define FAKE_TYPE_DESKTOP (fake_desktop_get_type ())
G_DECLARE_FINAL_TYPE (FakeDesktop, fake_desktop, FAKE, DESKTOP, GObject)

FakeDesktop *fake_desktop_new (void);

/* NULL: not set. */
void fake_desktop_put (FakeDesktop *self, const char *key, const char *value);
void fake_desktop_expect (FakeDesktop *self, const char *values);

/* At operation @step, from 1, somebody puts @value. */
void fake_desktop_interfere (FakeDesktop *self,
                             guint step,
                             const char *key,
                             const char *value);
guint fake_desktop_count_steps (FakeDesktop *self);

/* It is not installed, its settings are locked, or it takes new ones and does not keep
 * them. */
void fake_desktop_set_known (FakeDesktop *self, gboolean is_known);
void fake_desktop_set_locked (FakeDesktop *self, gboolean is_locked);
void fake_desktop_set_forgetful (FakeDesktop *self, gboolean is_forgetful);

G_END_DECLS
