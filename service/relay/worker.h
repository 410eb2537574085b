/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/board.h"
#include "relay/relay.h"

G_BEGIN_DECLS

/**
 * SocksWorker:
 *
 * One thread, which accepts connections and looks after its streams, as the plan on the
 * board says.
 */
typedef struct _SocksWorker SocksWorker;

int socks_worker_new (SocksBoard *board,
                      const SocksRelayOptions *options,
                      guint number,
                      SocksWorker **out_worker);
void socks_worker_free (SocksWorker *worker);
void socks_worker_add_counters (SocksWorker *worker, SocksRelayCounters *counters);
guint64 socks_worker_count_turns (SocksWorker *worker);

G_END_DECLS
