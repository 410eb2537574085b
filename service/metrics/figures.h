/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/greeting.h"
#include "engine/state.h"
#include "relay/relay.h"

G_BEGIN_DECLS

/**
 * SocksFigures:
 * @started_us: when the service started, microseconds since the Unix epoch
 * @state: how the connection stands
 * @n_peers: how many peers have each status
 * @relay: what was forwarded
 * @n_failovers: how often a remote that died was replaced
 * @last_sweep_us: when the last sweep ended, microseconds since the Unix epoch; 0 for
 *   never
 * @sweep_duration_us: how long it took, in microseconds
 *
 * What an administrator watches. Counts are since the start of the service.
 */
typedef struct
{
  gint64 started_us;
  SocksState state;
  guint n_peers[SOCKS_N_STATUSES];
  SocksRelayCounters relay;
  guint64 n_failovers;
  gint64 last_sweep_us;
  gint64 sweep_duration_us;
} SocksFigures;

char *socks_figures_format (const SocksFigures *figures);

G_END_DECLS
