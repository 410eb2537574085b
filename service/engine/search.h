/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/clock.h"
#include "engine/node-client.h"
#include "engine/prober.h"
#include "engine/sweeper.h"

G_BEGIN_DECLS

/**
 * SocksPatience:
 * @SOCKS_PATIENCE_ONE_RACE: fail when nobody wins
 * @SOCKS_PATIENCE_FIRST_SWEEP: while the first sweep since the start is awaited, wait for
 *   its first proxy, at most 10 seconds in all; else like one race
 * @SOCKS_PATIENCE_UNTIL_FOUND: race again every 5 seconds, after each sweep and when a
 *   peer turns out to be a proxy; never fail
 *
 * What to do when nobody wins.
 */
typedef enum
{
  SOCKS_PATIENCE_ONE_RACE,
  SOCKS_PATIENCE_FIRST_SWEEP,
  SOCKS_PATIENCE_UNTIL_FOUND,
} SocksPatience;

void socks_search_async (SocksProber *prober,
                         SocksClock *clock,
                         SocksSweeper *sweeper,
                         SocksNodeClient *node,
                         SocksPatience patience,
                         const SocksEndpoint *remote,
                         gboolean remote_runs,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean socks_search_finish (GAsyncResult *result,
                              SocksEndpoint *out_winner,
                              GError **error);

G_END_DECLS
