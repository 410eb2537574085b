/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the service does when an automatic remote dies. */

#include "engine/recovery.h"

#include <unistd.h>

#include "engine-world.h"
#include "expected-log.h"
#include "relay-world.h"

#define THREE "[400::3]:1080"

/* Forwards to ONE, chosen automatically, while TWO is Valid too. */
static EngineWorld *
connected_to_one (void)
{
  EngineWorld *world = engine_world_new ();

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  world_connect (world, "");
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_discover (world, ONE " " TWO);
  fake_prober_forget (world->prober);
  return world;
}

/* The same, but nobody answers any more. */
static EngineWorld *
failing_at_one (void)
{
  EngineWorld *world = connected_to_one ();

  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  world_peer (world, TWO, SOCKS_STATUS_NOT_LISTENING);
  expected_log_push (G_LOG_LEVEL_WARNING, "No valid proxy available*");
  world_pass (world, 16);
  expect_event (world, "failing automatic " ONE " (NoValidProxy)");
  expected_log_assert_seen ();
  fake_prober_forget (world->prober);
  return world;
}

static void
test_two_failures_in_a_row_move_over_to_another (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();

  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  world_pass (world, 15);
  expect_no_event (world);
  world_pass (world, 1);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, ONE " → " TWO " failover");
  expect_remembered (world, SOCKS_SELECTION_AUTOMATIC, TWO);

  /* The race ran without the old remote, and the new one is looked after. */
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 2);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);
  world_pass (world, 15);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 2);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 2);
}

static void
test_a_remote_that_is_lost_during_a_request_waits_for_its_end (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();
  Request *request;

  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  fake_prober_hold (world->prober, TWO);
  world_pass (world, 14);
  request = ask_to_connect (world, "");
  world_pass (world, 2);
  g_assert_true (socks_connection_is_remote_lost (world->connection));
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, TWO), ==, 1);
  expect_waiting (request);

  world_pass (world, 3);
  expect_failure (request, SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_event (world, "connected automatic " ONE " (NoValidProxy)");
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, TWO), ==, 1);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, ONE " → " TWO " failover");
}

static void
test_one_failure_moves_nothing (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();

  world_peer (world, ONE, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  world_pass (world, 15);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 60);
  expect_no_event (world);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 0);
}

static void
test_a_faster_one_is_no_reason_to_move (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();

  fake_prober_answer (world->prober, TWO, SOCKS_STATUS_VALID, 1);
  fake_prober_answer (world->prober, ONE, SOCKS_STATUS_VALID, 4000000);
  world_discover (world, ONE " " TWO);
  world_pass (world, 600);
  expect_no_event (world);
}

static void
test_where_nobody_answers_streams_are_closed_at_once_and_counted (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();
  SocksRelayCounters counters;

  RUN_UNTIL (socks_relay_is_settled (world->relay));
  for (guint i = 0; i < 3; i++)
    {
      int client = connect_to (PORT (world));

      expect_end (client);
      close (client);
    }
  socks_relay_get_counters (world->relay, &counters);
  g_assert_cmpuint (counters.refused_streams, ==, 3);
  g_assert_cmpuint (counters.total_streams, ==, 0);
}

static void
test_while_failing_all_are_raced_every_five_seconds (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();
  guint n_asked;

  for (guint i = 1; i <= 20; i++)
    {
      n_asked = fake_prober_count_asked (world->prober, ONE);
      world_pass (world, 5);
      g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, n_asked + 1);
    }
  expect_no_event (world);

  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, ONE " → " TWO " failover");
}

static void
test_while_failing_the_old_remote_may_come_back_which_is_no_change (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " ONE);
  expect_no_event (world);

  /* It is looked after again. */
  fake_prober_forget (world->prober);
  world_pass (world, 15);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 1);
}

static void
test_while_failing_each_sweep_is_followed_by_a_race (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();

  world_pass (world, 1);
  fake_prober_hold (world->prober, ONE);
  fake_source_name (world->source, "");
  socks_sweeper_sweep_now (world->sweeper);
  settle_main_loop ();
  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  settle_main_loop ();
  fake_prober_forget (world->prober);
  world_discover (world, "");
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 2);
  expect_no_event (world);
}

static void
test_while_failing_a_newcomer_is_taken_at_once (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();

  world_pass (world, 1);
  world_peer (world, THREE, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, TWO);
  fake_source_name (world->source, ONE " " TWO " " THREE);
  socks_sweeper_sweep_now (world->sweeper);
  expect_event (world, "connected automatic " THREE);
  expect_event (world, ONE " → " THREE " failover");
  g_assert_true (socks_sweeper_is_sweeping (world->sweeper));
}

static void
test_a_request_that_fails_lets_failover_go_on (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();
  Request *request = ask_to_connect (world, "");

  expect_failure (request, SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_no_event (world);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, ONE " → " TWO " failover");
}

static void
test_a_request_while_a_successor_is_looked_for_comes_first (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();

  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  fake_prober_hold (world->prober, TWO);
  world_pass (world, 16);
  expect_no_event (world);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, TWO), ==, 1);
  expect_chosen (ask_to_connect (world, THREE), THREE);
  expect_event (world, "connected manual " THREE);
  expect_event (world, ONE " → " THREE " user");
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, TWO), ==, 0);

  /* Nothing of the failover is left. */
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_pass (world, 10);
  expect_no_event (world);
}

static void
test_a_failed_request_while_a_successor_is_looked_for_lets_that_go_on (void)
{
  g_autoptr (EngineWorld) world = connected_to_one ();
  Request *request;

  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  fake_prober_hold (world->prober, TWO);
  world_pass (world, 16);
  request = ask_to_connect (world, "");
  world_pass (world, 5);
  expect_failure (request, SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_event (world, "connected automatic " ONE " (NoValidProxy)");
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, TWO), ==, 1);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, ONE " → " TWO " failover");
}

static void
test_a_disconnect_ends_failover (void)
{
  g_autoptr (EngineWorld) world = failing_at_one ();

  world_disconnect (world);
  expect_event (world, "disconnected");
  expect_event (world, ONE " →  user");
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 60);
  expect_no_event (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/recovery/failover/" #name, test_##name)
  ADD (two_failures_in_a_row_move_over_to_another);
  ADD (a_remote_that_is_lost_during_a_request_waits_for_its_end);
  ADD (one_failure_moves_nothing);
  ADD (a_faster_one_is_no_reason_to_move);
  ADD (where_nobody_answers_streams_are_closed_at_once_and_counted);
  ADD (while_failing_all_are_raced_every_five_seconds);
  ADD (while_failing_the_old_remote_may_come_back_which_is_no_change);
  ADD (while_failing_each_sweep_is_followed_by_a_race);
  ADD (while_failing_a_newcomer_is_taken_at_once);
  ADD (a_request_that_fails_lets_failover_go_on);
  ADD (a_request_while_a_successor_is_looked_for_comes_first);
  ADD (a_failed_request_while_a_successor_is_looked_for_lets_that_go_on);
  ADD (a_disconnect_ends_failover);
  return g_test_run ();
}
