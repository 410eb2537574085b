/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

int socks_text_lock_take (const char *path, guint patience_ms, GError **error);

G_END_DECLS
