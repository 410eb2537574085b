/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/peer-table.h"

G_BEGIN_DECLS

GVariant *socks_peer_variant_new_list (GArray *peers, const SocksEndpoint *selected);
GVariant *socks_peer_variant_new_counts (const guint counts[static SOCKS_N_STATUSES]);

G_END_DECLS
