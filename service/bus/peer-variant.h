/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/peer-table.h"

G_BEGIN_DECLS

GVariant *socks_peer_variant_new_list (GPtrArray *peers, const SocksEndpoint *selected);
GVariant *socks_peer_variant_new_counts (SocksPeerTable *table);

G_END_DECLS
