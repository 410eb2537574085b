/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The relay as the rest of the program sees it: what it is to be, and what has come of
 * it. It owns the plan, the local port and the workers; it never touches a stream. All of
 * it runs in the main thread.
 *
 *          main thread           │            worker 0 … n−1, a thread each
 *                                │
 *   listen, forward_to,    ┌─────┴─────┐    ┌───────────────────────────────┐
 *   refuse, close ───────► │   board   │───►│ worker: accepts, follows plan │
 *        SocksPlan         │  plan,    │    │  ├─ event loop: epoll, timers │
 *                          │  revision │    │  ├─ stream ┬─ pump up         │
 *   collect_events  ◄───── │  events   │◄───│  │         └─ pump down       │
 *        eventfd           └─────┬─────┘    │  └─ pipe pool, scratch buffer │
 *                                │          └───────────────────────────────┘
 *
 * There are no commands and no queue of them, only the newest plan: the port, the remote,
 * and whether to forward. A function here changes the plan, hangs it on the board, where
 * that raises the revision, and rings at every worker; nothing waits, and ten changes in
 * a row cost a worker one look. A worker that has reached the newest plan says so, and
 * when the last one has, the relay is settled.
 *
 * A switch of the remote is exact, although each worker gets to know of it at its own
 * time. Each remote has a generation, and so has each stream. A worker that follows a new
 * plan cuts the streams of other generations. And it compares revisions after each
 * accept4(), before it decides what to do with the client. So a client that connects
 * after socks_relay_forward_to() has returned is always accepted under the new plan: it
 * is never sent to the old remote, and it is not cut by that switch. No stream ever sees
 * two remotes, since a stream is dialled once. And no client is refused, for nothing of
 * this touches the port. Refusing for a while and going back to the same remote keeps the
 * generation, and so the streams.
 *
 * The port is one socket that all workers watch, shared by reference. shutdown() on it
 * closes it for all of them in the moment when socks_relay_close() is called; the
 * descriptor lives on until the last worker has let go of it.
 *
 * On the way of a byte there is none of this: a stream belongs to one worker, and needs
 * no lock, no allocation and no other thread. */

#include "relay/relay-internal.h"

#include "relay/board.h"
#include "relay/listener.h"
#include "relay/worker.h"

/* More threads than this had nothing left to do in measurements; the sender and the
 * receiver of a stream need processors, too. */
#define MOST_AUTOMATIC_WORKERS 4

struct _SocksRelay
{
  SocksRelayOptions options; /* the prefixes are (owned) */
  SocksBoard board;
  SocksPlan plan;       /* the listener is (owned) (nullable) */
  gboolean has_remote;  /* whether plan.remote is one, while refusing too */
  GPtrArray *workers;   /* (owned) (element-type SocksWorker) */
};

static void
publish (SocksRelay *self)
{
  socks_board_publish (&self->board, &self->plan);
  socks_board_ring (&self->board);
}

/* After the plan without it was published, so that no worker takes the end of the port
 * for a fault. */
static void
give_up_listener (SocksListener *listener)
{
  socks_listener_shut (listener);
  socks_listener_unref (listener);
}

static void
close_all (SocksRelay *self)
{
  SocksListener *listener = g_steal_pointer (&self->plan.listener);

  self->plan.forwards = FALSE;
  self->plan.generation++;
  self->has_remote = FALSE;
  publish (self);
  if (listener != NULL)
    give_up_listener (listener);
}

static void
free_worker (gpointer worker)
{
  socks_worker_free (worker);
}

/**
 * socks_relay_new:
 * @options: how the relay is to be; copied
 * @out_relay: (out) (transfer full): a relay that does not listen and has no remote;
 *   untouched on failure
 *
 * Starts the workers. Each holds up to %SOCKS_PIPE_POOL_MAX_PIPES pipes beside the two
 * sockets of every stream; the descriptor limit is the caller's to keep. SIGPIPE must be
 * ignored in the whole process: splice() into a reset connection raises it.
 *
 * Returns: 0, or a negative errno
 */
int
socks_relay_new (const SocksRelayOptions *options, SocksRelay **out_relay)
{
  guint n_workers = options->n_workers != 0
                        ? options->n_workers
                        : MIN (g_get_num_processors (), MOST_AUTOMATIC_WORKERS);
  SocksRelay *self = g_aligned_alloc0 (1, sizeof *self, G_ALIGNOF (SocksRelay));
  int result = socks_board_init (&self->board, n_workers, options->max_streams);

  if (result < 0)
    {
      g_aligned_free (self);
      return result;
    }

  self->options = *options;
  self->options.admitted = g_memdup2 (
      options->admitted, options->n_admitted * sizeof *options->admitted);
  self->workers = g_ptr_array_new_with_free_func (free_worker);

  for (guint i = 0; i < n_workers && result == 0; i++)
    {
      SocksWorker *worker;

      result = socks_worker_new (&self->board, &self->options, i, &worker);
      if (result == 0)
        g_ptr_array_add (self->workers, worker);
    }
  if (result < 0)
    {
      socks_relay_free (self);
      return result;
    }

  *out_relay = self;
  return 0;
}

/**
 * socks_relay_free:
 * @relay: (transfer full): a relay
 *
 * Closes the port, resets all streams and ends the workers. This is the one function that
 * waits: for the workers, which take as long as it takes to close their sockets.
 */
void
socks_relay_free (SocksRelay *relay)
{
  relay->plan.stops = TRUE;
  close_all (relay);
  g_ptr_array_unref (relay->workers);
  socks_board_clear (&relay->board);
  g_free ((gpointer) relay->options.admitted);
  g_aligned_free (relay);
}

/**
 * socks_relay_listen:
 * @relay: a relay
 * @local: where to listen; `[::]` takes IPv4 too, and with port 0 the kernel chooses one
 *
 * Opens the local port. Connections are accepted from now on; until there is a remote
 * they are closed at once. Where the relay listens on @local already, that is success and
 * changes nothing; where it listens on another address, that port is closed in exchange,
 * and streams go on. On failure everything stays as it is.
 *
 * Returns: 0, or a negative errno: `-EADDRINUSE` where another program has the port, see
 *   socks_port_holder_describe(); `-EADDRNOTAVAIL` where this machine has no such
 *   address; `-EAFNOSUPPORT` for IPv6 where it is switched off; `-EACCES` or `-EPERM`
 *   where the port, or binding to the loopback device, needs a privilege
 */
int
socks_relay_listen (SocksRelay *relay, const SocksEndpoint *local)
{
  SocksListener *old = relay->plan.listener;
  SocksListener *listener;
  int result;

  if (old != NULL && (socks_endpoint_equal (local, &old->asked) ||
                      socks_endpoint_equal (local, &old->bound)))
    {
      publish (relay);
      return 0;
    }

  result = socks_listener_open (local, relay->options.local_only, &listener);
  if (result < 0)
    return result;

  relay->plan.listener = listener;
  publish (relay);
  if (old != NULL)
    give_up_listener (old);
  return 0;
}

/**
 * socks_relay_get_local:
 * @relay: a relay
 * @out_local: (out): where it listens, with the port that the kernel chose where 0 was
 *   asked for; untouched where it does not listen
 *
 * Returns: whether it listens
 */
gboolean
socks_relay_get_local (SocksRelay *relay, SocksEndpoint *out_local)
{
  if (relay->plan.listener == NULL)
    return FALSE;
  *out_local = relay->plan.listener->bound;
  return TRUE;
}

/**
 * socks_relay_forward_to:
 * @relay: a relay
 * @remote: where to forward connections from now on
 *
 * A connection made after this returned goes to @remote. Streams to another remote are
 * reset on both sides; streams to @remote go on, also where the relay refused connections
 * in the meantime.
 */
void
socks_relay_forward_to (SocksRelay *relay, const SocksEndpoint *remote)
{
  if (!relay->has_remote || !socks_endpoint_equal (&relay->plan.remote, remote))
    relay->plan.generation++;
  relay->has_remote = TRUE;
  relay->plan.remote = *remote;
  relay->plan.forwards = TRUE;
  publish (relay);
}

/**
 * socks_relay_refuse:
 * @relay: a relay
 *
 * From now on connections are accepted and closed at once. Streams go on.
 */
void
socks_relay_refuse (SocksRelay *relay)
{
  relay->plan.forwards = FALSE;
  publish (relay);
}

/**
 * socks_relay_close:
 * @relay: a relay
 *
 * Closes the port: when this returns nobody can connect any more, and the relay can
 * listen on it again. Connections that were not accepted yet and all streams are reset,
 * and the remote is forgotten.
 *
 * The port is free for other programs when the relay has settled.
 */
void
socks_relay_close (SocksRelay *relay)
{
  close_all (relay);
}

/**
 * socks_relay_is_settled:
 * @relay: a relay
 *
 * Returns: whether the workers have reached the desired state
 */
gboolean
socks_relay_is_settled (SocksRelay *relay)
{
  return socks_board_is_settled (&relay->board);
}

/**
 * socks_relay_get_event_fd:
 * @relay: a relay
 *
 * Returns: (transfer none): a descriptor to poll: readable while there are events to
 *   collect. It belongs to the relay, and nothing may be read from it
 */
int
socks_relay_get_event_fd (SocksRelay *relay)
{
  return relay->board.event_fd;
}

/**
 * socks_relay_collect_events:
 * @relay: a relay
 *
 * Each call of socks_relay_listen() that succeeds and each of socks_relay_forward_to(),
 * socks_relay_refuse() and socks_relay_close() is followed by a
 * %SOCKS_RELAY_EVENT_SETTLED, several in a row by one.
 *
 * Returns: what has happened since the last call; events of a state that is not desired
 *   any more, or of a former remote, are left out
 */
SocksRelayEvents
socks_relay_collect_events (SocksRelay *relay)
{
  return socks_board_collect_events (&relay->board);
}

/**
 * socks_relay_get_counters:
 * @relay: a relay
 * @out_counters: (out): the counters
 *
 * The numbers are read one after the other while the workers go on.
 */
void
socks_relay_get_counters (SocksRelay *relay, SocksRelayCounters *out_counters)
{
  *out_counters = (SocksRelayCounters){
    .active_streams = socks_board_get_n_streams (&relay->board),
  };
  for (guint i = 0; i < relay->workers->len; i++)
    socks_worker_add_counters (g_ptr_array_index (relay->workers, i), out_counters);
}

/**
 * socks_relay_get_counters_of:
 * @relay: a relay
 * @worker: which of its workers, from 0
 * @out_counters: (out): what that worker has counted, without the active streams
 */
void
socks_relay_get_counters_of (SocksRelay *relay,
                             guint worker,
                             SocksRelayCounters *out_counters)
{
  *out_counters = (SocksRelayCounters){ 0 };
  socks_worker_add_counters (g_ptr_array_index (relay->workers, worker), out_counters);
}

/**
 * socks_relay_count_turns:
 * @relay: a relay
 *
 * Returns: how often its workers have woken up
 */
guint64
socks_relay_count_turns (SocksRelay *relay)
{
  guint64 n_turns = 0;

  for (guint i = 0; i < relay->workers->len; i++)
    n_turns += socks_worker_count_turns (g_ptr_array_index (relay->workers, i));
  return n_turns;
}
