/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The loop turns for what is ready and what has run out, and for nothing else. */

#include "relay/event-loop.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

typedef struct
{
  SocksWatch watch; /* first */
  SocksEventLoop *loop;
  SocksWatch *victim; /* unwatched when this one is ready */
  guint n_calls;
  guint32 events;
} Source;

static void
ready_cb (SocksWatch *watch, guint32 events)
{
  Source *source = (Source *) watch;

  source->n_calls++;
  source->events = events;
  if (source->victim != NULL)
    socks_event_loop_unwatch (source->loop, source->victim);
}

static void
source_init (Source *source, SocksEventLoop *loop)
{
  *source = (Source){ .loop = loop };
  socks_watch_init (&source->watch, eventfd (1, EFD_CLOEXEC | EFD_NONBLOCK), ready_cb);
  g_assert_no_errno (source->watch.fd);
}

static void
test_what_is_left_undone_comes_back (void)
{
  SocksEventLoop loop;
  Source source;

  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  source_init (&source, &loop);
  g_assert_false (socks_watch_is_active (&source.watch));
  g_assert_cmpint (socks_event_loop_watch (&loop, &source.watch, EPOLLIN), ==, 0);
  g_assert_true (socks_watch_is_active (&source.watch));
  socks_event_loop_turn (&loop);
  socks_event_loop_turn (&loop);
  g_assert_cmpuint (source.n_calls, ==, 2);
  g_assert_cmpuint (source.events, ==, EPOLLIN);

  g_assert_cmpint (socks_event_loop_watch (&loop, &source.watch, EPOLLOUT), ==, 0);
  socks_event_loop_turn (&loop);
  g_assert_cmpuint (source.events, ==, EPOLLOUT);
  close (source.watch.fd);
  socks_event_loop_clear (&loop);
}

static void
test_what_is_unwatched_is_not_called_even_in_the_same_turn (void)
{
  SocksEventLoop loop;
  Source sources[2];

  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  for (guint i = 0; i < 2; i++)
    {
      source_init (&sources[i], &loop);
      sources[i].victim = &sources[!i].watch;
      g_assert_cmpint (socks_event_loop_watch (&loop, &sources[i].watch, EPOLLIN), ==,
                       0);
    }
  /* Both are ready; whichever comes first, the other must not. */
  socks_event_loop_turn (&loop);
  g_assert_cmpuint (sources[0].n_calls + sources[1].n_calls, ==, 1);
  close (sources[0].watch.fd);
  close (sources[1].watch.fd);
  socks_event_loop_clear (&loop);
}

static void
test_a_bad_descriptor_is_an_error (void)
{
  SocksEventLoop loop;
  SocksWatch watch;

  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  socks_watch_init (&watch, -1, ready_cb);
  g_assert_cmpint (socks_event_loop_watch (&loop, &watch, EPOLLIN), ==, -EBADF);
  g_assert_false (socks_watch_is_active (&watch));
  socks_event_loop_unwatch (&loop, &watch);
  socks_event_loop_clear (&loop);
}

static GString *order;

static void
expired_cb (gpointer owner)
{
  g_string_append (order, owner);
}

static void
test_timers_run_out_in_order_and_only_if_not_stopped (void)
{
  char a[] = "a", b[] = "b", c[] = "c", d[] = "d";
  SocksEventLoop loop;
  SocksTimerQueue slow, quick;
  SocksTimer timers[4] = { 0 };

  order = g_string_new (NULL);
  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  socks_event_loop_add_timers (&loop, &slow, 40, expired_cb);
  socks_event_loop_add_timers (&loop, &quick, 2, expired_cb);
  socks_timer_start (&slow, &timers[0], a);
  socks_timer_start (&slow, &timers[1], b);
  socks_timer_start (&quick, &timers[2], c);
  socks_timer_start (&slow, &timers[3], d);
  socks_timer_start (&slow, &timers[3], a); /* runs already */
  socks_timer_stop (&slow, &timers[1]);
  socks_timer_stop (&slow, &timers[1]); /* stopped already */

  while (order->len < 3)
    socks_event_loop_turn (&loop);
  g_assert_cmpstr (order->str, ==, "cad");

  /* Each turn was for a timer: none came too early. */
  g_assert_cmpuint (atomic_load (&loop.n_turns), <=, 3);
  socks_event_loop_clear (&loop);
  g_string_free (order, TRUE);
}

static void
source_init_later (Source *source, SocksEventLoop *loop)
{
  const struct itimerspec later = { .it_value.tv_nsec = 20 * 1000 * 1000 };
  int fd = timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

  g_assert_no_errno (fd);
  g_assert_no_errno (timerfd_settime (fd, 0, &later, NULL));
  *source = (Source){ .loop = loop };
  socks_watch_init (&source->watch, fd, ready_cb);
  g_assert_cmpint (socks_event_loop_watch (loop, &source->watch, EPOLLIN), ==, 0);
}

/* A timer that was stopped would run out first; it must not wake the loop. */
static void
test_without_a_timer_it_sleeps_until_something_happens (void)
{
  SocksEventLoop loop;
  SocksTimerQueue queue;
  SocksTimer timer = { 0 };
  Source source;

  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  socks_event_loop_add_timers (&loop, &queue, 1, expired_cb);
  source_init_later (&source, &loop);
  socks_timer_start (&queue, &timer, &loop);
  socks_timer_stop (&queue, &timer);

  socks_event_loop_turn (&loop);
  g_assert_cmpuint (source.n_calls, ==, 1);
  close (source.watch.fd);
  socks_event_loop_clear (&loop);
}

static void
test_a_timer_that_is_stopped_while_it_is_waited_for_wakes_once_at_most (void)
{
  SocksEventLoop loop;
  SocksTimerQueue queue;
  SocksTimer timer = { 0 };
  Source now, later;

  g_assert_cmpint (socks_event_loop_init (&loop), ==, 0);
  socks_event_loop_add_timers (&loop, &queue, 1, expired_cb);
  source_init (&now, &loop);
  now.victim = &now.watch;
  g_assert_cmpint (socks_event_loop_watch (&loop, &now.watch, EPOLLIN), ==, 0);
  source_init_later (&later, &loop);
  socks_timer_start (&queue, &timer, &loop);
  socks_event_loop_turn (&loop);
  g_assert_cmpuint (now.n_calls, ==, 1);
  socks_timer_stop (&queue, &timer);

  while (later.n_calls == 0)
    socks_event_loop_turn (&loop);
  g_assert_cmpuint (atomic_load (&loop.n_turns), <=, 3);
  close (now.watch.fd);
  close (later.watch.fd);
  socks_event_loop_clear (&loop);
}

static int
find_next_descriptor (void)
{
  int fd = epoll_create1 (EPOLL_CLOEXEC);

  g_assert_no_errno (fd);
  close (fd);
  return fd;
}

static void
test_what_cannot_be_made_whole_leaves_nothing (void)
{
  int next = find_next_descriptor ();
  struct rlimit limit, before;
  SocksEventLoop loop;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  limit = before;
  limit.rlim_cur = (rlim_t) next + 1;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  g_assert_cmpint (socks_event_loop_init (&loop), ==, -EMFILE);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));
  g_assert_cmpint (find_next_descriptor (), ==, next);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-loop/what-is-left-undone-comes-back",
                   test_what_is_left_undone_comes_back);
  g_test_add_func ("/event-loop/what-is-unwatched-is-not-called-even-in-the-same-turn",
                   test_what_is_unwatched_is_not_called_even_in_the_same_turn);
  g_test_add_func ("/event-loop/a-bad-descriptor-is-an-error",
                   test_a_bad_descriptor_is_an_error);
  g_test_add_func ("/event-loop/timers-run-out-in-order-and-only-if-not-stopped",
                   test_timers_run_out_in_order_and_only_if_not_stopped);
  g_test_add_func ("/event-loop/without-a-timer-it-sleeps-until-something-happens",
                   test_without_a_timer_it_sleeps_until_something_happens);
  g_test_add_func (
      "/event-loop/a-timer-that-is-stopped-while-it-is-waited-for-wakes-once-at-most",
      test_a_timer_that_is_stopped_while_it_is_waited_for_wakes_once_at_most);
  g_test_add_func ("/event-loop/what-cannot-be-made-whole-leaves-nothing",
                   test_what_cannot_be_made_whole_leaves_nothing);
  return g_test_run ();
}
