/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/change-reason.h"
#include "engine/clock.h"
#include "engine/memory.h"
#include "engine/prober.h"
#include "engine/settings.h"
#include "engine/state.h"
#include "engine/sweeper.h"
#include "relay/relay.h"

G_BEGIN_DECLS

/**
 * SocksConnectionStatus:
 * @state: the state
 * @selection: how the remote was chosen
 * @remote: the remote, while there is a selection
 * @last_error: (owned) (nullable): what last went wrong, %NULL after the next success
 *
 * What is so.
 */
typedef struct
{
  SocksState state;
  SocksSelection selection;
  SocksEndpoint remote;
  GError *last_error;
} SocksConnectionStatus;

#define SOCKS_TYPE_CONNECTION (socks_connection_get_type ())
G_DECLARE_FINAL_TYPE (SocksConnection, socks_connection, SOCKS, CONNECTION, GObject)

SocksConnection *socks_connection_new (const SocksSettings *settings,
                                       SocksClock *clock,
                                       SocksProber *prober,
                                       SocksSweeper *sweeper,
                                       SocksRelay *relay,
                                       SocksMemory *memory);

gboolean socks_connection_adopt (SocksConnection *self,
                                 SocksSelection selection,
                                 const SocksEndpoint *remote,
                                 SocksChangeReason reason,
                                 GError **error);
void socks_connection_refuse (SocksConnection *self, const GError *why);
void socks_connection_let_go (SocksConnection *self, SocksChangeReason reason);
void socks_connection_settle_async (SocksConnection *self,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
void socks_connection_settle_finish (SocksConnection *self, GAsyncResult *result);

void socks_connection_set_searching (SocksConnection *self, gboolean is_searching);
void socks_connection_set_last_error (SocksConnection *self, const GError *error);

const SocksConnectionStatus *socks_connection_get_status (SocksConnection *self);
const SocksEndpoint *socks_connection_get_remote (SocksConnection *self);
gboolean socks_connection_is_remote_lost (SocksConnection *self);

G_END_DECLS
