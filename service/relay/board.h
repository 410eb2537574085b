/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "relay/listener.h"
#include "relay/relay.h"

#include <pthread.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/* What different threads write often is kept on different cache lines. */
#define SOCKS_CACHE_LINE_BYTES 64

/**
 * SocksPlan:
 * @listener: (nullable): the port to accept from
 * @forwards: whether to forward new connections; else they are closed at once
 * @remote: where to, if @forwards
 * @generation: counts the remotes; streams of an older generation are to be cut
 * @stops: whether the workers are to end
 *
 * What the relay is to be.
 */
typedef struct
{
  SocksListener *listener;
  gboolean forwards;
  SocksEndpoint remote;
  guint generation;
  gboolean stops;
} SocksPlan;

/**
 * SocksBoard:
 * @event_fd: (owned): readable while there are events to collect
 * @n_workers: how many threads read the plan
 * @max_streams: the limit for @n_streams
 * @mutex: guards the five after it
 * @bells: (owned) (array length=n_workers): an eventfd (unowned) of each worker, or -1
 * @plan: (owned): the newest plan
 * @n_behind: how many workers have not reached it
 * @events: what the main thread has not collected
 * @shortage_logged_us: when a shortage was last logged; 0 for never
 * @revision: counts the plans; changes with @mutex held, read without it
 * @n_streams: how many streams all workers have
 *
 * The board between the main thread and the workers: the plan hangs there, and events
 * are pinned to it. Constant but for what the mutex guards and the atomics.
 */
typedef struct
{
  int event_fd;
  guint n_workers;
  guint max_streams;
  pthread_mutex_t mutex;
  int *bells;
  SocksPlan plan;
  guint n_behind;
  SocksRelayEvents events;
  gint64 shortage_logged_us;
  _Alignas (SOCKS_CACHE_LINE_BYTES) _Atomic guint revision;
  _Alignas (SOCKS_CACHE_LINE_BYTES) _Atomic guint n_streams;
} SocksBoard;

int socks_board_init (SocksBoard *board, guint n_workers, guint max_streams);
void socks_board_clear (SocksBoard *board);

/* For all. */
void socks_board_ring (SocksBoard *board);

/* For the main thread. */
void socks_board_hang_bell (SocksBoard *board, guint worker, int bell);
void socks_board_publish (SocksBoard *board, const SocksPlan *plan);
gboolean socks_board_is_settled (SocksBoard *board);
SocksRelayEvents socks_board_collect_events (SocksBoard *board);

/* For the workers. */
gboolean socks_board_has_news (SocksBoard *board, guint revision);
guint socks_board_read_plan (SocksBoard *board, SocksPlan *out_plan);
void socks_board_confirm (SocksBoard *board, guint revision);
void socks_board_report_failed_dial (SocksBoard *board, guint generation);
void socks_board_log_shortage (SocksBoard *board, int error_number);
gboolean socks_board_take_place (SocksBoard *board);
void socks_board_give_place (SocksBoard *board);
guint socks_board_get_n_streams (SocksBoard *board);
gboolean socks_board_has_enough (SocksBoard *board, guint n_streams);
gboolean socks_board_has_room (SocksBoard *board, guint n_streams);

gboolean socks_error_is_shortage (int error_number);

G_END_DECLS
