/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/small-text.h"

G_BEGIN_DECLS

/**
 * SocksTextFile:
 *
 * A small text file as it is at any time, whoever writes it. It need not be there, nor
 * the folder that it is in: until then its text is "".
 *
 * Signal `changed`: the text is another one.
 */
#define SOCKS_TYPE_TEXT_FILE (socks_text_file_get_type ())
G_DECLARE_FINAL_TYPE (SocksTextFile, socks_text_file, SOCKS, TEXT_FILE, GObject)

SocksTextFile *socks_text_file_new (const char *path);

const char *socks_text_file_get_path (SocksTextFile *self);
const char *socks_text_file_get_text (SocksTextFile *self);

void socks_text_file_edit_async (SocksTextFile *self,
                                 SocksTextEdit edit,
                                 gpointer data,
                                 GDestroyNotify free_data,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean
socks_text_file_edit_finish (SocksTextFile *self, GAsyncResult *result, GError **error);
gboolean socks_text_file_is_changing (SocksTextFile *self);

G_END_DECLS
