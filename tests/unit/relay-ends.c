/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How streams end: by a reset from either side, at any moment, and by time. */

#include "relay-world.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define N_RESETS PLAIN_OR_SANITIZED (1000, 50)

/* What a worker's timerfd was set to last; the linker puts this in front of the C
 * library's (see meson.build). */
static _Atomic gint64 alarm_us;

int __real_timerfd_settime (int fd,
                            int flags,
                            const struct itimerspec *new_value,
                            struct itimerspec *old_value);
int __wrap_timerfd_settime (int fd,
                            int flags,
                            const struct itimerspec *new_value,
                            struct itimerspec *old_value);

int
__wrap_timerfd_settime (int fd,
                        int flags,
                        const struct itimerspec *new_value,
                        struct itimerspec *old_value)
{
  atomic_store (&alarm_us, new_value->it_value.tv_sec * G_USEC_PER_SEC +
                               new_value->it_value.tv_nsec / 1000);
  return __real_timerfd_settime (fd, flags, new_value, old_value);
}

static void
test_a_reset_reaches_the_other_side (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < N_RESETS; i++)
    {
      world_open_pair (&world, &pair);
      send_all (pair.client, "x", 1);
      expect_bytes (pair.remote, "x", 1);
      reset (pair.client);
      expect_reset (pair.remote);
      close (pair.remote);

      world_open_pair (&world, &pair);
      send_all (pair.remote, "x", 1);
      expect_bytes (pair.client, "x", 1);
      reset (pair.remote);
      expect_reset (pair.client);
      close (pair.client);
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

/* The other side has the beginning of what was sent, exact, and then a reset. */
static void
reset_in_bulk (int sending, int receiving, guint64 seed)
{
  const guint64 n_bytes = 256 * 1024;
  GThread *sender = pattern_send_in_thread (sending, seed, n_bytes, 64 * 1024);

  pattern_expect (receiving, seed, 0, n_bytes / 4);
  g_thread_join (sender);
  reset (sending);
  pattern_receive_until_reset (receiving, seed, n_bytes / 4);
  close (receiving);
}

static void
test_a_reset_in_bulk_reaches_the_other_side (void)
{
  guint64 seed = pattern_choose_seed ();
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < N_RESETS; i++)
    {
      world_open_pair (&world, &pair);
      reset_in_bulk (pair.client, pair.remote, seed + 2 * i);
      world_open_pair (&world, &pair);
      reset_in_bulk (pair.remote, pair.client, seed + 2 * i + 1);
    }
  world_wait_for_streams (&world, 0);
  world_wait_until_quiet (&world);
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
  int n_waiting;

  pattern_fill (1, 0, answer, sizeof answer);
  world_init (&world, NULL);
  for (guint i = 0; i < 20; i++)
    {
      world_open_pair (&world, &pair);
      pattern_send_until_full (pair.client, 2, 0, G_MAXUINT64);
      WAIT_UNTIL (ioctl (pair.remote, FIONREAD, &n_waiting) == 0 && n_waiting > 0);
      send_all (pair.remote, answer, sizeof answer);
      close (pair.remote); /* with bytes unread: a reset */
      expect_bytes (pair.client, answer, sizeof answer);
      expect_reset (pair.client);
      close (pair.client);
    }
  world_wait_for_streams (&world, 0);
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

/* Nobody can wait for an hour. But the worker has to set its alarm to its end. */
static void
test_a_half_closed_stream_has_an_hour (void)
{
  const gint64 hour_us = G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC;
  SocksRelayOptions options = ordinary_options ();
  gint64 began_us = g_get_monotonic_time ();
  World world;
  Pair pair;

  options.n_workers = 1;
  world_init (&world, &options);
  world_open_pair (&world, &pair);
  g_assert_no_errno (shutdown (pair.client, SHUT_WR));
  expect_end (pair.remote);
  WAIT_UNTIL (atomic_load (&alarm_us) >= began_us + hour_us);
  g_assert_cmpint (atomic_load (&alarm_us), <=, g_get_monotonic_time () + hour_us);
  pair_clear (&pair);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/ends/a-reset-reaches-the-other-side",
                   test_a_reset_reaches_the_other_side);
  g_test_add_func ("/relay/ends/a-reset-in-bulk-reaches-the-other-side",
                   test_a_reset_in_bulk_reaches_the_other_side);
  g_test_add_func ("/relay/ends/a-reset-after-an-end-is-passed-on",
                   test_a_reset_after_an_end_is_passed_on);
  g_test_add_func ("/relay/ends/bytes-before-a-reset-arrive",
                   test_bytes_before_a_reset_arrive);
  g_test_add_func (
      "/relay/ends/an-answer-before-a-reset-arrives-while-the-client-is-sending",
      test_an_answer_before_a_reset_arrives_while_the_client_is_sending);
  g_test_add_func ("/relay/ends/a-half-closed-stream-is-reset-after-its-time",
                   test_a_half_closed_stream_is_reset_after_its_time);
  g_test_add_func ("/relay/ends/a-half-closed-stream-has-an-hour",
                   test_a_half_closed_stream_has_an_hour);
  return g_test_run ();
}
