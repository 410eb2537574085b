/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "relay/relay.h"

G_BEGIN_DECLS

gboolean socks_local_port_open (SocksRelay *relay,
                                const SocksEndpoint *address,
                                GError **error);
int socks_local_port_can_open (const SocksEndpoint *address, gboolean local_only);
gboolean socks_local_port_check_remote (const SocksEndpoint *remote,
                                        guint16 listening_port,
                                        const struct in6_addr *node_address,
                                        GError **error);

G_END_DECLS
