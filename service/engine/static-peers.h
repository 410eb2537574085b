/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/peer-source.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_STATIC_PEERS (socks_static_peers_get_type ())
G_DECLARE_FINAL_TYPE (SocksStaticPeers, socks_static_peers, SOCKS, STATIC_PEERS, GObject)

SocksStaticPeers *socks_static_peers_new (const GArray *endpoints, guint16 listening_port);

G_END_DECLS
