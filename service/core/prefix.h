/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <netinet/in.h>

G_BEGIN_DECLS

/**
 * SocksPrefix:
 * @address: the first address of the prefix; IPv4 is held IPv4-mapped
 * @length_bits: how many leading bits count, 0 to 128; an IPv4 prefix has 96 more than
 *   it is written with
 *
 * A network in CIDR notation (RFC 4632 section 3.1, RFC 4291 section 2.3).
 */
typedef struct
{
  struct in6_addr address;
  guint8 length_bits;
} SocksPrefix;

gboolean socks_prefix_parse (const char *text, SocksPrefix *out_prefix);
char *socks_prefix_format (const SocksPrefix *prefix);
gboolean socks_prefix_contains (const SocksPrefix *prefix,
                                const struct in6_addr *address);
gboolean socks_prefix_is_overlay (const SocksPrefix *prefix);

gboolean socks_prefixes_admit (const SocksPrefix *prefixes,
                               gsize n_prefixes,
                               const struct in6_addr *address);

G_END_DECLS
