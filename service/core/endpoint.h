/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/address.h"

#include <sys/socket.h>

G_BEGIN_DECLS

/* "[" + an address, with its NUL + "]:65535". */
#define SOCKS_ENDPOINT_TEXT_BYTES (SOCKS_ADDRESS_TEXT_BYTES + 8)

/* The longest text that is looked at as a remote. */
#define SOCKS_ENDPOINT_PARSE_MAX_BYTES 64

/**
 * SocksEndpoint:
 * @address: the address; an IPv4 address is held IPv4-mapped (`::ffff:a.b.c.d`)
 * @port: the TCP port, in host byte order
 *
 * A TCP socket address as a plain value. Two spellings of the same address are equal
 * bytes, so endpoints are compared as bytes and never as text. There is no zone: a
 * link-local address cannot be told from its namesake on another link.
 */
typedef struct
{
  struct in6_addr address;
  guint16 port;
} SocksEndpoint;

gboolean socks_endpoint_parse (const char *text,
                               SocksEndpoint *out_endpoint,
                               GError **error);
const char *socks_endpoint_write (const SocksEndpoint *endpoint,
                                  char out_text[static SOCKS_ENDPOINT_TEXT_BYTES]);
char *socks_endpoint_format (const SocksEndpoint *endpoint);

guint socks_endpoint_hash (gconstpointer endpoint);
gboolean socks_endpoint_equal (gconstpointer a, gconstpointer b);
int socks_endpoint_compare (const SocksEndpoint *a, const SocksEndpoint *b);

socklen_t socks_endpoint_to_sockaddr (const SocksEndpoint *endpoint,
                                      struct sockaddr_storage *out_sockaddr);
void socks_endpoint_from_sockaddr (const struct sockaddr_storage *sockaddr,
                                   SocksEndpoint *out_endpoint);

gboolean socks_endpoint_check_remote (const SocksEndpoint *remote,
                                      guint16 listening_port,
                                      const struct in6_addr *own_addresses,
                                      gsize n_own_addresses,
                                      GError **error);

G_END_DECLS
