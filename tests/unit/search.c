/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking for a proxy: who runs, who wins, how long it is waited for, and what is said
 * when nobody wins. */

#include "engine/search.h"

#include "core/error.h"
#include "engine-world.h"
#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"

#define THREE "[400::3]:1080"

/* What the engine would ask for: the result is a Request, as that of a Connect. */
typedef struct
{
  Request *request;
  GCancellable *cancellable; /* (owned) */
} Search;

static void
searched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Request *request = data;

  g_assert_false (request->is_over);
  request->is_over = TRUE;
  socks_search_finish (result, &request->remote, &request->error);
}

static Search
begin_with_remote (EngineWorld *world,
                   SocksPatience patience,
                   const char *remote,
                   gboolean remote_runs)
{
  Search search = { g_new0 (Request, 1), g_cancellable_new () };
  SocksEndpoint endpoint = { 0 };

  if (remote != NULL)
    endpoint = endpoint_of (remote);
  socks_search_async (SOCKS_PROBER (world->prober), SOCKS_CLOCK (world->clock),
                      world->sweeper, world->node, patience,
                      remote != NULL ? &endpoint : NULL, remote_runs, search.cancellable,
                      searched_cb, search.request);
  g_assert_false (search.request->is_over);
  return search;
}

static Search
begin (EngineWorld *world, SocksPatience patience)
{
  return begin_with_remote (world, patience, NULL, FALSE);
}

static void
expect_found (Search *search, const char *remote)
{
  expect_chosen (search->request, remote);
  g_object_unref (search->cancellable);
}

static void
expect_nobody (Search *search, const char *pattern)
{
  expect_failure (search->request, SOCKS_ERROR_NO_VALID_PROXY, pattern);
  g_object_unref (search->cancellable);
}

/* Somebody found, silent from now on. */
static void
discover_silent (EngineWorld *world, const char *peer)
{
  world_peer (world, peer, SOCKS_STATUS_VALID);
  world_discover (world, peer);
  fake_prober_hold (world->prober, peer);
  fake_prober_forget (world->prober);
}

static void
test_the_first_right_answer_wins (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_peer (world, THREE, SOCKS_STATUS_VALID);
  world_discover (world, ONE " " TWO " " THREE);
  fake_prober_hold (world->prober, NULL);
  fake_prober_hold (world->prober, ONE);
  fake_prober_hold (world->prober, TWO);
  fake_prober_hold (world->prober, THREE);

  search = begin (world, SOCKS_PATIENCE_ONE_RACE);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 3);
  world_peer (world, TWO, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  expect_waiting (search.request);
  world_peer (world, THREE, SOCKS_STATUS_VALID);
  expect_found (&search, THREE);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
}

static void
test_only_valid_peers_run (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  world_peer (world, ONE, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  world_peer (world, TWO, SOCKS_STATUS_NOT_A_PROXY);
  world_discover (world, ONE " " TWO " " THREE);
  fake_prober_forget (world->prober);

  search = begin (world, SOCKS_PATIENCE_ONE_RACE);
  expect_nobody (&search, "*need a login*");
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);
}

static void
test_one_race_lasts_five_seconds (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  discover_silent (world, ONE);
  search = begin (world, SOCKS_PATIENCE_ONE_RACE);
  fake_clock_advance (world->clock, 5 * G_USEC_PER_SEC - 1);
  expect_waiting (search.request);
  fake_clock_advance (world->clock, 1);
  expect_nobody (&search, "No valid proxy available or connection failed: none of the "
                          "proxies known (1) answered within 5 s;*");
}

static void
test_the_remote_runs_only_where_it_shall_and_once (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  fake_prober_forget (world->prober);

  search = begin_with_remote (world, SOCKS_PATIENCE_ONE_RACE, ONE, FALSE);
  expect_nobody (&search, "*");
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 0);

  search = begin_with_remote (world, SOCKS_PATIENCE_ONE_RACE, ONE, TRUE);
  expect_found (&search, ONE);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 1);

  /* Listed or not. */
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, ONE);
  search = begin_with_remote (world, SOCKS_PATIENCE_ONE_RACE, TWO, TRUE);
  expect_found (&search, TWO);
}

static void
test_the_first_sweep_is_waited_for_until_its_first_proxy (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  world_pass (world, 3);
  expect_waiting (search.request);

  /* The sweep goes on after its first proxy. */
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, ONE);
  fake_source_name (world->source, ONE " " TWO);
  expect_found (&search, TWO);
  g_assert_true (socks_sweeper_is_sweeping (world->sweeper));
}

static void
test_the_first_sweep_is_waited_for_ten_seconds_in_all (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  fake_clock_advance (world->clock, 10 * G_USEC_PER_SEC - 1);
  expect_waiting (search.request);
  fake_clock_advance (world->clock, 1);
  expect_nobody (&search, "*no peers have been found;*");
}

static void
test_ten_seconds_end_also_a_race (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_source_hold (world->source);
  fake_prober_hold (world->prober, TWO);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  world_pass (world, 8);

  /* Valid when it was swept, silent when it was raced. */
  fake_prober_hold (world->prober, ONE);
  fake_source_name (world->source, ONE " " TWO);
  settle_main_loop ();
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, ONE), ==, 1);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, ONE);
  settle_main_loop ();
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, ONE), ==, 1);
  fake_clock_advance (world->clock, 2 * G_USEC_PER_SEC - 1);
  expect_waiting (search.request);
  fake_clock_advance (world->clock, 1);
  expect_nobody (&search, "*none of the proxies known (1) answered*");
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, ONE), ==, 0);
}

static void
test_the_end_of_the_first_sweep_without_a_proxy_ends_the_wait (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  world_peer (world, ONE, SOCKS_STATUS_NOT_A_PROXY);
  fake_source_name (world->source, ONE " " TWO);
  expect_nobody (&search, "*none of the peers asked (2) is a proxy;*");
}

static void
test_stopping_to_probe_ends_the_wait (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  socks_sweeper_set_probing (world->sweeper, FALSE);
  expect_nobody (&search, "*probing is off; call StartProbing first");
}

static void
test_a_proxy_found_during_a_lost_race_gets_a_race (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  /* The first proxy found is lost at once; its race lasts until after the sweep. */
  fake_prober_hold (world->prober, ONE);
  fake_prober_hold (world->prober, TWO);
  fake_source_name (world->source, ONE " " TWO);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  settle_main_loop ();
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, ONE);
  settle_main_loop ();
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, ONE), ==, 1);

  world_peer (world, TWO, SOCKS_STATUS_VALID);
  settle_main_loop ();
  g_assert_false (socks_sweeper_is_sweeping (world->sweeper));
  expect_waiting (search.request);
  world_pass (world, 5);
  expect_found (&search, TWO);
}

static void
test_without_a_first_sweep_to_come_there_is_one_race (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  /* Probing is off. */
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  expect_nobody (&search, "*no peers are known and probing is off*");

  /* The sweep has ended. */
  socks_sweeper_set_probing (world->sweeper, TRUE);
  settle_main_loop ();
  search = begin (world, SOCKS_PATIENCE_FIRST_SWEEP);
  expect_nobody (&search, "*no peers have been found*");
}

static void
test_a_first_sweep_that_begins_during_the_race_is_waited_for_as_long (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  fake_prober_hold (world->prober, ONE);
  fake_source_hold (world->source);
  search = begin_with_remote (world, SOCKS_PATIENCE_FIRST_SWEEP, ONE, TRUE);
  world_pass (world, 4);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  fake_clock_advance (world->clock, 6 * G_USEC_PER_SEC - 1);
  expect_waiting (search.request);
  fake_clock_advance (world->clock, 1);
  expect_nobody (&search, "*no peers have been found;*");
}

static void
test_until_found_is_a_race_every_five_seconds (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  fake_prober_forget (world->prober);
  search = begin (world, SOCKS_PATIENCE_UNTIL_FOUND);
  for (guint i = 1; i <= 100; i++)
    {
      g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, i);
      world_pass (world, 5);
    }
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_waiting (search.request);
  world_pass (world, 5);
  expect_found (&search, ONE);
}

static void
test_until_found_a_sweep_is_followed_by_a_race (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search;

  world_peer (world, TWO, SOCKS_STATUS_NOT_LISTENING);
  search = begin_with_remote (world, SOCKS_PATIENCE_UNTIL_FOUND, TWO, TRUE);
  world_pass (world, 1);
  fake_prober_forget (world->prober);
  world_discover (world, ONE);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);

  /* And the next one comes five seconds after that. */
  world_pass (world, 4);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);
  world_pass (world, 1);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 2);

  g_cancellable_cancel (search.cancellable);
  settle_main_loop ();
  g_assert_error (search.request->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&search.request->error);
  g_free (search.request);
  g_object_unref (search.cancellable);
}

static void
test_until_found_a_newcomer_is_raced_at_once (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Search search = begin (world, SOCKS_PATIENCE_UNTIL_FOUND);

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  fake_prober_hold (world->prober, TWO);
  fake_source_name (world->source, ONE " " TWO);
  socks_sweeper_sweep_now (world->sweeper);
  expect_found (&search, ONE);
  g_assert_true (socks_sweeper_is_sweeping (world->sweeper));
}

static void
test_a_cancelled_search_finds_nobody_any_more (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  const SocksPatience patiences[] = { SOCKS_PATIENCE_ONE_RACE, SOCKS_PATIENCE_FIRST_SWEEP,
                                      SOCKS_PATIENCE_UNTIL_FOUND };

  discover_silent (world, ONE);
  for (guint i = 0; i < G_N_ELEMENTS (patiences); i++)
    {
      Search search = begin (world, patiences[i]);

      g_cancellable_cancel (search.cancellable);
      world_peer (world, ONE, SOCKS_STATUS_VALID);
      settle_main_loop ();
      g_assert_true (search.request->is_over);
      g_assert_error (search.request->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
      g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
      fake_prober_hold (world->prober, ONE);
      g_clear_error (&search.request->error);
      g_free (search.request);
      g_object_unref (search.cancellable);
    }
}

static void
test_a_node_that_is_down_is_named (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autoptr (PendingFetch) fetch = NULL;
  Search search;

  expected_log_push (G_LOG_LEVEL_WARNING, "*Mycelium node*");
  fetch = fetch_from (SOCKS_PEER_SOURCE (world->node));
  g_assert_nonnull (fetch->error);

  search = begin (world, SOCKS_PATIENCE_ONE_RACE);
  expect_nobody (&search, "*the Mycelium node at http://127.0.0.1:1 does not answer; "
                          "start it, or name proxies in StaticPeers=*");

  /* But not where proxies are known all the same. */
  discover_silent (world, ONE);
  world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
  search = begin (world, SOCKS_PATIENCE_ONE_RACE);
  expect_nobody (&search, "*none of the proxies known (1) answered*");
  expected_log_assert_seen ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/search/" #name, test_##name)
  ADD (the_first_right_answer_wins);
  ADD (only_valid_peers_run);
  ADD (one_race_lasts_five_seconds);
  ADD (the_remote_runs_only_where_it_shall_and_once);
  ADD (the_first_sweep_is_waited_for_until_its_first_proxy);
  ADD (the_first_sweep_is_waited_for_ten_seconds_in_all);
  ADD (ten_seconds_end_also_a_race);
  ADD (the_end_of_the_first_sweep_without_a_proxy_ends_the_wait);
  ADD (stopping_to_probe_ends_the_wait);
  ADD (a_proxy_found_during_a_lost_race_gets_a_race);
  ADD (without_a_first_sweep_to_come_there_is_one_race);
  ADD (a_first_sweep_that_begins_during_the_race_is_waited_for_as_long);
  ADD (until_found_is_a_race_every_five_seconds);
  ADD (until_found_a_sweep_is_followed_by_a_race);
  ADD (until_found_a_newcomer_is_raced_at_once);
  ADD (a_cancelled_search_finds_nobody_any_more);
  ADD (a_node_that_is_down_is_named);
  return g_test_run ();
}
