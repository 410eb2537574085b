/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of what is longer nothing is read. */
#define SOCKS_SMALL_TEXT_MAX_BYTES (256 * 1024)

char *socks_small_text_read (const char *path, GError **error);
gboolean socks_small_text_replace (const char *path, const char *text, GError **error);

G_END_DECLS
