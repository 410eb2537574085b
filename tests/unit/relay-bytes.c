/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Every byte arrives, once, in order, and so does the end. */

#include "relay-world.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static guint64
random_seed (void)
{
  guint64 seed = ((guint64) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();

  g_test_message ("seed %" G_GUINT64_FORMAT, seed);
  return seed;
}

/* Both ways at once, then both ends. */
static void
exchange (Pair *pair, guint64 n_bytes, gsize most_at_once)
{
  guint64 up = random_seed ();
  guint64 down = random_seed ();
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

/* As over a slow link: segments of 536 bytes, and room for a few. */
static void
make_tiny (int fd)
{
  int segment = 536;
  int buffer = 4096;

  g_assert_no_errno (
      setsockopt (fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment));
  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer));
  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer));
}

static void
test_tiny_socket_buffers_only_slow_it_down (void)
{
  World world;
  Pair pair;
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes;

  world_init (&world, NULL);
  make_tiny (world.remote_listener);
  n_bytes = socks_endpoint_to_sockaddr (&world.local, &sockaddr);
  pair.client = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (pair.client);
  make_tiny (pair.client);
  g_assert_no_errno (connect (pair.client, (struct sockaddr *) &sockaddr, n_bytes));
  pair.remote = accept_from (world.remote_listener);

  exchange (&pair, MIB, 32 * 1024);
  pair_clear (&pair);
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
      guint64 seed = random_seed ();
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
  guint64 seed = random_seed ();

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
half_close_and_read (int asking, int answering)
{
  guint64 seed = random_seed ();
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
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < 10; i++)
    {
      world_open_pair (&world, &pair);
      if (i % 2 == 0)
        half_close_and_read (pair.client, pair.remote);
      else
        half_close_and_read (pair.remote, pair.client);
      world_wait_for_streams (&world, 0);
      pair_clear (&pair);
    }
  world_clear (&world);
}

static void
test_the_last_bytes_before_a_close_arrive (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < 400; i++)
    {
      guint64 n_bytes = (guint64) g_test_rand_int_range (4000, 9001);
      guint8 bytes[9001];

      world_open_pair (&world, &pair);
      pattern_fill (i, 0, bytes, n_bytes);
      if (i % 2 == 0)
        {
          send_all (pair.remote, bytes, n_bytes);
          close (pair.remote);
          expect_bytes (pair.client, bytes, n_bytes);
          expect_end (pair.client);
          close (pair.client);
        }
      else
        {
          send_all (pair.client, bytes, n_bytes);
          close (pair.client);
          expect_bytes (pair.remote, bytes, n_bytes);
          expect_end (pair.remote);
          close (pair.remote);
        }
    }
  world_wait_for_streams (&world, 0);
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
  g_test_add_func ("/relay/bytes/tiny-socket-buffers-only-slow-it-down",
                   test_tiny_socket_buffers_only_slow_it_down);
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
  return g_test_run ();
}
