/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The user's own file. */
char *socks_kconfig_file_load (const char *path, GError **error);
gboolean socks_kconfig_file_save (const char *path, const char *text, GError **error);

/* KConfig's own programs, by the name of the file. */
char *socks_kconfig_tool_read (const char *file, const char *group, const char *key);
gboolean socks_kconfig_tool_can_write (const char *current, const char *value);
gboolean socks_kconfig_tool_write (const char *file,
                                   const char *group,
                                   const char *key,
                                   const char *value,
                                   GError **error);

G_END_DECLS
