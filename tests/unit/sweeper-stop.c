/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A sweeper that is stopped, in whatever moment, is at rest at once. */

#include "sweeper-world.h"

static void
test_stopping_ends_the_timetable (SweeperWorld *world, gconstpointer data)
{
  set_probing (world, TRUE);
  set_probing (world, FALSE);
  fake_clock_advance (world->clock, 10 * INTERVAL_S * SECOND);
  assert_sweeps (world, 1, 1);
}

static void
test_stopping_cancels_the_sweep_whoever_asked_for_it (SweeperWorld *world,
                                                      gconstpointer data)
{
  for (guint i = 0; i < 2; i++)
    {
      fake_prober_hold (world->prober, NULL);
      if (i == 0)
        set_probing (world, TRUE);
      else
        sweep_now (world);
      g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 2);

      socks_sweeper_set_probing (world->sweeper, FALSE);
      g_assert_false (socks_sweeper_is_sweeping (world->sweeper));
      g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
      settle_main_loop ();
      assert_sweeps (world, i + 1, 0);
    }
}

static void
test_a_cancelled_sweep_leaves_all_as_it_was (SweeperWorld *world, gconstpointer data)
{
  gint64 last_sweep_us;

  sweep_now (world);
  last_sweep_us = socks_sweeper_get_last_sweep_us (world->sweeper);

  fake_prober_hold (world->prober, NULL);
  fake_clock_advance (world->clock, SECOND);
  sweep_now (world);
  fake_prober_answer (world->prober, ONE, SOCKS_STATUS_NOT_LISTENING, 0);
  set_probing (world, FALSE);
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (world->sweeper), ==, last_sweep_us);
  g_assert_cmpint (status_of (world, ONE), ==, SOCKS_STATUS_VALID);
  g_assert_cmpint (status_of (world, TWO), ==, SOCKS_STATUS_VALID);
  g_assert_cmpint (socks_sweeper_get_last_duration_us (world->sweeper), ==, 0);
  assert_sweeps (world, 2, 1);
}

static void
test_starting_and_stopping_fast_is_safe (SweeperWorld *world, gconstpointer data)
{
  for (guint i = 0; i < 30; i++)
    {
      fake_source_hold (world->source);
      socks_sweeper_set_probing (world->sweeper, TRUE);
      if (i % 3 == 0)
        settle_main_loop ();
      if (i % 5 == 0)
        fake_source_name (world->source, ONE " " TWO);
      socks_sweeper_set_probing (world->sweeper, FALSE);
    }
  settle_main_loop ();
  assert_sweeps (world, 30, 0);

  fake_source_name (world->source, ONE " " TWO);
  set_probing (world, TRUE);
  assert_sweeps (world, 31, 1);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 1);
  assert_next_sweep_in (world, INTERVAL_S * SECOND);
}

/* Whatever is emitted, whoever hears it may stop the sweeper, and start it again. */
static void
test_any_signal_may_be_answered_by_stopping (SweeperWorld *world, gconstpointer data)
{
  guint n_signals;

  set_probing (world, TRUE);
  n_signals = count_signals (world);
  g_assert_cmpuint (n_signals, ==, 10);

  for (guint i = 1; i <= n_signals; i++)
    for (guint restarts = 0; restarts < 2; restarts++)
      {
        SweeperWorld other = { 0 };

        set_up (&other, NULL);
        other.stop_at_signal = i;
        other.start_at_signal = restarts == 1 ? i : 0;
        socks_sweeper_set_probing (other.sweeper, TRUE);
        settle_main_loop ();
        g_assert_cmpuint (count_signals (&other), >, i);
        g_assert_true (socks_sweeper_is_probing (other.sweeper) == (restarts == 1));
        g_assert_false (socks_sweeper_is_sweeping (other.sweeper));
        g_assert_cmpuint (fake_clock_count_timers (other.clock), ==, restarts);
        tear_down (&other, NULL);
      }
}

static void
test_it_may_go_in_the_middle_of_a_sweep (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, ONE);
  set_probing (world, TRUE);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, ONE), ==, 1);
  /* tear_down() sees that nothing is left of it. */
}

#define ADD(name, function) \
  g_test_add ("/sweeper-stop/" name, SweeperWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("stopping-ends-the-timetable", test_stopping_ends_the_timetable);
  ADD ("stopping-cancels-the-sweep-whoever-asked-for-it",
       test_stopping_cancels_the_sweep_whoever_asked_for_it);
  ADD ("a-cancelled-sweep-leaves-all-as-it-was",
       test_a_cancelled_sweep_leaves_all_as_it_was);
  ADD ("starting-and-stopping-fast-is-safe", test_starting_and_stopping_fast_is_safe);
  ADD ("any-signal-may-be-answered-by-stopping",
       test_any_signal_may_be_answered_by_stopping);
  ADD ("it-may-go-in-the-middle-of-a-sweep", test_it_may_go_in_the_middle_of_a_sweep);
  return g_test_run ();
}
