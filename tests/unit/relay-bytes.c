/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Every byte arrives, once, in order, and so does the end. */

#include "relay-world.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)

/* Both ways at once, then both ends. */
static void
exchange (Pair *pair, guint64 n_bytes, gsize most_at_once)
{
  guint64 up = pattern_choose_seed ();
  guint64 down = pattern_choose_seed ();
  GThread *client = pattern_send_in_thread (pair->client, up, n_bytes, most_at_once);
  GThread *remote = pattern_send_in_thread (pair->remote, down, n_bytes, most_at_once);

  /* The sums lie far apart, so that each direction has to wait for a reader at times. */
  for (guint64 offset = 0; offset < n_bytes; offset += n_bytes / 4)
    {
      pattern_expect (pair->remote, up, offset, n_bytes / 4);
      pattern_expect (pair->client, down, offset, n_bytes / 4);
    }
  g_thread_join (client);
  g_thread_join (remote);

  g_assert_no_errno (shutdown (pair->client, SHUT_WR));
  expect_end (pair->remote);
  g_assert_no_errno (shutdown (pair->remote, SHUT_WR));
  expect_end (pair->client);
}

static void
test_bulk_both_ways_arrives_as_it_was_sent (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  exchange (&pair, 64 * MIB, 256 * 1024);

  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, 64 * MIB);
  g_assert_cmpuint (world_get_counters (&world).bytes_received, ==, 64 * MIB);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_small_pieces_arrive_as_they_were_sent (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  exchange (&pair, 2 * MIB, 700);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_single_bytes_arrive_as_they_were_sent (void)
{
  World world;
  Pair pair;
  int yes = 1;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_no_errno (
      setsockopt (pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  g_assert_no_errno (
      setsockopt (pair.remote, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes));
  exchange (&pair, 20000, 1);
  pair_clear (&pair);
  world_clear (&world);
}

/* From hardly anything at once to bulk, and each stream in its own way. */
static void
test_pieces_of_random_sizes_arrive_as_they_were_sent (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < PLAIN_OR_SANITIZED (100, 10); i++)
    {
      world_open_pair (&world, &pair);
      exchange (&pair, MIB, (gsize) 1 << g_test_rand_int_range (5, 21));
      pair_clear (&pair);
    }
  world_clear (&world);
}

/* Ping-pong, then bulk, then ping-pong: through both changes of how bytes are moved. */
static void
test_a_stream_may_turn_from_small_to_bulk_and_back (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  for (guint turn = 0; turn < 3; turn++)
    {
      guint64 seed = pattern_choose_seed ();
      GThread *sender;

      for (guint i = 0; i < 200; i++)
        {
          send_all (pair.client, "ping", 4);
          expect_bytes (pair.remote, "ping", 4);
          send_all (pair.remote, "pong", 4);
          expect_bytes (pair.client, "pong", 4);
        }
      sender = pattern_send_in_thread (pair.client, seed, 4 * MIB, MIB);
      pattern_expect (pair.remote, seed, 0, 4 * MIB);
      g_thread_join (sender);
    }
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_parallel_streams_do_not_mix (void)
{
  World world;
  Pair pairs[16];
  GThread *senders[G_N_ELEMENTS (pairs)];
  guint64 seed = pattern_choose_seed ();

  world_init (&world, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      world_open_pair (&world, &pairs[i]);
      senders[i] =
          pattern_send_in_thread (pairs[i].client, seed + i, 2 * MIB, 128 * 1024);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      pattern_expect (pairs[i].remote, seed + i, 0, 2 * MIB);
      g_thread_join (senders[i]);
      pair_clear (&pairs[i]);
    }
  world_clear (&world);
}

/* "Send the request, end it, read the answer", and the other way round. */
static void
half_close_and_read (int asking, int answering, guint64 seed)
{
  GThread *sender;

  send_all (asking, "request", 7);
  g_assert_no_errno (shutdown (asking, SHUT_WR));
  expect_bytes (answering, "request", 7);
  expect_end (answering);

  sender = pattern_send_in_thread (answering, seed, MIB, 64 * 1024);
  pattern_expect (asking, seed, 0, MIB);
  g_thread_join (sender);
  g_assert_no_errno (shutdown (answering, SHUT_WR));
  expect_end (asking);
}

static void
test_each_side_may_end_first_and_go_on_reading (void)
{
  guint64 seed = pattern_choose_seed ();
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < PLAIN_OR_SANITIZED (1000, 50); i++)
    {
      world_open_pair (&world, &pair);
      half_close_and_read (pair.client, pair.remote, seed + 2 * i);
      pair_clear (&pair);

      world_open_pair (&world, &pair);
      half_close_and_read (pair.remote, pair.client, seed + 2 * i + 1);
      pair_clear (&pair);
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

static void
send_and_close (int sending, int receiving, gconstpointer bytes, gsize n_bytes)
{
  send_all (sending, bytes, n_bytes);
  close (sending);
  expect_bytes (receiving, bytes, n_bytes);
  expect_end (receiving);
  close (receiving);
}

static void
test_the_last_bytes_before_a_close_arrive (void)
{
  const guint n_times = PLAIN_OR_SANITIZED (10000, 500);
  guint8 bytes[9000];
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < n_times; i++)
    {
      gsize n_bytes = (gsize) g_test_rand_int_range (4000, sizeof bytes + 1);

      pattern_fill (i, 0, bytes, n_bytes);
      world_open_pair (&world, &pair);
      send_and_close (pair.client, pair.remote, bytes, n_bytes);
      world_open_pair (&world, &pair);
      send_and_close (pair.remote, pair.client, bytes, n_bytes);
    }
  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, 2 * n_times);
  world_clear (&world);
}

static void
test_urgent_bytes_keep_their_place (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  send_all (pair.client, "abc", 3);
  g_assert_cmpint (send (pair.client, "!", 1, MSG_OOB), ==, 1);
  send_all (pair.client, "def", 3);
  expect_bytes (pair.remote, "abc!def", 7);
  pair_clear (&pair);
  world_clear (&world);
}

/* splice() stops in front of an urgent byte and reports an empty socket. */
static void
test_urgent_bytes_keep_their_place_in_bulk (void)
{
  const gsize piece = 100 * 1000;
  g_autofree guint8 *bytes = g_malloc (40 * piece);
  World world;
  Pair pair;
  GThread *reader_of_nothing;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  /* The first bytes make it bulk; the rest is taken from the same sequence. */
  reader_of_nothing = pattern_send_in_thread (pair.client, 1, 4 * MIB, MIB);
  pattern_expect (pair.remote, 1, 0, 4 * MIB);
  g_thread_join (reader_of_nothing);

  pattern_fill (2, 0, bytes, 40 * piece);
  for (gsize i = 0; i < 40; i++)
    {
      send_all (pair.client, bytes + i * piece, piece - 1);
      g_assert_cmpint (send (pair.client, bytes + (i + 1) * piece - 1, 1, MSG_OOB), ==,
                       1);
      if (i % 3 == 0)
        world_wait_until_quiet (&world);
      expect_bytes (pair.remote, bytes + i * piece, piece);
    }
  world_wait_until_quiet (&world);
  pair_clear (&pair);
  world_clear (&world);
}

/* In front of an urgent byte splice() reports the end of file that comes after it. */
static void
test_urgent_bytes_arrive_before_the_end (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < 20; i++)
    {
      GThread *sender;

      world_open_pair (&world, &pair);
      sender = pattern_send_in_thread (pair.client, 1, 4 * MIB, MIB);
      pattern_expect (pair.remote, 1, 0, 4 * MIB);
      g_thread_join (sender);

      send_all (pair.client, "abc", 3);
      g_assert_cmpint (send (pair.client, "!", 1, MSG_OOB), ==, 1);
      send_all (pair.client, "def", 3);
      g_assert_no_errno (shutdown (pair.client, SHUT_WR));
      expect_bytes (pair.remote, "abc!def", 7);
      expect_end (pair.remote);
      pair_clear (&pair);
    }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/bytes/bulk-both-ways-arrives-as-it-was-sent",
                   test_bulk_both_ways_arrives_as_it_was_sent);
  g_test_add_func ("/relay/bytes/small-pieces-arrive-as-they-were-sent",
                   test_small_pieces_arrive_as_they_were_sent);
  g_test_add_func ("/relay/bytes/single-bytes-arrive-as-they-were-sent",
                   test_single_bytes_arrive_as_they_were_sent);
  g_test_add_func ("/relay/bytes/pieces-of-random-sizes-arrive-as-they-were-sent",
                   test_pieces_of_random_sizes_arrive_as_they_were_sent);
  g_test_add_func ("/relay/bytes/a-stream-may-turn-from-small-to-bulk-and-back",
                   test_a_stream_may_turn_from_small_to_bulk_and_back);
  g_test_add_func ("/relay/bytes/parallel-streams-do-not-mix",
                   test_parallel_streams_do_not_mix);
  g_test_add_func ("/relay/bytes/each-side-may-end-first-and-go-on-reading",
                   test_each_side_may_end_first_and_go_on_reading);
  g_test_add_func ("/relay/bytes/the-last-bytes-before-a-close-arrive",
                   test_the_last_bytes_before_a_close_arrive);
  g_test_add_func ("/relay/bytes/urgent-bytes-keep-their-place",
                   test_urgent_bytes_keep_their_place);
  g_test_add_func ("/relay/bytes/urgent-bytes-keep-their-place-in-bulk",
                   test_urgent_bytes_keep_their_place_in_bulk);
  g_test_add_func ("/relay/bytes/urgent-bytes-arrive-before-the-end",
                   test_urgent_bytes_arrive_before_the_end);
  return g_test_run ();
}
