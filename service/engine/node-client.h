/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/peer-source.h"

G_BEGIN_DECLS

/**
 * SocksNodeState:
 * @SOCKS_NODE_STATE_UNKNOWN: not asked yet
 * @SOCKS_NODE_STATE_UP: the last question for the routes was answered
 * @SOCKS_NODE_STATE_DOWN: the last question for the routes was not, or not properly
 */
typedef enum
{
  SOCKS_NODE_STATE_UNKNOWN,
  SOCKS_NODE_STATE_UP,
  SOCKS_NODE_STATE_DOWN,
} SocksNodeState;

#define SOCKS_TYPE_NODE_CLIENT (socks_node_client_get_type ())
G_DECLARE_FINAL_TYPE (SocksNodeClient, socks_node_client, SOCKS, NODE_CLIENT, GObject)

SocksNodeClient *socks_node_client_new (const char *url, guint16 peer_port);
SocksNodeClient *socks_node_client_new_with_limits (const char *url,
                                                    guint16 peer_port,
                                                    guint connect_timeout_ms,
                                                    guint request_timeout_ms);

const char *socks_node_client_get_url (SocksNodeClient *self);
SocksNodeState socks_node_client_get_state (SocksNodeClient *self);
gboolean socks_node_client_get_address (SocksNodeClient *self,
                                        struct in6_addr *out_address);
guint socks_node_client_get_n_dropped (SocksNodeClient *self);

G_END_DECLS
