/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/connection.h"
#include "engine/node-client.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_ENGINE (socks_engine_get_type ())
G_DECLARE_FINAL_TYPE (SocksEngine, socks_engine, SOCKS, ENGINE, GObject)

SocksEngine *socks_engine_new (const SocksSettings *settings,
                               SocksClock *clock,
                               SocksProber *prober,
                               SocksSweeper *sweeper,
                               SocksNodeClient *node,
                               SocksConnection *connection);

void socks_engine_restore (SocksEngine *self,
                           SocksSelection selection,
                           const SocksEndpoint *remote);

guint64 socks_engine_take_ticket (SocksEngine *self);
gboolean socks_engine_check_remote (SocksEngine *self,
                                    const SocksEndpoint *remote,
                                    GError **error);
void socks_engine_connect_async (SocksEngine *self,
                                 guint64 ticket,
                                 const SocksEndpoint *remote,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean socks_engine_connect_finish (SocksEngine *self,
                                      GAsyncResult *result,
                                      SocksEndpoint *out_remote,
                                      GError **error);
void socks_engine_disconnect (SocksEngine *self, guint64 ticket);
void socks_engine_shut_down (SocksEngine *self);

G_END_DECLS
