/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who takes a client, each step in a fixed order that real threads would hardly ever
 * take. Of two workers one is real, and held at times by the function below, which the
 * linker puts in front of the C library's (see meson.build); the test is the other. */

#include "relay/worker.h"

#include "relay-world.h"

#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define REAL_WORKER 0

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static _Atomic guint n_held;

int __real_epoll_wait (int epoll, struct epoll_event *events, int n_events, int timeout);
int __wrap_epoll_wait (int epoll, struct epoll_event *events, int n_events, int timeout);

int
__wrap_epoll_wait (int epoll, struct epoll_event *events, int n_events, int timeout)
{
  atomic_fetch_add (&n_held, 1);
  pthread_mutex_lock (&gate);
  atomic_fetch_sub (&n_held, 1);
  pthread_mutex_unlock (&gate);
  return __real_epoll_wait (epoll, events, n_events, timeout);
}

/* The workers share a port; the other one has asked for its clients first, and so it is
 * the one that the kernel tells of them, when it waits for them. */
typedef struct
{
  World world;
  SocksRelayOptions options;
  SocksBoard board;
  SocksListener *listener;
  SocksWorker *worker;
  int other_epoll;
  GThread *other;
  _Atomic pid_t other_id;
} SharedPort;

static void
shared_port_init (SharedPort *self)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
  World *world = &self->world;
  SocksPlan plan = { .forwards = TRUE };
  SocksEndpoint any;

  *self = (SharedPort){ .options = ordinary_options () };
  world->n_descriptors = count_descriptors ();
  world->remote_listener = listen_on ("[::1]", 4, &world->remote);
  g_assert_true (socks_endpoint_parse ("[::]:0", &any, NULL));
  g_assert_cmpint (socks_listener_open (&any, TRUE, &self->listener), ==, 0);
  world->local = self->listener->bound;

  self->other_epoll = epoll_create1 (EPOLL_CLOEXEC);
  g_assert_no_errno (self->other_epoll);
  g_assert_no_errno (
      epoll_ctl (self->other_epoll, EPOLL_CTL_ADD, self->listener->fd, &event));

  g_assert_cmpint (socks_board_init (&self->board, 2, 100), ==, 0);
  g_assert_cmpint (
      socks_worker_new (&self->board, &self->options, REAL_WORKER, &self->worker), ==, 0);
  plan.listener = self->listener;
  plan.remote = world->remote;
  socks_board_publish (&self->board, &plan);
  socks_board_ring (&self->board);
}

static void
shared_port_clear (SharedPort *self)
{
  SocksPlan end = { .generation = 1, .stops = TRUE };

  socks_board_publish (&self->board, &end);
  socks_board_ring (&self->board);
  socks_worker_free (self->worker);
  socks_listener_unref (self->listener);
  socks_board_clear (&self->board);
  close (self->world.remote_listener);
  g_assert_cmpuint (count_descriptors (), ==, self->world.n_descriptors);
}

static void
hold_worker (SharedPort *self)
{
  pthread_mutex_lock (&gate);
  socks_board_ring (&self->board);
  WAIT_UNTIL (atomic_load (&n_held) == 1);
}

static void
let_worker_go (void)
{
  pthread_mutex_unlock (&gate);
}

static gpointer
wait_for_client (gpointer data)
{
  SharedPort *self = data;
  struct epoll_event event;

  atomic_store (&self->other_id, gettid ());
  g_assert_cmpint (__real_epoll_wait (self->other_epoll, &event, 1, PATIENCE_SEC * 1000),
                   ==, 1);
  return NULL;
}

static gboolean
other_sleeps (SharedPort *self)
{
  g_autofree char *path =
      g_strdup_printf ("/proc/self/task/%d/stat", atomic_load (&self->other_id));
  g_autofree char *stat = NULL;

  return g_file_get_contents (path, &stat, NULL, NULL) && strstr (stat, ") S ") != NULL;
}

static void
other_goes_to_the_port (SharedPort *self)
{
  self->other = g_thread_new ("other", wait_for_client, self);
  WAIT_UNTIL (other_sleeps (self));
}

static void
other_is_woken_and_leaves (SharedPort *self)
{
  g_thread_join (self->other);
  close (self->other_epoll);
  socks_board_ring (&self->board);
}

static void
reset_remote (const Pair *pair)
{
  int dialled = pair_find_dialled (pair);
  struct tcp_info info;
  socklen_t n_bytes = sizeof info;

  reset (pair->remote);
  WAIT_UNTIL (getsockopt (dialled, IPPROTO_TCP, TCP_INFO, &info, &n_bytes) == 0 &&
              info.tcpi_state == TCP_CLOSE);
}

/* The worker has enough when it is rung, and has not any more when its turn is over. */
static void
test_a_client_is_taken_by_a_worker_whose_streams_end_as_it_is_rung (void)
{
  SharedPort port;
  Pair first, second;

  shared_port_init (&port);
  g_assert_true (socks_board_take_place (&port.board));
  world_open_pair (&port.world, &first);

  hold_worker (&port);
  socks_board_give_place (&port.board);
  g_assert_true (socks_board_has_enough (&port.board, 1));
  other_goes_to_the_port (&port);
  second.client = connect_to (&port.world.local);
  other_is_woken_and_leaves (&port);
  reset_remote (&first);
  let_worker_go ();

  second.remote = accept_from (port.world.remote_listener);
  close (first.client);
  pair_clear (&second);
  shared_port_clear (&port);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func (
      "/worker/a-client-is-taken-by-a-worker-whose-streams-end-as-it-is-rung",
      test_a_client_is_taken_by_a_worker_whose_streams_end_as_it_is_rung);
  return g_test_run ();
}
