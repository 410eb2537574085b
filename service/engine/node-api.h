/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/overlay-address.h"
#include "core/prefix.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SOCKS_TYPE_NODE_API (socks_node_api_get_type ())
G_DECLARE_FINAL_TYPE (SocksNodeApi, socks_node_api, SOCKS, NODE_API, GObject)

SocksNodeApi *socks_node_api_new (const char *url,
                                  guint max_questions,
                                  guint connect_timeout_ms,
                                  guint request_timeout_ms);

void socks_node_api_get_own_address_async (SocksNodeApi *self,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean socks_node_api_get_own_address_finish (SocksNodeApi *self,
                                                GAsyncResult *result,
                                                struct in6_addr *out_address,
                                                GError **error);

void socks_node_api_get_routes_async (SocksNodeApi *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GArray *socks_node_api_get_routes_finish (SocksNodeApi *self,
                                          GAsyncResult *result,
                                          guint *out_n_dropped,
                                          GError **error);

void socks_node_api_get_key_async (SocksNodeApi *self,
                                   const SocksPrefix *subnet,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean socks_node_api_get_key_finish (SocksNodeApi *self,
                                        GAsyncResult *result,
                                        guint8 out_key[static SOCKS_NODE_KEY_BYTES],
                                        GError **error);

G_END_DECLS
