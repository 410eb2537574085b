/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The smallest socket buffers that the kernel allows, in all four sockets of a stream:
 * next to nothing goes at once, and most of what the relay writes is taken in part. The
 * linker puts the function below in front of the C library's (see meson.build); what is
 * accepted has the buffers of the socket that listens. */

#include "relay-world.h"

#include <signal.h>
#include <sys/socket.h>

#define KIB 1024

int __real_socket (int family, int type, int protocol);
int __wrap_socket (int family, int type, int protocol);

int
__wrap_socket (int family, int type, int protocol)
{
  int fd = __real_socket (family, type, protocol);

  g_assert_no_errno (fd);
  make_narrow (fd);
  return fd;
}

static void
check_exchange (World *world, guint64 n_up, guint64 n_down, gsize most_at_once)
{
  guint64 up = pattern_choose_seed ();
  guint64 down = pattern_choose_seed ();
  GThread *client, *remote;
  Pair pair;

  world_open_pair (world, &pair);
  client = pattern_send_in_thread (pair.client, up, n_up, most_at_once);
  remote = pattern_send_in_thread (pair.remote, down, n_down, most_at_once);
  for (guint i = 0; i < 64; i++)
    {
      pattern_expect (pair.remote, up, i * n_up / 64, n_up / 64);
      pattern_expect (pair.client, down, i * n_down / 64, n_down / 64);
    }
  g_thread_join (client);
  g_thread_join (remote);

  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  expect_end (pair.remote);
  g_assert_no_errno (shutdown (pair.remote, SHUT_WR));
  expect_end (pair.client);
  pair_clear (&pair);
}

static void
test_the_smallest_socket_buffers_only_slow_it_down (void)
{
  const guint64 much = PLAIN_OR_SANITIZED (4096, 512) * KIB;
  World world;

  world_init (&world, NULL);
  /* One way, the other way, and both at once; and then in small pieces. */
  check_exchange (&world, much, 0, 32 * KIB);
  check_exchange (&world, 0, much, 32 * KIB);
  check_exchange (&world, much, much, 32 * KIB);
  check_exchange (&world, 64 * KIB, 64 * KIB, 100);
  world_wait_until_quiet (&world);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/narrow/the-smallest-socket-buffers-only-slow-it-down",
                   test_the_smallest_socket_buffers_only_slow_it_down);
  return g_test_run ();
}
