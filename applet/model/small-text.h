/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of what is longer nothing is read, so nothing longer is written. */
#define SOCKS_SMALL_TEXT_MAX_BYTES (256 * 1024)

/**
 * SocksTextEdit:
 * @text: what is in a file
 * @data: of the caller
 * @error: return location for a #GFileError, on why it can't be changed so
 *
 * Makes a change, in any thread; more than once, for the text may be another meanwhile.
 *
 * Returns: (transfer full) (nullable): what is to be in it
 */
typedef char *(*SocksTextEdit) (const char *text, gpointer data, GError **error);

char *socks_small_text_read (const char *path, GError **error);
gboolean socks_small_text_change (const char *path,
                                  SocksTextEdit edit,
                                  gpointer data,
                                  GError **error);

G_END_DECLS
