/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* System calls that fail, each in the ways that it can. Whatever fails, and whenever: at
 * most the one connection that it is about is lost, with no wrong byte in it, the others
 * are served, nothing spins, and nothing is left over. */

#include "injected-world.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define N_CLIENTS 3
#define N_BYTES (384 * 1024)

/* Between two attempts to accept, at least. */
#define REST_US (100 * 1000)

/* Failures one after the other; most calls come less often than this. (Many calls are the
 * affair of relay-injected-each.) */
#define MOST_ATTEMPTS 25

/* How many clients were cut when the call with @number, or each, failed; -1 where not
 * even a relay came to be. */
static int
inject (Call call, int error_number, int number)
{
  InjectedWorld world;
  int n_cut = 0;

  g_test_message ("%s, call %d", g_strerror (error_number), number);
  if (!injected_world_init (&world, 1, call, error_number, number))
    return -1;
  injected_world_echo (&world);
  for (guint i = 0; i < N_CLIENTS; i++)
    if (!injected_world_serves (&world, N_BYTES))
      n_cut++;
  injected_world_clear (&world);
  return n_cut;
}

/* Lets the first call fail, then the second, and so on, while there are so many. */
static void
check_each (Call call, int error_number, int most_cut)
{
  int number;

  for (number = 1; number <= MOST_ATTEMPTS; number++)
    {
      int n_cut = inject (call, error_number, number);

      g_assert_cmpint (n_cut, <=, most_cut);
      if (atomic_load (&injection.n_calls) < number)
        break;
    }
  /* Else nothing was tested. */
  g_assert_cmpint (number, >, 1);
}

static void
test_accept4 (void)
{
  check_each (ACCEPT4, ECONNABORTED, 0);
  check_each (ACCEPT4, EMFILE, 0);
  check_each (ACCEPT4, EBADF, 0);
}

/* Lets the port find nothing but a shortage for a while. A client that comes meanwhile
 * waits, and is served when there is enough again. */
static void
check_rest (int error_number)
{
  const int n_attempts = 4;
  InjectedWorld world;
  gint64 began_us = g_get_monotonic_time ();
  int client;

  g_test_message ("%s", g_strerror (error_number));
  g_assert_true (injected_world_init (&world, 1, ACCEPT4, error_number, EVERY_CALL));
  injected_world_echo (&world);
  client = connect_to (&world.world.local);
  WAIT_UNTIL (atomic_load (&injection.n_calls) >= n_attempts);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, (n_attempts - 1) * REST_US);

  atomic_store (&injection.number, NO_CALL);
  send_all (client, "x", 1);
  expect_bytes (client, "x", 1);
  close (client);
  g_assert_cmpuint (relay_warnings_take (), ==, 1);
  injected_world_clear (&world);
}

static void
test_a_shortage_lets_the_port_rest (void)
{
  check_rest (EMFILE);
  check_rest (ENFILE);
  check_rest (ENOBUFS);
  check_rest (ENOMEM);
}

static void
test_socket (void)
{
  check_each (SOCKET, EMFILE, 1);
}

static void
test_connect (void)
{
  check_each (CONNECT, ENETUNREACH, 1);
  check_each (CONNECT, EADDRNOTAVAIL, 1);
  g_assert_cmpint (inject (CONNECT, ENETUNREACH, EVERY_CALL), ==, N_CLIENTS);
}

static void
test_pipe2 (void)
{
  check_each (PIPE2, EMFILE, 0);
  g_assert_cmpint (inject (PIPE2, EMFILE, EVERY_CALL), ==, 0);
}

static void
test_splice (void)
{
  check_each (SPLICE, EAGAIN, 0);
  check_each (SPLICE, EINVAL, 1);
  check_each (SPLICE, EIO, 1);
  /* The first of each stream is into an empty pipe: it goes on without. */
  g_assert_cmpint (inject (SPLICE, EINVAL, 1), ==, 0);
  g_assert_cmpint (inject (SPLICE, ENOMEM, EVERY_CALL), ==, 0);
  g_assert_cmpint (inject (SPLICE, ENOSYS, EVERY_CALL), ==, 0);
}

static void
test_epoll (void)
{
  check_each (EPOLL_CTL, ENOSPC, 1);
  check_each (EPOLL_CTL, ENOMEM, 1);
  check_each (EPOLL_CREATE1, EMFILE, 0);
  check_each (EPOLL_WAIT, EINTR, 0);
}

static void
test_eventfd (void)
{
  check_each (EVENTFD, ENFILE, 0);
}

/* What the other side does to a connection, such as a reset, is tested with real peers. */
static void
test_recv (void)
{
  check_each (RECV, EAGAIN, 0);
  check_each (RECV, EINTR, 0);
  check_each (RECV, ENOMEM, 1);
}

static void
test_send (void)
{
  check_each (SEND, EAGAIN, 0);
  check_each (SEND, EINTR, 0);
  check_each (SEND, ENOBUFS, 1);
  check_each (SEND, ENOMEM, 1);
}

static void
test_getsockname (void)
{
  check_each (GETSOCKNAME, ENOBUFS, 0);
}

static void
test_timerfd_create (void)
{
  check_each (TIMERFD_CREATE, EMFILE, 0);
}

static void
test_setsockopt (void)
{
  check_each (SETSOCKOPT, ENOBUFS, 1);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  relay_warnings_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/injected/accept4", test_accept4);
  g_test_add_func ("/relay/injected/a-shortage-lets-the-port-rest",
                   test_a_shortage_lets_the_port_rest);
  g_test_add_func ("/relay/injected/socket", test_socket);
  g_test_add_func ("/relay/injected/connect", test_connect);
  g_test_add_func ("/relay/injected/pipe2", test_pipe2);
  g_test_add_func ("/relay/injected/splice", test_splice);
  g_test_add_func ("/relay/injected/epoll", test_epoll);
  g_test_add_func ("/relay/injected/eventfd", test_eventfd);
  g_test_add_func ("/relay/injected/recv", test_recv);
  g_test_add_func ("/relay/injected/send", test_send);
  g_test_add_func ("/relay/injected/getsockname", test_getsockname);
  g_test_add_func ("/relay/injected/timerfd-create", test_timerfd_create);
  g_test_add_func ("/relay/injected/setsockopt", test_setsockopt);
  return g_test_run ();
}
