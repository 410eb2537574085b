/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sweeps come when they are due or asked for, one at a time. */

#include "sweeper-world.h"

static void
test_it_does_nothing_until_told (SweeperWorld *world, gconstpointer data)
{
  g_assert_cmpuint (socks_sweeper_get_interval_s (world->sweeper), ==, INTERVAL_S);
  g_assert_false (socks_sweeper_is_probing (world->sweeper));
  g_assert_false (socks_sweeper_is_sweeping (world->sweeper));
  g_assert_false (socks_sweeper_is_first_sweep_awaited (world->sweeper));
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (world->sweeper), ==, 0);
  assert_progress (world, 0, 0);
  fake_clock_advance (world->clock, YEAR);
  assert_sweeps (world, 0, 0);
}

static void
test_the_first_sweep_comes_at_once_and_the_next_after_the_interval (SweeperWorld *world,
                                                                    gconstpointer data)
{
  set_probing (world, TRUE);
  assert_sweeps (world, 1, 1);
  for (guint i = 0; i < 3; i++)
    assert_next_sweep_in (world, INTERVAL_S * SECOND);
  assert_sweeps (world, 4, 4);
}

static void
test_the_interval_runs_from_start_to_start (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  fake_clock_advance (world->clock, 20 * SECOND);
  release (world);
  assert_sweeps (world, 1, 1);
  assert_next_sweep_in (world, (INTERVAL_S - 20) * SECOND);
}

static void
test_what_is_due_during_a_sweep_is_dropped (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  fake_clock_advance (world->clock, (3 * INTERVAL_S + 10) * SECOND);
  assert_sweeps (world, 1, 0);
  release (world);
  assert_sweeps (world, 1, 1);
  assert_next_sweep_in (world, (INTERVAL_S - 10) * SECOND);
}

static void
test_starting_twice_is_starting_once (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  set_probing (world, TRUE);
  assert_sweeps (world, 1, 0);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 1);
  release (world);
  fake_clock_advance (world->clock, 30 * SECOND);
  set_probing (world, TRUE);
  assert_next_sweep_in (world, (INTERVAL_S - 30) * SECOND);
}

static void
test_a_sweep_can_be_had_without_probing (SweeperWorld *world, gconstpointer data)
{
  sweep_now (world);
  assert_sweeps (world, 1, 1);
  g_assert_false (socks_sweeper_is_probing (world->sweeper));
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
}

static void
test_asking_for_a_sweep_joins_the_running_one (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  sweep_now (world);
  sweep_now (world);
  set_probing (world, TRUE);
  sweep_now (world);
  assert_sweeps (world, 1, 0);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 2);
  release (world);
  assert_sweeps (world, 1, 1);
  assert_next_sweep_in (world, INTERVAL_S * SECOND);
}

static void
test_asking_for_a_sweep_does_not_move_the_timetable (SweeperWorld *world,
                                                     gconstpointer data)
{
  set_probing (world, TRUE);
  fake_clock_advance (world->clock, 45 * SECOND);
  sweep_now (world);
  assert_sweeps (world, 2, 2);
  assert_next_sweep_in (world, 15 * SECOND);
}

static void
test_the_last_sweep_is_shown_by_the_wall_clock (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  fake_clock_advance (world->clock, 7 * SECOND);
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (world->sweeper), ==, 0);
  release (world);
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (world->sweeper), ==,
                   socks_clock_get_wall_us (SOCKS_CLOCK (world->clock)));
}

static void
test_the_duration_of_the_last_sweep_does_not_go_by_the_date (SweeperWorld *world,
                                                             gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  fake_clock_advance (world->clock, 7 * SECOND);
  fake_clock_set_wall_us (world->clock, YEAR);
  g_assert_cmpint (socks_sweeper_get_last_duration_us (world->sweeper), ==, 0);
  release (world);
  g_assert_cmpint (socks_sweeper_get_last_duration_us (world->sweeper), ==, 7 * SECOND);
}

static void
test_setting_the_date_does_not_move_the_timetable (SweeperWorld *world,
                                                   gconstpointer data)
{
  SocksClock *clock = SOCKS_CLOCK (world->clock);

  set_probing (world, TRUE);
  fake_clock_set_wall_us (world->clock, socks_clock_get_wall_us (clock) - YEAR);
  assert_next_sweep_in (world, INTERVAL_S * SECOND);
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (world->sweeper), ==,
                   socks_clock_get_wall_us (clock));
  fake_clock_set_wall_us (world->clock, socks_clock_get_wall_us (clock) + 2 * YEAR);
  assert_next_sweep_in (world, INTERVAL_S * SECOND);
}

static void
test_after_a_long_stop_there_is_one_sweep (SweeperWorld *world, gconstpointer data)
{
  set_probing (world, TRUE);
  fake_clock_jump (world->clock, 100 * INTERVAL_S * SECOND + 7);
  assert_sweeps (world, 2, 2);
  assert_next_sweep_in (world, INTERVAL_S * SECOND);
}

static void
test_no_more_than_allowed_are_in_flight (SweeperWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  fake_source_name (world->source, ONE " " TWO " [400::3]:1080 [400::4]:1080 "
                                       "[400::5]:1080 [400::6]:1080");
  sweep_now (world);
  assert_progress (world, 0, 6);
  release (world);
  assert_progress (world, 6, 6);
  g_assert_cmpuint (fake_prober_get_most_in_flight (world->prober), ==, PARALLEL);
}

static void
test_the_first_sweep_is_awaited_until_one_has_ended (SweeperWorld *world,
                                                     gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  set_probing (world, TRUE);
  g_assert_true (socks_sweeper_is_first_sweep_awaited (world->sweeper));
  set_probing (world, FALSE);
  g_assert_false (socks_sweeper_is_first_sweep_awaited (world->sweeper));
  set_probing (world, TRUE);
  g_assert_true (socks_sweeper_is_first_sweep_awaited (world->sweeper));
  release (world);
  g_assert_false (socks_sweeper_is_first_sweep_awaited (world->sweeper));
}

static void
test_who_is_kept_stays_known (SweeperWorld *world, gconstpointer data)
{
  SocksEndpoint kept = endpoint_of (TWO);

  sweep_now (world);
  socks_sweeper_keep (world->sweeper, &kept);
  fake_source_name (world->source, ONE);
  for (guint i = 0; i < 5; i++)
    sweep_now (world);
  g_assert_cmpint (status_of (world, TWO), ==, SOCKS_STATUS_VALID);
}

/* Each change of what can be read is told. */
static void
test_changes_are_told (SweeperWorld *world, gconstpointer data)
{
  guint *n_changed = &world->n_signals[SIGNAL_CHANGED];
  guint before;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  g_assert_cmpuint (*n_changed, >, 0);

  before = *n_changed;
  fake_source_name (world->source, ONE " " TWO);
  settle_main_loop ();
  /* The total, each of the two peers, and the end. */
  g_assert_cmpuint (*n_changed, ==, before + 4);
  g_assert_cmpuint (world->n_signals[SIGNAL_PEERS_CHANGED], ==, 3);

  before = *n_changed;
  socks_sweeper_set_probing (world->sweeper, FALSE);
  g_assert_cmpuint (*n_changed, >, before);
}

#define ADD(name, function) \
  g_test_add ("/sweeper/" name, SweeperWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("it-does-nothing-until-told", test_it_does_nothing_until_told);
  ADD ("the-first-sweep-comes-at-once-and-the-next-after-the-interval",
       test_the_first_sweep_comes_at_once_and_the_next_after_the_interval);
  ADD ("the-interval-runs-from-start-to-start",
       test_the_interval_runs_from_start_to_start);
  ADD ("what-is-due-during-a-sweep-is-dropped",
       test_what_is_due_during_a_sweep_is_dropped);
  ADD ("starting-twice-is-starting-once", test_starting_twice_is_starting_once);
  ADD ("a-sweep-can-be-had-without-probing", test_a_sweep_can_be_had_without_probing);
  ADD ("asking-for-a-sweep-joins-the-running-one",
       test_asking_for_a_sweep_joins_the_running_one);
  ADD ("asking-for-a-sweep-does-not-move-the-timetable",
       test_asking_for_a_sweep_does_not_move_the_timetable);
  ADD ("the-last-sweep-is-shown-by-the-wall-clock",
       test_the_last_sweep_is_shown_by_the_wall_clock);
  ADD ("the-duration-of-the-last-sweep-does-not-go-by-the-date",
       test_the_duration_of_the_last_sweep_does_not_go_by_the_date);
  ADD ("setting-the-date-does-not-move-the-timetable",
       test_setting_the_date_does_not_move_the_timetable);
  ADD ("after-a-long-stop-there-is-one-sweep", test_after_a_long_stop_there_is_one_sweep);
  ADD ("no-more-than-allowed-are-in-flight", test_no_more_than_allowed_are_in_flight);
  ADD ("the-first-sweep-is-awaited-until-one-has-ended",
       test_the_first_sweep_is_awaited_until_one_has_ended);
  ADD ("who-is-kept-stays-known", test_who_is_kept_stays_known);
  ADD ("changes-are-told", test_changes_are_told);
  return g_test_run ();
}
