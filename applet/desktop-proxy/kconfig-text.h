/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *socks_kconfig_read (const char *text,
                          const char *group,
                          const char *key,
                          gboolean *out_is_immutable);
char *socks_kconfig_replace (const char *text,
                             const char *group,
                             const char *key,
                             const char *value);

G_END_DECLS
