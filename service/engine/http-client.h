/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SOCKS_TYPE_HTTP_CLIENT (socks_http_client_get_type ())
G_DECLARE_FINAL_TYPE (SocksHttpClient, socks_http_client, SOCKS, HTTP_CLIENT, GObject)

SocksHttpClient *socks_http_client_new (guint max_connections,
                                        guint connect_timeout_ms,
                                        guint request_timeout_ms);

void socks_http_client_get_async (SocksHttpClient *self,
                                  const char *url,
                                  gsize max_bytes,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
GBytes *socks_http_client_get_finish (SocksHttpClient *self,
                                      GAsyncResult *result,
                                      GError **error);

G_END_DECLS
