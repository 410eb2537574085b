/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One thread of the relay: it accepts from the port that all workers share, starts
 * streams, and follows the plan. It owns its loop and its streams. What the plan is and
 * which networks may connect is decided elsewhere.
 *
 * socks_worker_new(), _free() and the counts are for the main thread, all the
 * rest runs in the worker's own.
 *
 * The plan is looked at in two places: when the main thread has rung, and after every
 * accept4(), before the client is sent anywhere. So a client that connects after the main
 * thread has changed the plan is served by the new plan, no matter how the two wake-ups
 * of this thread are ordered: that is what makes a switch exact.
 *
 * Who accepts. The kernel wakes the first of the workers that wait for a connection, and
 * a busy one takes all that it finds: of 32 downloads one worker had up to 32, and the
 * other processors nothing to do. So a worker with enough leaves the port to the others,
 * and rings at them: they may have left it too, and sleep, or wait at it and not know of
 * the client for whom this one was woken. It is back when it has room again. Somebody
 * always has room: whoever has the fewest streams. Short connections do
 * not suffer: 1.18 × HAProxy's rate in place of 1.19. */

#include "relay/worker.h"

#include "core/prefix.h"
#include "relay/event-loop.h"
#include "relay/socket.h"
#include "relay/stream.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_PER_EVENT 64
#define REST_MS 100
#define DIAL_TIMEOUT_MS (10 * 1000)
#define HALF_CLOSED_TIMEOUT_MS (60 * 60 * 1000)

struct _SocksWorker
{
  SocksBoard *board;                /* (unowned) */
  const SocksRelayOptions *options; /* (unowned) */
  guint number;
  GThread *thread; /* (owned) */
  SocksEventLoop loop;
  SocksWatch bell; /* an eventfd (owned) */
  SocksPlan plan;  /* the one followed; the listener is (owned) (nullable) */
  guint revision;  /* of that plan */
  SocksWatch port; /* the plan's listener */
  SocksTimerQueue resting;
  SocksTimer rest; /* while the port is not watched for want of something */
  SocksStreamHome home;
};

static void
rest_from_accepting (SocksWorker *self, int error_number)
{
  socks_event_loop_unwatch (&self->loop, &self->port);
  socks_timer_start (&self->resting, &self->rest, self);
  socks_board_log_shortage (self->board, error_number);
}

static void
watch_port (SocksWorker *self)
{
  /* Exclusive: one connection is to wake one worker, not all. */
  int result =
      socks_event_loop_watch (&self->loop, &self->port, EPOLLIN | EPOLLEXCLUSIVE);

  if (result < 0)
    rest_from_accepting (self, -result);
}

static void
rested_cb (gpointer owner)
{
  watch_port (owner);
}

/* Whether the client is the remote, which would get back what it sends. Of two nodes that
 * chose each other, one client would otherwise go round until both are full. A program of
 * this machine may use a proxy of this machine. */
static gboolean
is_remote_itself (SocksWorker *self, int fd, const struct in6_addr *client)
{
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes = sizeof sockaddr;
  SocksEndpoint local;

  if (socks_address_is_loopback (client) ||
      memcmp (client, &self->plan.remote.address, sizeof *client) != 0)
    return FALSE;
  if (getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes) < 0)
    return TRUE;
  socks_endpoint_from_sockaddr (&sockaddr, &local);
  return memcmp (client, &local.address, sizeof *client) != 0;
}

static gboolean
is_admitted (SocksWorker *self, int fd, const struct sockaddr_storage *peer)
{
  SocksEndpoint client;

  if (self->options->local_only)
    return TRUE;
  socks_endpoint_from_sockaddr (peer, &client);
  return socks_prefixes_admit (self->options->admitted, self->options->n_admitted,
                               &client.address) &&
         !is_remote_itself (self, fd, &client.address);
}

static void
receive_client (SocksWorker *self, int fd, const struct sockaddr_storage *peer)
{
  if (self->plan.forwards && is_admitted (self, fd, peer) &&
      socks_board_take_place (self->board))
    {
      socks_tally_add (&self->home.tally.total_streams, 1);
      socks_stream_start (&self->home, fd, &self->plan.remote, self->plan.generation);
    }
  else
    {
      socks_tally_add (&self->home.tally.refused_streams, 1);
      /* Where the port was closed while this one was accepted, it ends as those do that
       * still were in the queue. */
      socks_socket_close (fd, self->plan.listener != NULL ? SOCKS_CLOSING_PLAIN
                                                          : SOCKS_CLOSING_RESET);
    }
}

/* Whether to try the next connection after accept4() failed. */
static gboolean
goes_on_after_error (SocksWorker *self, int error_number)
{
  if (socks_error_is_of_client (error_number))
    return TRUE;
  if (error_number != EAGAIN)
    rest_from_accepting (self, error_number);
  return FALSE;
}

static void
follow_newest_plan (SocksWorker *self)
{
  SocksListener *old = self->plan.listener;
  gboolean is_same_port;

  self->revision = socks_board_read_plan (self->board, &self->plan);

  is_same_port = self->plan.listener == old;
  if (!is_same_port)
    {
      socks_event_loop_unwatch (&self->loop, &self->port);
      socks_timer_stop (&self->resting, &self->rest);
    }
  if (old != NULL)
    socks_listener_unref (old);
  if (!is_same_port && self->plan.listener != NULL)
    {
      self->port.fd = self->plan.listener->fd;
      watch_port (self);
    }

  socks_stream_home_cut_older (&self->home, self->plan.generation);
  socks_board_confirm (self->board, self->revision);
}

/* Leaves the port to the others if this worker has enough. To pass a client by and stay
 * would not do: nobody else may know of him, and when this worker is asked again, streams
 * of its own may have ended. */
static gboolean
leaves_port (SocksWorker *self)
{
  if (!socks_board_has_enough (self->board, self->home.live.length))
    return FALSE;
  socks_event_loop_unwatch (&self->loop, &self->port);
  socks_board_ring (self->board);
  return TRUE;
}

/* After each turn: watches the port exactly if this worker is to. */
static void
share_port (SocksWorker *self)
{
  if (self->plan.listener == NULL || socks_timer_is_running (&self->rest))
    return;
  if (socks_watch_is_active (&self->port))
    leaves_port (self);
  else if (socks_board_has_room (self->board, self->home.live.length))
    watch_port (self);
}

static void
accept_clients (SocksWorker *self)
{
  SocksListener *listener = self->plan.listener;

  /* A newer plan may have another port, or none. */
  for (guint i = 0; i < ACCEPTS_PER_EVENT && self->plan.listener == listener &&
                    !leaves_port (self);
       i++)
    {
      struct sockaddr_storage peer;
      socklen_t n_bytes = sizeof peer;
      int fd = accept4 (self->port.fd, (struct sockaddr *) &peer, &n_bytes,
                        SOCK_NONBLOCK | SOCK_CLOEXEC);
      int error_number = errno;

      /* A port is shut after the plan without it was published, so that the EINVAL of
       * accept4() never gets further than this. */
      if (socks_board_has_news (self->board, self->revision))
        follow_newest_plan (self);

      if (fd >= 0)
        receive_client (self, fd, &peer);
      else if (self->plan.listener == listener &&
               !goes_on_after_error (self, error_number))
        return;
    }
}

static void
port_is_ready_cb (SocksWatch *watch, guint32 events)
{
  SocksWorker *self =
      (SocksWorker *) ((char *) watch - offsetof (SocksWorker, port));

  accept_clients (self);
}

static void
bell_rings_cb (SocksWatch *watch, guint32 events)
{
  SocksWorker *self =
      (SocksWorker *) ((char *) watch - offsetof (SocksWorker, bell));
  eventfd_t ignored;

  eventfd_read (watch->fd, &ignored);
  if (socks_board_has_news (self->board, self->revision))
    follow_newest_plan (self);
  /* Whoever left the port may have been the only one whom the kernel told of a client. */
  if (socks_watch_is_active (&self->port))
    accept_clients (self);
}

static gpointer
run (gpointer data)
{
  SocksWorker *self = data;

  while (!self->plan.stops)
    {
      socks_event_loop_turn (&self->loop);
      socks_stream_home_free_dead (&self->home);
      share_port (self);
    }
  return NULL;
}

/* Signals are for the main thread: a worker's system calls are never interrupted, and a
 * handler never runs where its author did not expect it. */
static int
start_thread (SocksWorker *self)
{
  g_autofree char *name = g_strdup_printf ("relay-%u", self->number);
  sigset_t all, before;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  self->thread = g_thread_try_new (name, run, self, NULL);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return self->thread != NULL ? 0 : -EAGAIN;
}

static void
free_without_thread (SocksWorker *self)
{
  socks_stream_home_clear (&self->home);
  socks_board_hang_bell (self->board, self->number, -1);
  socks_event_loop_unwatch (&self->loop, &self->bell);
  if (self->bell.fd >= 0)
    close (self->bell.fd);
  socks_event_loop_clear (&self->loop);
  g_aligned_free (self);
}

/**
 * socks_worker_new:
 * @board: the board; must outlive the worker
 * @options: how it is to be; must outlive the worker
 * @number: which one, from 0
 * @out_worker: (out) (transfer full): the worker; untouched on failure
 *
 * Starts a worker. It follows an empty plan until the board rings.
 *
 * Returns: 0, or a negative errno
 */
int
socks_worker_new (SocksBoard *board,
                  const SocksRelayOptions *options,
                  guint number,
                  SocksWorker **out_worker)
{
  SocksWorker *self = g_aligned_alloc0 (1, sizeof *self, G_ALIGNOF (SocksWorker));
  int result = socks_event_loop_init (&self->loop);

  if (result < 0)
    {
      g_aligned_free (self);
      return result;
    }

  self->board = board;
  self->options = options;
  self->number = number;
  socks_watch_init (&self->port, -1, port_is_ready_cb);
  socks_event_loop_add_timers (&self->loop, &self->resting, REST_MS, rested_cb);
  socks_stream_home_init (&self->home, &self->loop, board,
                          options->dial_timeout_ms != 0 ? options->dial_timeout_ms
                                                        : DIAL_TIMEOUT_MS,
                          options->half_closed_timeout_ms != 0
                              ? options->half_closed_timeout_ms
                              : HALF_CLOSED_TIMEOUT_MS);

  socks_watch_init (&self->bell, eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK), bell_rings_cb);
  if (self->bell.fd < 0)
    result = -errno;
  if (result == 0)
    result = socks_event_loop_watch (&self->loop, &self->bell, EPOLLIN);
  if (result == 0)
    {
      socks_board_hang_bell (board, number, self->bell.fd);
      result = start_thread (self);
    }
  if (result < 0)
    {
      free_without_thread (self);
      return result;
    }

  *out_worker = self;
  return 0;
}

/**
 * socks_worker_free:
 * @worker: (transfer full): a worker; the plan must say that it stops, and the board have
 *   rung since
 *
 * Waits for the worker's end, which takes as long as closing its streams.
 */
void
socks_worker_free (SocksWorker *worker)
{
  g_thread_join (worker->thread);
  free_without_thread (worker);
}

/**
 * socks_worker_add_counters:
 * @worker: a worker
 * @counters: (inout): raised by what the worker has counted; the active streams, which
 *   the board knows, are left alone
 */
void
socks_worker_add_counters (SocksWorker *worker, SocksRelayCounters *counters)
{
  SocksTally *tally = &worker->home.tally;

  counters->total_streams +=
      atomic_load_explicit (&tally->total_streams, memory_order_relaxed);
  counters->refused_streams +=
      atomic_load_explicit (&tally->refused_streams, memory_order_relaxed);
  counters->failed_dials +=
      atomic_load_explicit (&tally->failed_dials, memory_order_relaxed);
  counters->bytes_sent += atomic_load_explicit (&tally->bytes_sent, memory_order_relaxed);
  counters->bytes_received +=
      atomic_load_explicit (&tally->bytes_received, memory_order_relaxed);
}

/**
 * socks_worker_count_turns:
 * @worker: a worker
 *
 * Returns: how often it has woken up
 */
guint64
socks_worker_count_turns (SocksWorker *worker)
{
  return atomic_load_explicit (&worker->loop.n_turns, memory_order_relaxed);
}
