/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

G_BEGIN_DECLS

/* The longest name of a host (RFC 1035 section 2.3.4, without the dot at its end). */
#define SOCKS_TARGET_NAME_MAX_BYTES 253

/**
 * SocksTarget:
 * @name: the name of the host, or "" where there is an address
 * @address: the address, where there is no name
 * @port: the TCP port, never 0
 *
 * Where a proxy is asked to connect to, as a plain value.
 */
typedef struct
{
  char name[SOCKS_TARGET_NAME_MAX_BYTES + 1];
  struct in6_addr address;
  guint16 port;
} SocksTarget;

gboolean socks_target_parse (const char *text, SocksTarget *out_target, GError **error);

G_END_DECLS
