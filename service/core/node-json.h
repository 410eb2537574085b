/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/overlay-address.h"
#include "core/prefix.h"

#include <glib.h>

G_BEGIN_DECLS

/* A list of routes that is longer is refused as a whole. */
#define SOCKS_NODE_JSON_MAX_ROUTES 50000

GArray *socks_node_json_parse_routes (GBytes *json, guint *out_n_dropped, GError **error);
gboolean socks_node_json_parse_key (GBytes *json,
                                    guint8 out_key[static SOCKS_NODE_KEY_BYTES],
                                    GError **error);
gboolean socks_node_json_parse_admin (GBytes *json,
                                      struct in6_addr *out_address,
                                      GError **error);

G_END_DECLS
