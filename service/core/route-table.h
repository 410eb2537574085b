/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "core/overlay-address.h"
#include "core/prefix.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksRouteTable:
 *
 * The subnets that the node has routes to, and of those whose key is known the peer.
 */
typedef struct _SocksRouteTable SocksRouteTable;

SocksRouteTable *socks_route_table_new (void);
void socks_route_table_free (SocksRouteTable *table);

void socks_route_table_update (SocksRouteTable *table, const GArray *subnets);
GArray *socks_route_table_list_unresolved (SocksRouteTable *table);
gboolean socks_route_table_resolve (SocksRouteTable *table,
                                    const SocksPrefix *subnet,
                                    const guint8 key[static SOCKS_NODE_KEY_BYTES]);
GArray *socks_route_table_list_peers (SocksRouteTable *table,
                                      guint16 port,
                                      const struct in6_addr *own_address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksRouteTable, socks_route_table_free)

G_END_DECLS
