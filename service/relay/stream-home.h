/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/board.h"
#include "relay/event-loop.h"
#include "relay/pump.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/**
 * SocksTally:
 * @total_streams: connections accepted to be forwarded
 * @refused_streams: connections accepted and closed at once
 * @failed_dials: streams that never reached their remote
 * @bytes_sent: bytes handed to remotes
 * @bytes_received: bytes handed to local clients
 *
 * What one worker counts: written by its thread alone, read by any.
 */
typedef struct
{
  _Atomic guint64 total_streams;
  _Atomic guint64 refused_streams;
  _Atomic guint64 failed_dials;
  _Atomic guint64 bytes_sent;
  _Atomic guint64 bytes_received;
} SocksTally;

/**
 * SocksStreamHome:
 * @loop: (unowned): where its streams wait
 * @board: (unowned): what it shares with others
 * @kit: what its streams' pumps share
 * @young: the streams in their first second, by its end
 * @dialling: the streams that are still dialling after that, by deadline
 * @half_closed: the streams that have ended on one side, by deadline
 * @live: the streams, oldest first
 * @dead: streams that have ended, to be freed after the turn
 * @tally: its counters
 *
 * The place where a worker's streams live.
 */
typedef struct
{
  SocksEventLoop *loop;
  SocksBoard *board;
  SocksPumpKit kit;
  SocksTimerQueue young;
  SocksTimerQueue dialling;
  SocksTimerQueue half_closed;
  GQueue live;
  GQueue dead;
  _Alignas (SOCKS_CACHE_LINE_BYTES) SocksTally tally;
} SocksStreamHome;

void socks_stream_home_init (SocksStreamHome *home,
                             SocksEventLoop *loop,
                             SocksBoard *board,
                             guint dial_timeout_ms,
                             guint half_closed_timeout_ms);
void socks_stream_home_clear (SocksStreamHome *home);
void socks_stream_home_cut_older (SocksStreamHome *home, guint generation);
void socks_stream_home_free_dead (SocksStreamHome *home);

/* There is one writer, so that no read-modify-write instruction is needed. */
static inline void
socks_tally_add (_Atomic guint64 *counter, guint64 amount)
{
  guint64 before = atomic_load_explicit (counter, memory_order_relaxed);

  atomic_store_explicit (counter, before + amount, memory_order_relaxed);
}

G_END_DECLS
