/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A watch that is told to ask, to stop or to look after another does just that, and who
 * is not watched any more has no say. */

#include "health-world.h"

static void
test_it_asks_at_once_when_told (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  socks_health_ask_now (world->health);
  assert_next_probe_in (world, 0);
  assert_next_probe_in (world, 15 * SECOND);

  /* One failure that a stream has brought to light is judged like any other. */
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  fake_clock_advance (world->clock, 7 * SECOND);
  socks_health_ask_now (world->health);
  assert_next_probe_in (world, 0);
  assert_signals (world, 0, 0);
  assert_next_probe_in (world, SECOND);
  assert_signals (world, 1, 0);
}

static void
test_a_thousand_streams_make_one_probe_a_second (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  for (guint i = 0; i < 1000; i++)
    socks_health_ask_now (world->health);
  assert_next_probe_in (world, 0);

  for (guint second = 0; second < 3; second++)
    {
      for (guint i = 0; i < 1000; i++)
        socks_health_ask_now (world->health);
      assert_next_probe_in (world, SECOND);
    }
  assert_next_probe_in (world, 15 * SECOND);
}

static void
test_who_is_being_asked_is_not_asked_again (HealthWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  watch_remote (world);
  assert_next_probe_in (world, 15 * SECOND);
  fake_clock_advance (world->clock, 3 * SECOND);
  socks_health_ask_now (world->health);
  fake_clock_advance (world->clock, HOUR);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 1);

  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 15 * SECOND);
}

static void
test_who_has_failed_keeps_its_timetable (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  socks_health_ask_now (world->health);
  assert_next_probe_in (world, SECOND);

  fake_clock_advance (world->clock, 2 * SECOND);
  socks_health_ask_now (world->health);
  assert_next_probe_in (world, 3 * SECOND);
}

static void
test_who_is_not_watched_any_more_is_not_asked (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  socks_health_stop (world->health);
  g_assert_false (socks_health_is_watching (world->health));
  socks_health_ask_now (world->health);
  fake_clock_advance (world->clock, HOUR);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);
}

/* Brings the remote to its second probe, which waits for the answer that decides. */
static void
come_to_the_second_probe (HealthWorld *world)
{
  watch_remote (world);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  fake_prober_hold (world->prober, NULL);
  assert_next_probe_in (world, SECOND);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, REMOTE), ==, 1);
}

static void
test_stopping_ends_the_probe_in_flight (HealthWorld *world, gconstpointer data)
{
  come_to_the_second_probe (world);
  socks_health_stop (world->health);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
  fake_clock_advance (world->clock, HOUR);
  assert_signals (world, 0, 0);
}

static void
test_an_answer_on_its_way_has_no_effect_after_a_stop (HealthWorld *world,
                                                      gconstpointer data)
{
  come_to_the_second_probe (world);
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_NOT_LISTENING, 0);
  socks_health_stop (world->health);
  fake_clock_advance (world->clock, HOUR);
  assert_signals (world, 0, 0);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
}

static void
test_an_answer_on_its_way_says_nothing_of_the_next_remote (HealthWorld *world,
                                                           gconstpointer data)
{
  come_to_the_second_probe (world);
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_NOT_LISTENING, 0);
  watch (world, OTHER, SOCKS_PROBE_GREETING);
  answer (world, SOCKS_STATUS_VALID);
  assert_signals (world, 0, 0);

  fake_prober_forget (world->prober);
  assert_next_probe_in (world, 15 * SECOND);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, OTHER), ==, 1);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 1);
}

/* The failures of one are not those of the other, and neither are its times. */
static void
test_a_new_watch_is_a_new_beginning (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);

  watch (world, OTHER, SOCKS_PROBE_GREETING);
  socks_health_ask_now (world->health);
  assert_next_probe_in (world, 0);
  assert_signals (world, 0, 0);
  assert_next_probe_in (world, SECOND);
  assert_signals (world, 1, 0);

  watch_remote (world);
  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 1, 0);
}

static void
stop_cb (SocksHealth *health, gpointer data)
{
  socks_health_stop (health);
}

static void
watch_other_cb (SocksHealth *health, gpointer data)
{
  SocksEndpoint other = endpoint_of (OTHER);

  socks_health_watch (health, &other, SOCKS_PROBE_REACH);
}

static void
test_who_hears_of_a_loss_may_stop (HealthWorld *world, gconstpointer data)
{
  g_signal_connect (world->health, "lost", G_CALLBACK (stop_cb), NULL);
  watch_remote (world);
  lose (world);
  g_assert_false (socks_health_is_watching (world->health));
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
}

static void
test_who_hears_of_a_change_may_watch_another (HealthWorld *world, gconstpointer data)
{
  g_signal_connect (world->health, "recovered", G_CALLBACK (watch_other_cb), NULL);
  watch_remote (world);
  lose (world);
  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 1, 1);

  fake_prober_forget (world->prober);
  assert_next_probe_in (world, 15 * SECOND);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, OTHER), ==, 1);
}

#define ADD(name, function) \
  g_test_add ("/health-orders/" name, HealthWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("it-asks-at-once-when-told", test_it_asks_at_once_when_told);
  ADD ("a-thousand-streams-make-one-probe-a-second",
       test_a_thousand_streams_make_one_probe_a_second);
  ADD ("who-is-being-asked-is-not-asked-again",
       test_who_is_being_asked_is_not_asked_again);
  ADD ("who-has-failed-keeps-its-timetable", test_who_has_failed_keeps_its_timetable);
  ADD ("who-is-not-watched-any-more-is-not-asked",
       test_who_is_not_watched_any_more_is_not_asked);
  ADD ("stopping-ends-the-probe-in-flight", test_stopping_ends_the_probe_in_flight);
  ADD ("an-answer-on-its-way-has-no-effect-after-a-stop",
       test_an_answer_on_its_way_has_no_effect_after_a_stop);
  ADD ("an-answer-on-its-way-says-nothing-of-the-next-remote",
       test_an_answer_on_its_way_says_nothing_of_the_next_remote);
  ADD ("a-new-watch-is-a-new-beginning", test_a_new_watch_is_a_new_beginning);
  ADD ("who-hears-of-a-loss-may-stop", test_who_hears_of_a_loss_may_stop);
  ADD ("who-hears-of-a-change-may-watch-another",
       test_who_hears_of_a_change_may_watch_another);
  return g_test_run ();
}
