/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What nobody has to write, and nobody is shown. */
#define SOCKS_USUAL_PORT "1080"

GInetAddress *socks_address_parse_host (const char *host);
int socks_address_parse_port (const char *text);

char *socks_address_key (const char *text);
gboolean socks_address_keys_meet (const char *a, const char *b);
char *socks_address_key_get_host (const char *key);
char *socks_address_key_get_remote (const char *key);

G_END_DECLS
