/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Readers that are slow or do not read at all: the writer has to wait, the memory stays
 * bounded, nothing is lost, and in none of the states that a socket can get into does the
 * loop spin. That is seen in its turns. */

#include "relay-world.h"

#include "relay/relay-internal.h"

#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MIB (1024 * 1024)

/* Sends until neither the client's kernel nor the relay nor the remote's kernel takes any
 * more; returns how much that was. */
static guint64
fill_up (World *world, Pair *pair)
{
  guint64 n_bytes = 0;
  guint64 before;

  do
    {
      before = n_bytes;
      n_bytes += pattern_send_until_full (pair->client, 1, n_bytes, G_MAXUINT64);
      world_wait_until_quiet (world);
    }
  while (n_bytes != before);
  return n_bytes;
}

static void
test_a_reader_that_does_not_read_blocks_the_writer (void)
{
  World world;
  Pair pair;
  gsize heap_bytes;
  guint64 n_bytes;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  heap_bytes = take_stock ().heap_bytes;
  n_bytes = fill_up (&world, &pair);

  /* Four socket buffers of some megabytes and a pipe: it is all in the kernel's hands. */
  g_assert_cmpuint (n_bytes, <, 128 * MIB);
  g_assert_cmpuint (take_stock ().heap_bytes, <, heap_bytes + 64 * 1024);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  pattern_expect (pair.remote, 1, 0, n_bytes);
  expect_end (pair.remote);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, n_bytes);
  pair_clear (&pair);
  world_clear (&world);
}

/* The writers always have more; each reader takes a sip in its turn. What the relay holds
 * of each stream is at most one read of the small way. */
static void
test_slow_readers_cost_bounded_memory (void)
{
  const guint64 n_bytes = PLAIN_OR_SANITIZED (16, 4) * MIB;
  const guint64 sip = 32 * 1024;
  const gsize most_bytes = 32 * 1024;
  World world;
  Pair pairs[16];
  GThread *writers[G_N_ELEMENTS (pairs)];
  gsize heap_bytes, most_heap_bytes = 0;

  world_init (&world, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      world_open_pair (&world, &pairs[i]);
      writers[i] = pattern_send_in_thread (pairs[i].client, i, n_bytes, 64 * 1024);
    }
  world_wait_until_quiet (&world);
  heap_bytes = take_stock ().heap_bytes;

  for (guint64 offset = 0; offset < n_bytes; offset += sip)
    for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
      {
        pattern_expect (pairs[i].remote, i, offset, sip);
        most_heap_bytes = MAX (most_heap_bytes, take_stock ().heap_bytes);
      }
  g_test_message ("the heap grew by %" G_GSSIZE_FORMAT " bytes",
                  (gssize) (most_heap_bytes - heap_bytes));
  g_assert_cmpuint (most_heap_bytes, <,
                    heap_bytes + G_N_ELEMENTS (pairs) * most_bytes);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_thread_join (writers[i]);
      pair_clear (&pairs[i]);
    }
  world_clear (&world);
}

static void
test_a_blocked_remote_costs_no_turns (void)
{
  World world;
  Pair blocked, other;
  guint64 n_turns;

  world_init (&world, NULL);
  world_open_pair (&world, &blocked);
  fill_up (&world, &blocked);
  pair_wait_until_grown_up (&blocked);
  world_wait_until_quiet (&world);

  n_turns = socks_relay_count_turns (world.relay);
  world_open_pair (&world, &other);
  send_all (other.client, "x", 1);
  expect_bytes (other.remote, "x", 1);
  /* The bell, the accept, the dial and the byte; each may take a turn of each worker. */
  g_assert_cmpuint (socks_relay_count_turns (world.relay) - n_turns, <=, 10);
  pair_clear (&other);
  pair_clear (&blocked);
  world_clear (&world);
}

/* Fills everything up, then reads so much that the client's kernel has nothing left to
 * send, while bytes still wait in the relay: now an end of file can arrive behind them.
 * Returns how many bytes were sent, and how many read. */
static guint64
block_with_room_to_end (World *world, Pair *pair, guint64 *out_n_read)
{
  const guint64 piece = 64 * 1024;
  guint64 n_bytes = fill_up (world, pair);
  int n_unsent = 0;

  *out_n_read = 0;
  while (TRUE)
    {
      g_assert_no_errno (ioctl (pair->client, SIOCOUTQ, &n_unsent));
      if (n_unsent == 0)
        break;
      pattern_expect (pair->remote, 1, *out_n_read, piece);
      *out_n_read += piece;
      world_wait_until_quiet (world);
    }
  g_assert_cmpuint (world_get_counters (world).bytes_sent, <, n_bytes);
  return n_bytes;
}

/* How many bytes wait in pipes of this process. */
static guint
count_bytes_in_pipes (void)
{
  g_autoptr (GDir) descriptors = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n_bytes = 0;
  const char *name;

  while ((name = g_dir_read_name (descriptors)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (path, NULL);
      int fd = (int) g_ascii_strtoll (name, NULL, 10);
      int n_waiting;

      if (fd > STDERR_FILENO && target != NULL && g_str_has_prefix (target, "pipe:") &&
          ioctl (fd, FIONREAD, &n_waiting) == 0)
        n_bytes += (guint) n_waiting;
    }
  return n_bytes;
}

/* Single bytes that the client's kernel delivers while the relay's pipe is full. A loop
 * that looks at the socket would spin: readable, and nothing to be done. Looking into the
 * pipe instead does not help, for it is full by slots: with one byte in each it is full
 * while it looks empty. */
static void
test_single_bytes_behind_a_full_pipe_cost_no_turns (void)
{
  const guint n_single = 500;
  World world;
  Pair pair;
  guint64 n_bytes, n_read, n_turns;
  int yes = 1;
  int n_unsent;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_no_errno (
      setsockopt (pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  n_bytes = block_with_room_to_end (&world, &pair, &n_read);
  g_assert_cmpuint (count_bytes_in_pipes (), >, 0);
  pair_wait_until_grown_up (&pair);
  world_wait_until_quiet (&world);

  n_turns = socks_relay_count_turns (world.relay);
  for (guint i = 0; i < n_single; i++)
    {
      guint8 byte;

      pattern_fill (1, n_bytes + i, &byte, 1);
      send_all (pair.client, &byte, 1);
    }
  /* They are there, not in the client's kernel. */
  WAIT_UNTIL (ioctl (pair.client, SIOCOUTQ, &n_unsent) == 0 && n_unsent == 0);
  world_wait_until_quiet (&world);
  g_assert_cmpuint (socks_relay_count_turns (world.relay), ==, n_turns);
  g_assert_cmpuint (count_bytes_in_pipes (), >, 0);

  /* Up to where they wait in front, through the pipe too, one by one in its slots. */
  pattern_expect (pair.remote, 1, n_read, n_bytes + n_single - n_read);
  world_wait_until_quiet (&world);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, n_bytes + n_single);
  pair_clear (&pair);
  world_clear (&world);
}

/* The same with room in front, so that they go on one by one. */
static void
test_single_bytes_behind_a_blocked_remote_do_not_make_it_spin (void)
{
  const guint n_bytes = 5000;
  World world;
  Pair pair;
  guint64 n_before, n_turns;
  int yes = 1;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_no_errno (
      setsockopt (pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  n_before = fill_up (&world, &pair);

  /* Make some room in front, for the bytes to come one by one. */
  pattern_expect (pair.remote, 1, 0, n_before - MIB);
  world_wait_until_quiet (&world);
  n_turns = socks_relay_count_turns (world.relay);
  for (guint i = 0; i < n_bytes; i++)
    {
      guint8 byte;

      pattern_fill (1, n_before + i, &byte, 1);
      send_all (pair.client, &byte, 1);
    }
  world_wait_until_quiet (&world);
  n_turns = socks_relay_count_turns (world.relay) - n_turns;
  g_assert_cmpuint (n_turns, <=, 2 * n_bytes);

  pattern_expect (pair.remote, 1, n_before - MIB, MIB + n_bytes);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_a_client_closed_both_ways_behind_a_blocked_remote_loses_nothing (void)
{
  World world;
  Pair pair;
  guint64 n_bytes, n_read, n_turns;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  n_bytes = block_with_room_to_end (&world, &pair, &n_read);

  /* Now the client's socket in the relay reports a hang-up for ever. */
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  g_assert_no_errno (shutdown (pair.remote, SHUT_WR));
  expect_end (pair.client);
  pair_wait_until_grown_up (&pair);
  world_wait_until_quiet (&world);
  n_turns = socks_relay_count_turns (world.relay);
  world_wait_until_quiet (&world);
  g_assert_cmpuint (socks_relay_count_turns (world.relay), ==, n_turns);

  pattern_expect (pair.remote, 1, n_read, n_bytes - n_read);
  expect_end (pair.remote);
  world_wait_for_streams (&world, 0);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_a_client_reset_behind_a_blocked_remote_does_not_spin (void)
{
  World world;
  Pair pair;
  guint64 n_bytes, n_received;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  n_bytes = fill_up (&world, &pair);

  reset (pair.client);
  world_wait_until_quiet (&world);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, 1);

  n_received = pattern_receive_until_reset (pair.remote, 1, 0);
  g_assert_cmpuint (n_received, <=, n_bytes);
  g_assert_cmpuint (n_received, >, 0);
  world_wait_for_streams (&world, 0);
  close (pair.remote);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/stalled/a-reader-that-does-not-read-blocks-the-writer",
                   test_a_reader_that_does_not_read_blocks_the_writer);
  g_test_add_func ("/relay/stalled/slow-readers-cost-bounded-memory",
                   test_slow_readers_cost_bounded_memory);
  g_test_add_func ("/relay/stalled/single-bytes-behind-a-full-pipe-cost-no-turns",
                   test_single_bytes_behind_a_full_pipe_cost_no_turns);
  g_test_add_func (
      "/relay/stalled/single-bytes-behind-a-blocked-remote-do-not-make-it-spin",
      test_single_bytes_behind_a_blocked_remote_do_not_make_it_spin);
  g_test_add_func ("/relay/stalled/a-blocked-remote-costs-no-turns",
                   test_a_blocked_remote_costs_no_turns);
  g_test_add_func (
      "/relay/stalled/a-client-closed-both-ways-behind-a-blocked-remote-loses-nothing",
      test_a_client_closed_both_ways_behind_a_blocked_remote_loses_nothing);
  g_test_add_func ("/relay/stalled/a-client-reset-behind-a-blocked-remote-does-not-spin",
                   test_a_client_reset_behind_a_blocked_remote_does_not_spin);
  return g_test_run ();
}
