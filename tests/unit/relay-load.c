/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A thousand switches while clients come and go: nobody is refused, nobody reaches a
 * remote that was left before they came, and nobody hears two. */

#include "relay-world.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define N_REMOTES 2
#define N_CLIENTS 4
#define N_SWITCHES 1000

/* More than the two full reads with which bulk begins. */
#define ANSWER_BYTES (96 * 1024)

/* Says its own letter, many times, to all who come. */
typedef struct
{
  int listener;
  SocksEndpoint endpoint;
  char letter;
  GThread *thread;
} Speaker;

typedef struct
{
  SocksEndpoint local;
  gint stops;
  guint n_whole;
  guint n_cut;
} Client;

static gpointer
speak (gpointer data)
{
  Speaker *self = data;
  g_autofree char *answer = g_malloc (ANSWER_BYTES);
  int fd;

  memset (answer, self->letter, ANSWER_BYTES);
  while ((fd = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    {
      struct timeval patience = { .tv_sec = PATIENCE_SEC };

      g_assert_no_errno (
          setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience));
      /* Fails when the stream is cut; then the client sees a reset. */
      while (send (fd, answer, ANSWER_BYTES, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
      close (fd);
    }
  return NULL;
}

/* The letter, if @fd is heard to its end; 0 if it was cut. */
static char
listen_to (int fd)
{
  char bytes[8192];
  gsize n_bytes = 0;
  char letter = 0;

  while (TRUE)
    {
      ssize_t n_read = recv (fd, bytes, sizeof bytes, 0);

      if (n_read < 0)
        {
          g_assert_cmpint (errno, ==, ECONNRESET);
          return 0;
        }
      if (n_read == 0)
        {
          /* What was cut never looks complete. */
          g_assert_cmpuint (n_bytes, ==, ANSWER_BYTES);
          return letter;
        }
      if (letter == 0)
        letter = bytes[0];
      for (ssize_t i = 0; i < n_read; i++)
        g_assert_cmpint (bytes[i], ==, letter);
      n_bytes += (gsize) n_read;
    }
}

static gpointer
come_and_go (gpointer data)
{
  Client *self = data;

  while (!g_atomic_int_get (&self->stops))
    {
      int fd = try_to_connect (&self->local);

      /* A switch may cut it before connect() has returned. */
      if (fd == -ECONNRESET)
        {
          self->n_cut++;
          continue;
        }
      g_assert_cmpint (fd, >=, 0);
      if (listen_to (fd) != 0)
        self->n_whole++;
      else
        self->n_cut++;
      close (fd);
    }
  return NULL;
}

static void
test_switches_under_load_are_exact (void)
{
  World world;
  Speaker speakers[N_REMOTES];
  Client clients[N_CLIENTS];
  GThread *threads[N_CLIENTS];

  world_init (&world, NULL);
  for (guint i = 0; i < N_REMOTES; i++)
    {
      speakers[i].listener = listen_on ("[::1]", 4096, &speakers[i].endpoint);
      speakers[i].letter = (char) ('a' + i);
      speakers[i].thread = g_thread_new ("speaker", speak, &speakers[i]);
    }
  socks_relay_forward_to (world.relay, &speakers[0].endpoint);
  for (guint i = 0; i < N_CLIENTS; i++)
    {
      clients[i] = (Client){ .local = world.local };
      threads[i] = g_thread_new ("client", come_and_go, &clients[i]);
    }

  for (guint i = 0; i < N_SWITCHES; i++)
    {
      Speaker *present = &speakers[i % N_REMOTES];
      int fd;

      socks_relay_forward_to (world.relay, &present->endpoint);
      /* Who comes after that is served by the new remote, and to the end. */
      fd = connect_to (&world.local);
      g_assert_cmpint (listen_to (fd), ==, present->letter);
      close (fd);
    }

  for (guint i = 0; i < N_CLIENTS; i++)
    {
      g_atomic_int_set (&clients[i].stops, TRUE);
      g_thread_join (threads[i]);
      g_test_message ("%u whole, %u cut", clients[i].n_whole, clients[i].n_cut);
    }
  for (guint i = 0; i < N_REMOTES; i++)
    {
      shutdown (speakers[i].listener, SHUT_RDWR);
      g_thread_join (speakers[i].thread);
      close (speakers[i].listener);
    }
  g_assert_cmpuint (world_get_counters (&world).refused_streams, ==, 0);
  world_clear (&world);
}

static void
connect_in_a_row (World *world, guint n_connections)
{
  Pair pair;

  for (guint i = 0; i < n_connections; i++)
    {
      world_open_pair (world, &pair);
      send_all (pair.client, "\5\1", 3);
      expect_bytes (pair.remote, "\5\1", 3);
      send_all (pair.remote, "\5", 2);
      expect_bytes (pair.client, "\5", 2);
      pair_clear (&pair);
    }
  world_wait_for_streams (world, 0);
  world_wait_until_quiet (world);
}

static void
test_a_hundred_thousand_connections_in_a_row_leave_nothing (void)
{
  const guint n_first = 500;
  const guint n_connections = PLAIN_OR_SANITIZED (100000, 5000);
  World world;
  Holdings before, after;

  world_init (&world, NULL);
  /* What is made once is made by these. */
  connect_in_a_row (&world, n_first);
  before = take_stock ();
  connect_in_a_row (&world, n_connections - n_first);
  after = take_stock ();

  g_test_message ("descriptors %u, threads %u; the heap grew by %" G_GSSIZE_FORMAT,
                  after.descriptors, after.threads,
                  (gssize) (after.heap_bytes - before.heap_bytes));
  g_assert_cmpuint (after.descriptors, ==, before.descriptors);
  g_assert_cmpuint (after.threads, ==, before.threads);
  /* Not the size of one stream more: allocators keep some back for each thread. */
  g_assert_cmpuint (after.heap_bytes, <, before.heap_bytes + 16 * 1024);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, n_connections);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, 3 * n_connections);
  g_assert_cmpuint (world_get_counters (&world).bytes_received, ==, 2 * n_connections);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/load/switches-under-load-are-exact",
                   test_switches_under_load_are_exact);
  g_test_add_func (
      "/relay/load/a-hundred-thousand-connections-in-a-row-leave-nothing",
      test_a_hundred_thousand_connections_in_a_row_leave_nothing);
  return g_test_run ();
}
