/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All that the main thread and the workers share: the plan, which only the main thread
 * changes; how far the workers are with it; the events for the main thread; the bells at
 * which the workers are woken; and the places for streams. It does not carry the plan out.
 *
 * The mutex is a pthread one rather than a GMutex so that a race detector understands
 * it. It is held for a few instructions at a time, and on the way of a connection only
 * the two atomics are touched. */

#include "relay/board.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A shortage lasts; an operator needs to read of it once, not with every connection. */
#define SHORTAGE_LOG_INTERVAL_US (10 * G_USEC_PER_SEC)

/**
 * socks_board_init:
 * @board: an uninitialised board
 * @n_workers: how many threads will read the plan
 * @max_streams: how many streams they may have together
 *
 * The first plan is an empty one, and everybody has reached it.
 *
 * Returns: 0, or a negative errno, and then there is nothing to clear
 */
int
socks_board_init (SocksBoard *board, guint n_workers, guint max_streams)
{
  int event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  if (event_fd < 0)
    return -errno;

  *board = (SocksBoard){
    .event_fd = event_fd,
    .n_workers = n_workers,
    .max_streams = max_streams,
    .bells = g_new (int, n_workers),
  };
  for (guint i = 0; i < n_workers; i++)
    board->bells[i] = -1;
  pthread_mutex_init (&board->mutex, NULL);
  return 0;
}

/**
 * socks_board_clear:
 * @board: a board that no worker uses any more
 */
void
socks_board_clear (SocksBoard *board)
{
  g_clear_pointer (&board->plan.listener, socks_listener_unref);
  pthread_mutex_destroy (&board->mutex);
  g_free (board->bells);
  close (board->event_fd);
}

/**
 * socks_board_hang_bell:
 * @board: the board
 * @worker: whose bell it is, from 0
 * @bell: (unowned): an eventfd, or -1 to take it down before it is closed
 */
void
socks_board_hang_bell (SocksBoard *board, guint worker, int bell)
{
  pthread_mutex_lock (&board->mutex);
  board->bells[worker] = bell;
  pthread_mutex_unlock (&board->mutex);
}

/**
 * socks_board_ring:
 * @board: the board
 *
 * Wakes all workers: there is news, or a port to look after.
 */
void
socks_board_ring (SocksBoard *board)
{
  pthread_mutex_lock (&board->mutex);
  for (guint i = 0; i < board->n_workers; i++)
    if (board->bells[i] >= 0)
      eventfd_write (board->bells[i], 1);
  pthread_mutex_unlock (&board->mutex);
}

/* With the mutex held: the descriptor is readable exactly while there are events. */
static void
pin_event (SocksBoard *board, SocksRelayEvents event)
{
  if (board->events == 0)
    eventfd_write (board->event_fd, 1);
  board->events |= event;
}

/* With the mutex held. */
static void
take_events_down (SocksBoard *board, SocksRelayEvents events)
{
  eventfd_t ignored;

  board->events &= ~events;
  if (board->events == 0)
    eventfd_read (board->event_fd, &ignored);
}

/**
 * socks_board_publish:
 * @board: the board
 * @plan: what the relay is to be from now on; the board takes a reference of its own to
 *   the listener
 *
 * Main thread only. Events of the plan before are forgotten. The workers have to be woken
 * after this.
 */
void
socks_board_publish (SocksBoard *board, const SocksPlan *plan)
{
  SocksListener *old;

  if (plan->listener != NULL)
    socks_listener_ref (plan->listener);

  pthread_mutex_lock (&board->mutex);
  old = board->plan.listener;
  take_events_down (board, SOCKS_RELAY_EVENT_SETTLED);
  if (plan->generation != board->plan.generation)
    take_events_down (board, SOCKS_RELAY_EVENT_DIAL_FAILED);
  board->plan = *plan;
  board->n_behind = board->n_workers;
  /* Released with the plan in place: who sees the number finds at least this plan. */
  atomic_fetch_add_explicit (&board->revision, 1, memory_order_release);
  pthread_mutex_unlock (&board->mutex);

  if (old != NULL)
    socks_listener_unref (old);
}

/**
 * socks_board_is_settled:
 * @board: the board
 *
 * Returns: whether all workers have reached the newest plan
 */
gboolean
socks_board_is_settled (SocksBoard *board)
{
  gboolean is_settled;

  pthread_mutex_lock (&board->mutex);
  is_settled = board->n_behind == 0;
  pthread_mutex_unlock (&board->mutex);
  return is_settled;
}

/**
 * socks_board_collect_events:
 * @board: the board
 *
 * Returns: what has happened since the last call
 */
SocksRelayEvents
socks_board_collect_events (SocksBoard *board)
{
  SocksRelayEvents events;

  pthread_mutex_lock (&board->mutex);
  events = board->events;
  take_events_down (board, events);
  pthread_mutex_unlock (&board->mutex);
  return events;
}

/**
 * socks_board_has_news:
 * @board: the board
 * @revision: of the plan that the worker follows
 *
 * Returns: whether there is a newer plan. One that was published before a client
 *   connected is seen by the worker that has accepted that client
 */
gboolean
socks_board_has_news (SocksBoard *board, guint revision)
{
  return atomic_load_explicit (&board->revision, memory_order_acquire) != revision;
}

/**
 * socks_board_read_plan:
 * @board: the board
 * @out_plan: (out caller-allocates): the newest plan, with a reference to its listener
 *   that is the caller's
 *
 * Returns: its revision
 */
guint
socks_board_read_plan (SocksBoard *board, SocksPlan *out_plan)
{
  guint revision;

  pthread_mutex_lock (&board->mutex);
  *out_plan = board->plan;
  if (out_plan->listener != NULL)
    socks_listener_ref (out_plan->listener);
  revision = atomic_load_explicit (&board->revision, memory_order_relaxed);
  pthread_mutex_unlock (&board->mutex);
  return revision;
}

/**
 * socks_board_confirm:
 * @board: the board
 * @revision: of the plan that the calling worker has just reached, once for each
 *
 * When the last worker has reached the newest plan, the relay is settled.
 */
void
socks_board_confirm (SocksBoard *board, guint revision)
{
  pthread_mutex_lock (&board->mutex);
  if (revision == atomic_load_explicit (&board->revision, memory_order_relaxed) &&
      --board->n_behind == 0)
    pin_event (board, SOCKS_RELAY_EVENT_SETTLED);
  pthread_mutex_unlock (&board->mutex);
}

/**
 * socks_board_report_failed_dial:
 * @board: the board
 * @generation: of the stream whose remote could not be reached; if that is not the
 *   present remote any more, nobody wants to know
 */
void
socks_board_report_failed_dial (SocksBoard *board, guint generation)
{
  pthread_mutex_lock (&board->mutex);
  if (generation == board->plan.generation)
    pin_event (board, SOCKS_RELAY_EVENT_DIAL_FAILED);
  pthread_mutex_unlock (&board->mutex);
}

/**
 * socks_board_log_shortage:
 * @board: the board
 * @error_number: an errno
 *
 * Tells the operator that connections have to wait or are lost for want of something,
 * unless that was told in the last ten seconds.
 */
void
socks_board_log_shortage (SocksBoard *board, int error_number)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_due;

  pthread_mutex_lock (&board->mutex);
  is_due = board->shortage_logged_us == 0 ||
           now_us - board->shortage_logged_us >= SHORTAGE_LOG_INTERVAL_US;
  if (is_due)
    board->shortage_logged_us = now_us;
  pthread_mutex_unlock (&board->mutex);

  if (is_due)
    g_warning ("The local port can't take all connections now: %s; raise the limit or "
               "lower the number of connections",
               g_strerror (error_number));
}

/**
 * socks_board_take_place:
 * @board: the board
 *
 * Returns: whether there may be one more stream; if so it is counted from now on
 */
gboolean
socks_board_take_place (SocksBoard *board)
{
  guint n_streams = socks_board_get_n_streams (board);

  /* To add and take back would show others a stream more than there is: one of them might
   * turn away a client for whom a place has just become free. */
  do
    {
      if (n_streams >= board->max_streams)
        return FALSE;
    }
  while (!atomic_compare_exchange_weak_explicit (&board->n_streams, &n_streams,
                                                 n_streams + 1, memory_order_relaxed,
                                                 memory_order_relaxed));
  return TRUE;
}

/**
 * socks_board_give_place:
 * @board: the board
 *
 * A stream's sockets are closed.
 */
void
socks_board_give_place (SocksBoard *board)
{
  atomic_fetch_sub_explicit (&board->n_streams, 1, memory_order_relaxed);
}

/**
 * socks_board_get_n_streams:
 * @board: the board
 *
 * Returns: how many streams hold a place
 */
guint
socks_board_get_n_streams (SocksBoard *board)
{
  return atomic_load_explicit (&board->n_streams, memory_order_relaxed);
}

/**
 * socks_board_has_enough:
 * @board: the board
 * @n_streams: how many streams a worker has
 *
 * There is some room between this and socks_board_has_room(), or workers would take turns
 * at every connection.
 *
 * Returns: whether that is so much more than an equal share of all streams that others
 *   should take the next
 */
gboolean
socks_board_has_enough (SocksBoard *board, guint n_streams)
{
  guint n_all = socks_board_get_n_streams (board);

  return (guint64) n_streams * board->n_workers > n_all + n_all / 8;
}

/**
 * socks_board_has_room:
 * @board: the board
 * @n_streams: how many streams a worker has
 *
 * Returns: whether that is at most an equal share of all streams. Of some worker it is
 *   always true
 */
gboolean
socks_board_has_room (SocksBoard *board, guint n_streams)
{
  return (guint64) n_streams * board->n_workers <= socks_board_get_n_streams (board);
}

/**
 * socks_error_is_shortage:
 * @error_number: an errno
 *
 * Returns: whether it says that this machine is short of something: descriptors, memory,
 *   ports, or whatever it is that epoll is limited by
 */
gboolean
socks_error_is_shortage (int error_number)
{
  switch (error_number)
    {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:
    case EADDRNOTAVAIL:
      return TRUE;
    default:
      return FALSE;
    }
}
