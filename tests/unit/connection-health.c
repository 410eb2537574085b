/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What becomes of a connection whose remote does not answer. */

#include "engine-world.h"
#include "expected-log.h"
#include "relay-world.h"

#include <unistd.h>

/* A manual remote */

static void
test_a_manual_remote_that_answers_anything_is_well (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  const GArray *questions = fake_prober_get_questions (world->prober);

  world_peer (world, ONE, SOCKS_STATUS_NOT_A_PROXY);
  adopt_manual (world, ONE);
  g_queue_clear_full (&world->events, g_free);
  world_pass (world, 60);
  expect_no_event (world);
  g_assert_cmpuint (questions->len, ==, 4);
  for (guint i = 0; i < questions->len; i++)
    g_assert_cmpint (g_array_index (questions, FakeQuestion, i).kind, ==,
                     SOCKS_PROBE_REACH);
}

static void
test_a_manual_remote_that_fails_twice_is_still_dialled_until_it_is_back (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  g_autofree char *failing = NULL;
  g_autofree char *connected = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  failing = g_strconcat ("failing manual ", remote, " (Failed)", NULL);
  connected = g_strconcat ("connected manual ", remote, NULL);
  adopt_manual (world, remote);
  g_queue_clear_full (&world->events, g_free);

  /* The prober's network is not that of the relay. */
  expected_log_push (G_LOG_LEVEL_WARNING, "*does not answer any more");
  world_pass (world, 15);
  expect_no_event (world);
  world_pass (world, 1);
  expect_event (world, failing);
  expect_last_error (world, "The proxy * does not answer; wait until it is back, or "
                            "connect to another");

  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);
  pair_clear (&pair);
  close (fd);
  g_assert_cmpuint (get_counters (world).refused_streams, ==, 0);

  world_pass (world, 4);
  world_peer (world, remote, SOCKS_STATUS_NOT_A_PROXY);
  expect_no_event (world);
  world_pass (world, 1);
  expect_event (world, connected);
  expect_remembered (world, SOCKS_SELECTION_MANUAL, remote);
  expected_log_assert_seen ();
}

static void
test_one_failure_is_forgiven (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  adopt_manual (world, ONE);
  g_queue_clear_full (&world->events, g_free);
  for (guint i = 0; i < 3; i++)
    {
      world_peer (world, ONE, SOCKS_STATUS_NOT_LISTENING);
      world_pass (world, 15);
      world_peer (world, ONE, SOCKS_STATUS_VALID);
      world_pass (world, 1);
    }
  expect_no_event (world);
}

/* An automatic remote, without failover */

static void
test_without_failover_an_automatic_remote_fails_and_refuses_until_it_is_back (void)
{
  SocksSettings *settings = world_settings_new ();
  g_autoptr (EngineWorld) world = NULL;
  int client;

  settings->failover = FALSE;
  world = engine_world_new_with (settings);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_discover (world, TWO);
  adopt_automatic (world, ONE);
  g_queue_clear_full (&world->events, g_free);

  /* Another status than Valid is a failure too: it was chosen as a proxy. */
  expected_log_push (G_LOG_LEVEL_WARNING, ONE " does not answer any more");
  world_peer (world, ONE, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  world_pass (world, 16);
  expect_event (world, "failing automatic " ONE " (Failed)");
  wait_for_relay (world);
  client = connect_to (PORT (world));
  expect_end (client);
  close (client);
  g_assert_cmpuint (get_counters (world).refused_streams, ==, 1);

  world_pass (world, 20);
  expect_no_event (world);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " ONE);
  expected_log_assert_seen ();
}

static void
test_a_stream_that_can_not_reach_the_remote_has_it_asked_at_once (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  int client;

  close (fd);
  remote = socks_endpoint_format (&listener);
  world_peer (world, remote, SOCKS_STATUS_VALID);
  adopt_manual (world, remote);
  g_queue_clear_full (&world->events, g_free);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);

  client = connect_to (PORT (world));
  expect_end (client);
  close (client);
  RUN_UNTIL ((fake_clock_advance (world->clock, 0),
              fake_prober_count_asked (world->prober, remote) == 1));
  expect_no_event (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/connection/health/" #name, test_##name)
  ADD (a_manual_remote_that_answers_anything_is_well);
  ADD (a_manual_remote_that_fails_twice_is_still_dialled_until_it_is_back);
  ADD (one_failure_is_forgiven);
  ADD (without_failover_an_automatic_remote_fails_and_refuses_until_it_is_back);
  ADD (a_stream_that_can_not_reach_the_remote_has_it_asked_at_once);
  return g_test_run ();
}
