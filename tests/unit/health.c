/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One failure is forgiven and two are a finding, each at its time. */

#include "health-world.h"

static void
test_nobody_is_watched_at_first (HealthWorld *world, gconstpointer data)
{
  g_assert_false (socks_health_is_watching (world->health));
  socks_health_ask_now (world->health);
  socks_health_stop (world->health);
  fake_clock_advance (world->clock, HOUR);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);
}

static void
test_who_is_well_is_asked_every_15_seconds (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  for (guint i = 0; i < 4; i++)
    assert_next_probe_in (world, 15 * SECOND);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, REMOTE), ==, 4);
  assert_signals (world, 0, 0);
}

static void
test_the_interval_runs_from_the_answer (HealthWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  watch_remote (world);
  assert_next_probe_in (world, 15 * SECOND);
  fake_clock_advance (world->clock, 4 * SECOND);
  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 15 * SECOND);
}

static void
test_one_failure_is_forgiven (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  for (guint i = 0; i < 3; i++)
    {
      answer (world, SOCKS_STATUS_NOT_LISTENING);
      assert_next_probe_in (world, 15 * SECOND);
      answer (world, SOCKS_STATUS_VALID);
      assert_next_probe_in (world, SECOND);
    }
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 0, 0);
}

static void
test_two_failures_in_a_row_are_a_loss (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 0, 0);
  assert_next_probe_in (world, SECOND);
  assert_signals (world, 1, 0);
}

static void
test_who_is_lost_is_asked_every_5_seconds_until_it_answers (HealthWorld *world,
                                                            gconstpointer data)
{
  watch_remote (world);
  lose (world);
  for (guint i = 0; i < 5; i++)
    assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 1, 0);

  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 1, 1);
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 1, 1);
}

static void
test_who_has_recovered_can_be_lost_again (HealthWorld *world, gconstpointer data)
{
  watch_remote (world);
  lose (world);
  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 5 * SECOND);

  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 1, 1);
  assert_next_probe_in (world, SECOND);
  assert_signals (world, 2, 1);
}

/* Whether two answers of @status, asked for with @kind, are a loss. */
static gboolean
is_lost_by (HealthWorld *world, SocksProbeKind kind, SocksStatus status)
{
  const GArray *questions = fake_prober_get_questions (world->prober);
  guint n_lost = world->n_lost;

  watch (world, REMOTE, kind);
  answer (world, status);
  fake_clock_advance (world->clock, 16 * SECOND);
  g_assert_cmpuint (questions->len, >, 0);
  g_assert_cmpint (g_array_index (questions, FakeQuestion, questions->len - 1).kind, ==,
                   kind);
  return world->n_lost > n_lost;
}

static void
test_a_greeting_is_well_only_with_a_valid_answer (HealthWorld *world, gconstpointer data)
{
  SocksProbeKind kind = SOCKS_PROBE_GREETING;

  g_assert_false (is_lost_by (world, kind, SOCKS_STATUS_VALID));
  g_assert_true (is_lost_by (world, kind, SOCKS_STATUS_AUTHENTICATION_REQUIRED));
  g_assert_true (is_lost_by (world, kind, SOCKS_STATUS_NOT_A_PROXY));
  g_assert_true (is_lost_by (world, kind, SOCKS_STATUS_NOT_LISTENING));
}

static void
test_who_can_be_reached_is_well_whatever_it_speaks (HealthWorld *world,
                                                    gconstpointer data)
{
  SocksProbeKind kind = SOCKS_PROBE_REACH;

  g_assert_false (is_lost_by (world, kind, SOCKS_STATUS_VALID));
  g_assert_false (is_lost_by (world, kind, SOCKS_STATUS_AUTHENTICATION_REQUIRED));
  g_assert_false (is_lost_by (world, kind, SOCKS_STATUS_NOT_A_PROXY));
  g_assert_true (is_lost_by (world, kind, SOCKS_STATUS_NOT_LISTENING));
}

static void
test_a_want_of_this_machine_is_no_failure_of_the_remote (HealthWorld *world,
                                                         gconstpointer data)
{
  watch_remote (world);
  fake_prober_fail (world->prober, NULL);
  assert_next_probe_in (world, 15 * SECOND);
  for (guint i = 0; i < 5; i++)
    assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 0, 0);

  answer (world, SOCKS_STATUS_VALID);
  assert_next_probe_in (world, 5 * SECOND);
  assert_next_probe_in (world, 15 * SECOND);
  assert_signals (world, 0, 0);
}

/* Nor does it make good for one. */
static void
test_a_want_of_this_machine_is_no_success_of_the_remote (HealthWorld *world,
                                                         gconstpointer data)
{
  watch_remote (world);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  fake_prober_fail (world->prober, NULL);
  assert_next_probe_in (world, SECOND);
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 1, 0);

  fake_prober_fail (world->prober, NULL);
  assert_next_probe_in (world, 5 * SECOND);
  assert_signals (world, 1, 0);
}

#define ADD(name, function) \
  g_test_add ("/health/" name, HealthWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("nobody-is-watched-at-first", test_nobody_is_watched_at_first);
  ADD ("who-is-well-is-asked-every-15-seconds",
       test_who_is_well_is_asked_every_15_seconds);
  ADD ("the-interval-runs-from-the-answer", test_the_interval_runs_from_the_answer);
  ADD ("one-failure-is-forgiven", test_one_failure_is_forgiven);
  ADD ("two-failures-in-a-row-are-a-loss", test_two_failures_in_a_row_are_a_loss);
  ADD ("who-is-lost-is-asked-every-5-seconds-until-it-answers",
       test_who_is_lost_is_asked_every_5_seconds_until_it_answers);
  ADD ("who-has-recovered-can-be-lost-again", test_who_has_recovered_can_be_lost_again);
  ADD ("a-greeting-is-well-only-with-a-valid-answer",
       test_a_greeting_is_well_only_with_a_valid_answer);
  ADD ("who-can-be-reached-is-well-whatever-it-speaks",
       test_who_can_be_reached_is_well_whatever_it_speaks);
  ADD ("a-want-of-this-machine-is-no-failure-of-the-remote",
       test_a_want_of_this_machine_is_no_failure_of_the_remote);
  ADD ("a-want-of-this-machine-is-no-success-of-the-remote",
       test_a_want_of_this_machine_is_no_success_of_the_remote);
  return g_test_run ();
}
