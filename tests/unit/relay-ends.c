/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Resets, blocked sides, and the states of a socket in which a loop could spin. */

#include "relay-world.h"

#include "relay/relay-internal.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static void
test_a_reset_reaches_the_other_side (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < 50; i++)
    {
      world_open_pair (&world, &pair);
      send_all (pair.client, "x", 1);
      expect_bytes (pair.remote, "x", 1);
      if (i % 2 == 0)
        {
          reset (pair.client);
          expect_reset (pair.remote);
          close (pair.remote);
        }
      else
        {
          reset (pair.remote);
          expect_reset (pair.client);
          close (pair.client);
        }
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

/* After an end of file recv() goes on to tell of that; the error shows elsewhere. */
static void
expect_reset_after_end (int fd)
{
  struct pollfd poller = { .fd = fd };
  int error_number = 0;
  socklen_t n_bytes = sizeof error_number;

  g_assert_cmpint (poll (&poller, 1, PATIENCE_SEC * 1000), ==, 1);
  g_assert_no_errno (getsockopt (fd, SOL_SOCKET, SO_ERROR, &error_number, &n_bytes));
  g_assert_cmpint (error_number, ==, EPIPE);
}

static void
test_a_reset_after_an_end_is_passed_on (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  expect_end (pair.remote);
  reset (pair.client);
  expect_reset_after_end (pair.remote);
  close (pair.remote);

  world_open_pair (&world, &pair);
  g_assert_no_errno (shutdown (pair.remote, SHUT_WR));
  expect_end (pair.client);
  reset (pair.remote);
  expect_reset_after_end (pair.client);
  close (pair.client);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

static void
test_bytes_before_a_reset_arrive (void)
{
  guint8 bytes[8000];
  World world;
  Pair pair;

  pattern_fill (1, 0, bytes, sizeof bytes);
  world_init (&world, NULL);
  for (guint i = 0; i < 200; i++)
    {
      world_open_pair (&world, &pair);
      send_all (pair.remote, bytes, sizeof bytes);
      reset (pair.remote);
      expect_bytes (pair.client, bytes, sizeof bytes);
      expect_reset (pair.client);
      close (pair.client);
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

/* An HTTP server does this with "413 Content Too Large". */
static void
test_an_answer_before_a_reset_arrives_while_the_client_is_sending (void)
{
  guint8 answer[5000];
  World world;
  Pair pair;

  pattern_fill (1, 0, answer, sizeof answer);
  world_init (&world, NULL);
  for (guint i = 0; i < 20; i++)
    {
      world_open_pair (&world, &pair);
      pattern_send_until_full (pair.client, 2, 0);
      send_all (pair.remote, answer, sizeof answer);
      close (pair.remote); /* with bytes unread: a reset */
      expect_bytes (pair.client, answer, sizeof answer);
      expect_reset (pair.client);
      close (pair.client);
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

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
      n_bytes += pattern_send_until_full (pair->client, 1, n_bytes);
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
  guint64 n_bytes;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  n_bytes = fill_up (&world, &pair);

  /* Four socket buffers of some megabytes and a pipe: it is all in the kernel's hands. */
  g_assert_cmpuint (n_bytes, <, 128 * MIB);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  pattern_expect (pair.remote, 1, 0, n_bytes);
  expect_end (pair.remote);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, n_bytes);
  pair_clear (&pair);
  world_clear (&world);
}

/* A pipe is full by slots: with one byte in each, it is full while it looks empty. */
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
test_a_blocked_remote_costs_no_turns (void)
{
  World world;
  Pair blocked, other;
  guint64 n_turns;

  world_init (&world, NULL);
  world_open_pair (&world, &blocked);
  fill_up (&world, &blocked);

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

  n_received = pattern_receive_until_reset (pair.remote, 1);
  g_assert_cmpuint (n_received, <=, n_bytes);
  g_assert_cmpuint (n_received, >, 0);
  world_wait_for_streams (&world, 0);
  close (pair.remote);
  world_clear (&world);
}

static void
test_a_half_closed_stream_is_reset_after_its_time (void)
{
  SocksRelayOptions options = ordinary_options ();
  World world;
  Pair open, client_ended, remote_ended;

  options.half_closed_timeout_ms = 30;
  world_init (&world, &options);
  world_open_pair (&world, &open);
  world_open_pair (&world, &client_ended);
  world_open_pair (&world, &remote_ended);
  g_assert_no_errno (shutdown (client_ended.client, SHUT_WR));
  g_assert_no_errno (shutdown (remote_ended.remote, SHUT_WR));
  expect_end (client_ended.remote);
  expect_end (remote_ended.client);

  expect_reset (client_ended.client);
  expect_reset (remote_ended.remote);
  world_wait_for_streams (&world, 1);
  send_all (open.client, "x", 1);
  expect_bytes (open.remote, "x", 1);
  pair_clear (&open);
  pair_clear (&client_ended);
  pair_clear (&remote_ended);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/ends/a-reset-reaches-the-other-side",
                   test_a_reset_reaches_the_other_side);
  g_test_add_func ("/relay/ends/a-reset-after-an-end-is-passed-on",
                   test_a_reset_after_an_end_is_passed_on);
  g_test_add_func ("/relay/ends/bytes-before-a-reset-arrive",
                   test_bytes_before_a_reset_arrive);
  g_test_add_func (
      "/relay/ends/an-answer-before-a-reset-arrives-while-the-client-is-sending",
      test_an_answer_before_a_reset_arrives_while_the_client_is_sending);
  g_test_add_func ("/relay/ends/a-reader-that-does-not-read-blocks-the-writer",
                   test_a_reader_that_does_not_read_blocks_the_writer);
  g_test_add_func (
      "/relay/ends/single-bytes-behind-a-blocked-remote-do-not-make-it-spin",
      test_single_bytes_behind_a_blocked_remote_do_not_make_it_spin);
  g_test_add_func ("/relay/ends/a-blocked-remote-costs-no-turns",
                   test_a_blocked_remote_costs_no_turns);
  g_test_add_func (
      "/relay/ends/a-client-closed-both-ways-behind-a-blocked-remote-loses-nothing",
      test_a_client_closed_both_ways_behind_a_blocked_remote_loses_nothing);
  g_test_add_func ("/relay/ends/a-client-reset-behind-a-blocked-remote-does-not-spin",
                   test_a_client_reset_behind_a_blocked_remote_does_not_spin);
  g_test_add_func ("/relay/ends/a-half-closed-stream-is-reset-after-its-time",
                   test_a_half_closed_stream_is_reset_after_its_time);
  return g_test_run ();
}
