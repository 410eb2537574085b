/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

void expected_log_init (void);
void expected_log_push (GLogLevelFlags level, const char *pattern);
void expected_log_assert_seen (void);

G_END_DECLS
