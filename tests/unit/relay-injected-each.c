/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The first call fails, in the next relay the second one, and so on to the two-hundredth;
 * the errors take turns. One connection may be lost by that, or the relay may fail to
 * start; the others are served as if nothing had been. */

#include "injected-world.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

/* A stream that has moved so much splices, if it ever will. */
#define MOST_BEFORE_PIPE (128 * 1024)

#define N_CALLS PLAIN_OR_SANITIZED (200, 20)

typedef struct
{
  const int *error_numbers;
  gsize n_error_numbers;
} Errors;

#define ERRORS(...)                                                                      \
  (Errors){ (const int[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const int[]){ __VA_ARGS__ })) }

/* Goes on until the call that is to fail has been made; returns how many were cut. */
typedef guint (*UseFunc) (InjectedWorld *world);

static gboolean
call_was_made (void)
{
  return atomic_load (&injection.n_calls) >= injection.number;
}

/* Returns in how many of the runs a relay came to be. */
static guint
fail_each (Call call, Errors errors, guint n_workers, UseFunc use)
{
  guint n_started = 0;

  for (int number = 1; number <= N_CALLS; number++)
    {
      InjectedWorld world;
      int error_number = errors.error_numbers[number % errors.n_error_numbers];

      if (injected_world_init (&world, n_workers, call, error_number, number))
        {
          g_assert_cmpuint (use (&world), <=, 1);
          injected_world_clear (&world);
          n_started++;
        }
      g_assert_true (call_was_made ());
    }
  return n_started;
}

/* Whether a greeting is answered. */
static gboolean
visit (InjectedWorld *world)
{
  const guint8 greeting[] = { 5, 1, 0 };
  guint8 answer[sizeof greeting];
  int fd = connect_to (&world->world.local);
  ssize_t n_read = -1;

  if (send (fd, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting)
    n_read = recv (fd, answer, sizeof answer, MSG_WAITALL);
  if (n_read < 0)
    g_assert_cmpint (errno, !=, EAGAIN);
  if (n_read > 0)
    g_assert_cmpmem (answer, n_read, greeting, sizeof greeting);
  close (fd);
  return n_read > 0;
}

static guint
use_for_visits (InjectedWorld *world)
{
  guint n_cut = 0;

  injected_world_echo (world);
  while (!call_was_made ())
    if (!visit (world))
      n_cut++;
  for (guint i = 0; i < 3; i++)
    if (!visit (world))
      n_cut++;
  return n_cut;
}

static guint
use_for_bulk (InjectedWorld *world)
{
  guint n_cut = 0;

  injected_world_echo (world);
  do
    if (!injected_world_serves (world, 512 * 1024))
      n_cut++;
  while (!call_was_made ());
  if (!injected_world_serves (world, 512 * 1024))
    n_cut++;
  return n_cut;
}

/* Each stream takes a pipe, and ends with bytes in it, so that the next one needs a new
 * pipe. Where one ended with an empty pipe, the pool has it, and a stream that takes it
 * makes no call; that one is held, pipe and all. Without a pipe nothing is lost. */
static guint
use_for_stalls (InjectedWorld *world)
{
  g_autoptr (GArray) held = g_array_new (FALSE, FALSE, sizeof (Pair));

  make_narrow (world->world.remote_listener);
  while (!call_was_made ())
    {
      guint64 n_sent = 0, n_read = 0;
      int n_calls = atomic_load (&injection.n_calls);
      Pair pair;

      world_open_pair (&world->world, &pair);
      while (atomic_load (&injection.n_calls) == n_calls && n_read < MOST_BEFORE_PIPE)
        {
          n_sent += pattern_send_until_full (pair.client, 7, n_sent, 64 * 1024);
          pattern_expect (pair.remote, 7, n_read, 1024);
          n_read += 1024;
        }
      if (call_was_made ())
        pattern_expect (pair.remote, 7, n_read, n_sent - n_read);
      if (atomic_load (&injection.n_calls) == n_calls)
        {
          g_array_append_val (held, pair);
          continue;
        }
      reset (pair.remote);
      expect_reset (pair.client);
      close (pair.client);
    }
  for (guint i = 0; i < held->len; i++)
    {
      Pair *pair = &g_array_index (held, Pair, i);

      reset (pair->remote);
      expect_reset (pair->client);
      close (pair->client);
    }
  return 0;
}

static guint
use_for_nothing (InjectedWorld *world)
{
  return 0;
}

/* With a shortage, the first four, the port rests for a tenth of a second. */
static void
test_accept4 (void)
{
  fail_each (ACCEPT4,
             ERRORS (EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EPROTO, EINTR, EPERM,
                     ENETDOWN, ENETUNREACH, ENONET, EHOSTUNREACH, EOPNOTSUPP),
             1, use_for_visits);
}

/* The first one is the port's. */
static void
test_socket (void)
{
  guint n_started = fail_each (SOCKET, ERRORS (EMFILE, ENFILE, ENOBUFS, ENOMEM), 1,
                               use_for_visits);

  g_assert_cmpuint (n_started, ==, N_CALLS - 1);
}

static void
test_connect (void)
{
  fail_each (CONNECT, ERRORS (ENETUNREACH, EADDRNOTAVAIL, ECONNREFUSED, EPERM), 1,
             use_for_visits);
}

static void
test_epoll_ctl (void)
{
  fail_each (EPOLL_CTL, ERRORS (ENOSPC, ENOMEM), 1, use_for_visits);
}

static void
test_splice (void)
{
  fail_each (SPLICE, ERRORS (EAGAIN, EINVAL, ENOMEM, EIO), 1, use_for_bulk);
}

static void
test_pipe2 (void)
{
  fail_each (PIPE2, ERRORS (EMFILE, ENFILE), 1, use_for_stalls);
}

/* One is the relay's, and one each worker's. */
static void
test_eventfd (void)
{
  guint n_started = fail_each (EVENTFD, ERRORS (EMFILE, ENFILE, ENOMEM),
                               (guint) N_CALLS - 1, use_for_nothing);

  g_assert_cmpuint (n_started, ==, 0);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  relay_warnings_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/injected-each/accept4", test_accept4);
  g_test_add_func ("/relay/injected-each/socket", test_socket);
  g_test_add_func ("/relay/injected-each/connect", test_connect);
  g_test_add_func ("/relay/injected-each/epoll-ctl", test_epoll_ctl);
  g_test_add_func ("/relay/injected-each/splice", test_splice);
  g_test_add_func ("/relay/injected-each/pipe2", test_pipe2);
  g_test_add_func ("/relay/injected-each/eventfd", test_eventfd);
  return g_test_run ();
}
