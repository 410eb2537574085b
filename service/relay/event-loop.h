/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <sys/epoll.h>

G_BEGIN_DECLS

typedef struct _SocksWatch SocksWatch;

/**
 * SocksReadyFunc:
 * @watch: whose descriptor it is; embedded in what it belongs to
 * @events: `EPOLLIN`, `EPOLLOUT`, `EPOLLERR`, `EPOLLHUP`
 *
 * A descriptor is ready. It may have become unready since. The memory that @watch lies in
 * must not be freed before the turn is over: other events of it may be waiting.
 */
typedef void (*SocksReadyFunc) (SocksWatch *watch, guint32 events);

/**
 * SocksWatch:
 * @ready_cb: called when the descriptor is ready
 * @fd: (unowned): the descriptor
 * @interest: (private): what epoll was asked for
 *
 * A descriptor and what to do about it.
 */
struct _SocksWatch
{
  SocksReadyFunc ready_cb;
  int fd;
  guint32 interest;
};

/**
 * SocksExpiredFunc:
 * @owner: what was given to socks_timer_start()
 *
 * A timer ran out; it is stopped already.
 */
typedef void (*SocksExpiredFunc) (gpointer owner);

/**
 * SocksTimerQueue:
 * @timers: (element-type SocksTimer): the running ones, by deadline
 * @duration_ms: how long each of them runs
 * @expired_cb: called when one has run out
 *
 * Timers that all run equally long, so that the one started last ends last and starting
 * and stopping take constant time.
 */
typedef struct
{
  GQueue timers;
  guint duration_ms;
  SocksExpiredFunc expired_cb;
} SocksTimerQueue;

/**
 * SocksTimer:
 * @link: (private): its place in its queue; the data is the owner, %NULL while stopped
 * @deadline_us: (private): when it runs out, in the monotonic clock
 *
 * All zeroes is a stopped timer.
 */
typedef struct
{
  GList link;
  gint64 deadline_us;
} SocksTimer;

#define SOCKS_EVENT_LOOP_MAX_QUEUES 4

/**
 * SocksEventLoop:
 * @epoll_fd: (owned): the epoll instance
 * @alarm: a timerfd (owned) that goes off when the first timer runs out, or before
 * @alarm_us: when it goes off, in the monotonic clock
 * @queues: (unowned): the timers
 * @n_queues: how many
 * @n_turns: how often it has woken up; any thread may read it
 *
 * One thread's descriptors and timers.
 */
typedef struct
{
  int epoll_fd;
  SocksWatch alarm;
  gint64 alarm_us;
  SocksTimerQueue *queues[SOCKS_EVENT_LOOP_MAX_QUEUES];
  guint n_queues;
  _Atomic guint64 n_turns;
} SocksEventLoop;

int socks_event_loop_init (SocksEventLoop *loop);
void socks_event_loop_clear (SocksEventLoop *loop);
void socks_event_loop_turn (SocksEventLoop *loop);

void socks_watch_init (SocksWatch *watch, int fd, SocksReadyFunc ready_cb);
gboolean socks_watch_is_active (const SocksWatch *watch);
int socks_event_loop_watch (SocksEventLoop *loop, SocksWatch *watch, guint32 interest);
void socks_event_loop_unwatch (SocksEventLoop *loop, SocksWatch *watch);

void socks_event_loop_add_timers (SocksEventLoop *loop,
                                  SocksTimerQueue *queue,
                                  guint duration_ms,
                                  SocksExpiredFunc expired_cb);
void socks_timer_start (SocksTimerQueue *queue, SocksTimer *timer, gpointer owner);
gboolean socks_timer_is_running (const SocksTimer *timer);
void socks_timer_stop (SocksTimerQueue *queue, SocksTimer *timer);

G_END_DECLS
