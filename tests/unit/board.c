/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the main thread and the workers tell each other, each step in a fixed order that
 * real threads would hardly ever take. */

#include "relay/board.h"

#include "expected-log.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* The board's clock, which the linker puts in front of GLib's (see meson.build). */
static gint64 now_us = 1;

gint64 __wrap_g_get_monotonic_time (void);

gint64
__wrap_g_get_monotonic_time (void)
{
  return now_us;
}

static gboolean
has_event (SocksBoard *board)
{
  struct pollfd event = { .fd = board->event_fd, .events = POLLIN };

  return poll (&event, 1, 0) == 1;
}

static guint
read_revision (SocksBoard *board)
{
  SocksPlan plan;

  return socks_board_read_plan (board, &plan);
}

static void
test_it_is_settled_when_all_have_reached_the_newest_plan (void)
{
  SocksBoard board;
  SocksPlan plan = { 0 };
  guint old, new;

  g_assert_cmpint (socks_board_init (&board, 2, 1), ==, 0);
  g_assert_true (socks_board_is_settled (&board));
  g_assert_false (has_event (&board));

  socks_board_publish (&board, &plan);
  g_assert_false (socks_board_is_settled (&board));
  old = read_revision (&board);
  g_assert_false (socks_board_has_news (&board, old));
  socks_board_confirm (&board, old);
  socks_board_publish (&board, &plan);
  g_assert_true (socks_board_has_news (&board, old));

  /* The other worker is late: that was the plan before. */
  socks_board_confirm (&board, old);
  g_assert_false (socks_board_is_settled (&board));
  new = read_revision (&board);
  socks_board_confirm (&board, new);
  g_assert_false (socks_board_is_settled (&board));
  g_assert_false (has_event (&board));
  socks_board_confirm (&board, new);
  g_assert_true (socks_board_is_settled (&board));
  g_assert_true (has_event (&board));
  g_assert_cmpint (socks_board_collect_events (&board), ==, SOCKS_RELAY_EVENT_SETTLED);
  g_assert_false (has_event (&board));
  g_assert_cmpint (socks_board_collect_events (&board), ==, 0);
  socks_board_clear (&board);
}

static void
test_events_of_a_former_plan_are_forgotten (void)
{
  SocksBoard board;
  SocksPlan plan = { .forwards = TRUE, .generation = 1 };

  g_assert_cmpint (socks_board_init (&board, 1, 1), ==, 0);
  socks_board_publish (&board, &plan);
  socks_board_confirm (&board, read_revision (&board));
  socks_board_report_failed_dial (&board, 1);
  socks_board_report_failed_dial (&board, 1);

  /* The same remote still: that it failed stays true. */
  plan.forwards = FALSE;
  socks_board_publish (&board, &plan);
  g_assert_true (has_event (&board));
  g_assert_cmpint (socks_board_collect_events (&board), ==,
                   SOCKS_RELAY_EVENT_DIAL_FAILED);

  socks_board_report_failed_dial (&board, 1);
  plan.generation = 2;
  socks_board_publish (&board, &plan);
  g_assert_false (has_event (&board));
  g_assert_cmpint (socks_board_collect_events (&board), ==, 0);

  /* A worker that has not looked yet. */
  socks_board_report_failed_dial (&board, 1);
  g_assert_false (has_event (&board));
  g_assert_cmpint (socks_board_collect_events (&board), ==, 0);
  socks_board_clear (&board);
}

static void
test_places_are_limited (void)
{
  SocksBoard board;

  g_assert_cmpint (socks_board_init (&board, 2, 3), ==, 0);
  for (guint i = 0; i < 3; i++)
    g_assert_true (socks_board_take_place (&board));
  g_assert_false (socks_board_take_place (&board));
  g_assert_false (socks_board_take_place (&board));
  g_assert_cmpuint (socks_board_get_n_streams (&board), ==, 3);
  socks_board_give_place (&board);
  g_assert_true (socks_board_take_place (&board));
  socks_board_clear (&board);
}

typedef struct
{
  SocksBoard board;
  _Atomic gboolean is_over;
} FullBoard;

static gpointer
ask_for_places (gpointer data)
{
  FullBoard *full = data;

  for (guint i = 0; i < 200000; i++)
    g_assert_false (socks_board_take_place (&full->board));
  atomic_store (&full->is_over, TRUE);
  return NULL;
}

/* What others see meanwhile is what there is. */
static void
test_places_asked_for_in_vain_are_not_counted (void)
{
  FullBoard full = { 0 };
  GThread *thread;

  g_assert_cmpint (socks_board_init (&full.board, 2, 1), ==, 0);
  g_assert_true (socks_board_take_place (&full.board));
  thread = g_thread_new ("worker", ask_for_places, &full);
  while (!atomic_load (&full.is_over))
    g_assert_cmpuint (socks_board_get_n_streams (&full.board), ==, 1);
  g_thread_join (thread);
  socks_board_clear (&full.board);
}

/* Of 2 workers and 16 streams: up to 8 there is room, from 10 on it is enough. */
static void
test_streams_are_shared (void)
{
  SocksBoard board;

  g_assert_cmpint (socks_board_init (&board, 2, 100), ==, 0);
  g_assert_true (socks_board_has_room (&board, 0));
  g_assert_false (socks_board_has_enough (&board, 0));
  for (guint i = 0; i < 16; i++)
    socks_board_take_place (&board);
  g_assert_true (socks_board_has_room (&board, 8));
  g_assert_false (socks_board_has_room (&board, 9));
  g_assert_false (socks_board_has_enough (&board, 9));
  g_assert_true (socks_board_has_enough (&board, 10));
  socks_board_clear (&board);
}

static void
test_every_bell_that_hangs_is_rung (void)
{
  SocksBoard board;
  int bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  eventfd_t n_rings = 0;

  g_assert_no_errno (bell);
  g_assert_cmpint (socks_board_init (&board, 3, 1), ==, 0);
  socks_board_ring (&board);
  socks_board_hang_bell (&board, 1, bell);
  socks_board_ring (&board);
  g_assert_no_errno (eventfd_read (bell, &n_rings));
  g_assert_cmpuint (n_rings, ==, 1);
  socks_board_hang_bell (&board, 1, -1);
  socks_board_ring (&board);
  g_assert_cmpint (eventfd_read (bell, &n_rings), <, 0);
  close (bell);
  socks_board_clear (&board);
}

static void
test_a_shortage_is_told_of_once_in_ten_seconds (void)
{
  SocksBoard board;

  g_assert_cmpint (socks_board_init (&board, 1, 1), ==, 0);
  expected_log_push (G_LOG_LEVEL_WARNING, "*Too many open files*");
  for (guint i = 0; i < 100; i++)
    socks_board_log_shortage (&board, EMFILE);
  expected_log_assert_seen ();
  now_us += 10 * G_USEC_PER_SEC - 1;
  socks_board_log_shortage (&board, EMFILE);

  now_us += 1;
  expected_log_push (G_LOG_LEVEL_WARNING, "*Cannot allocate memory*");
  socks_board_log_shortage (&board, ENOMEM);
  socks_board_log_shortage (&board, EMFILE);
  expected_log_assert_seen ();

  g_assert_true (socks_error_is_shortage (EMFILE));
  g_assert_true (socks_error_is_shortage (ENOBUFS));
  g_assert_false (socks_error_is_shortage (ECONNREFUSED));
  g_assert_false (socks_error_is_shortage (ENETUNREACH));
  socks_board_clear (&board);
}

int
main (int argc, char **argv)
{
  expected_log_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/board/it-is-settled-when-all-have-reached-the-newest-plan",
                   test_it_is_settled_when_all_have_reached_the_newest_plan);
  g_test_add_func ("/board/events-of-a-former-plan-are-forgotten",
                   test_events_of_a_former_plan_are_forgotten);
  g_test_add_func ("/board/places-are-limited", test_places_are_limited);
  g_test_add_func ("/board/places-asked-for-in-vain-are-not-counted",
                   test_places_asked_for_in_vain_are_not_counted);
  g_test_add_func ("/relay/board/streams-are-shared", test_streams_are_shared);
  g_test_add_func ("/relay/board/every-bell-that-hangs-is-rung",
                   test_every_bell_that_hangs_is_rung);
  g_test_add_func ("/board/a-shortage-is-told-of-once-in-ten-seconds",
                   test_a_shortage_is_told_of_once_in_ten_seconds);
  return g_test_run ();
}
