/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GKeyFile *socks_key_file_load (const char *path, gsize max_bytes, GError **error);
char *socks_key_file_show (const char *text, gsize max_bytes);

G_END_DECLS
