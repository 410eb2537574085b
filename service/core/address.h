/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <netinet/in.h>

G_BEGIN_DECLS

/* Eight groups of four digits with colons between them, and a NUL. */
#define SOCKS_ADDRESS_TEXT_BYTES 40

void socks_address_map_ipv4 (const struct in_addr *ipv4, struct in6_addr *out_address);
gboolean socks_address_parse (const char *text, struct in6_addr *out_address);
const char *socks_address_write (const struct in6_addr *address,
                                 char out_text[static SOCKS_ADDRESS_TEXT_BYTES]);
char *socks_address_format (const struct in6_addr *address);

gboolean socks_address_is_ipv4 (const struct in6_addr *address);
gboolean socks_address_is_loopback (const struct in6_addr *address);
gboolean socks_address_is_overlay (const struct in6_addr *address);

G_END_DECLS
