/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests: what they bring about, that a failed one changes nothing, and what may be a
 * remote. */

#include "engine/engine.h"

#include <errno.h>
#include <unistd.h>

#include "engine-world.h"
#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"
#include "relay-world.h"

static void
test_the_fastest_is_the_first_that_answers (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Request *request;

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_discover (world, ONE " " TWO);
  fake_prober_hold (world->prober, ONE);
  fake_prober_hold (world->prober, TWO);

  request = ask_to_connect (world, "");
  expect_event (world, "connecting");
  g_assert_cmpint (try_to_connect (PORT (world)), ==, -ECONNREFUSED);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  expect_chosen (request, TWO);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, " → " TWO " automatic");
  expect_remembered (world, SOCKS_SELECTION_AUTOMATIC, TWO);
  g_assert_cmpint (close (connect_to (PORT (world))), ==, 0);
}

static void
test_an_address_is_taken_without_asking_it (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  expect_chosen (ask_to_connect (world, ONE), ONE);
  expect_event (world, "connected manual " ONE);
  expect_event (world, " → " ONE " user");
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);
}

static void
test_the_fastest_waits_for_the_first_sweep (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  Request *request;

  fake_source_hold (world->source);
  socks_sweeper_set_probing (world->sweeper, TRUE);
  request = ask_to_connect (world, "");
  expect_event (world, "connecting");
  world_pass (world, 9);
  expect_waiting (request);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  fake_source_name (world->source, ONE);
  expect_chosen (request, ONE);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " automatic");
}

static void
test_a_failure_is_the_last_error_until_the_next_success (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  expect_failure (ask_to_connect (world, ""), SOCKS_ERROR_NO_VALID_PROXY,
                  "No valid proxy available or connection failed: no peers are known and "
                  "probing is off; call StartProbing first");
  expect_event (world, "connecting");
  expect_event (world, "connecting (NoValidProxy)");
  expect_event (world, "disconnected (NoValidProxy)");
  expect_chosen (ask_to_connect (world, ONE), ONE);
  expect_event (world, "connected manual " ONE);
  expect_event (world, " → " ONE " user");
}

/* Streams and all else, but for the last error. */
static void
test_a_failed_connect_changes_nothing_while_connected (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  g_autofree char *unchanged = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Request *request;
  Pair pair;

  remote = socks_endpoint_format (&listener);
  unchanged = g_strconcat ("connected manual ", remote, " (NoValidProxy)", NULL);
  world_connect (world, remote);
  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);

  fake_prober_hold (world->prober, remote);
  request = ask_to_connect (world, "");
  world_pass (world, 4);
  expect_no_event (world);
  world_pass (world, 1);
  expect_failure (request, SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_event (world, unchanged);
  expect_remembered (world, SOCKS_SELECTION_MANUAL, remote);

  RUN_UNTIL (socks_relay_is_settled (world->relay));
  send_all (pair.client, "still there?", 12);
  expect_bytes (pair.remote, "still there?", 12);
  pair_clear (&pair);
  close (fd);
}

static void
test_state_and_remote_stay_until_the_new_one_is_chosen (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  Request *request;

  world_connect (world, TWO);
  request = ask_to_connect (world, "");
  expect_waiting (request);
  expect_no_event (world);
  g_assert_cmpint (close (connect_to (PORT (world))), ==, 0);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_chosen (request, ONE);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, TWO " → " ONE " automatic");
}

static void
test_the_same_remote_again_is_no_change (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_connect (world, ONE);
  expect_chosen (ask_to_connect (world, ONE), ONE);
  expect_no_event (world);

  /* It takes part in the race without being listed. */
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_chosen (ask_to_connect (world, ""), ONE);
  expect_event (world, "connected automatic " ONE);
  expect_chosen (ask_to_connect (world, ONE), ONE);
  expect_event (world, "connected manual " ONE);
}

static void
test_a_connect_to_a_manual_remote_that_fails_asks_it_at_once (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_connect (world, ONE);
  expected_log_push (G_LOG_LEVEL_WARNING, ONE " does not answer any more");
  world_pass (world, 16);
  expect_event (world, "failing manual " ONE " (Failed)");
  fake_prober_forget (world->prober);

  expected_log_push (G_LOG_LEVEL_WARNING, ONE " does not answer any more");
  expect_chosen (ask_to_connect (world, ONE), ONE);
  expect_event (world, "connected manual " ONE);
  world_pass (world, 1);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 2);
  expect_event (world, "failing manual " ONE " (Failed)");
  expected_log_assert_seen ();
}

static void
test_a_taken_port_fails_the_connect (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksRelayOptions options = { .n_workers = 1, .max_streams = 1, .local_only = TRUE };
  SocksRelay *other;

  g_assert_cmpint (socks_relay_new (&options, &other), ==, 0);
  g_assert_cmpint (socks_relay_listen (other, PORT (world)), ==, 0);
  expect_failure (ask_to_connect (world, ONE), SOCKS_ERROR_ADDRESS_IN_USE,
                  "Could not bind TCP listener on 127.*:1080: the port is held by *");
  expect_event (world, "disconnected (AddressInUse)");

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  expect_failure (ask_to_connect (world, ""), SOCKS_ERROR_ADDRESS_IN_USE, "*");
  expect_event (world, "connecting (AddressInUse)");
  expect_event (world, "disconnected (AddressInUse)");
  expect_remembered (world, SOCKS_SELECTION_NONE, NULL);

  /* It is not tried again by itself. */
  socks_relay_free (other);
  world_pass (world, 60);
  expect_no_event (world);
}

/* What may be a remote */

static void
expect_not_allowed (EngineWorld *world, const char *remote)
{
  expect_failure (ask_to_connect (world, remote), SOCKS_ERROR_REMOTE_NOT_ALLOWED, "*");
}

static void
test_the_own_port_is_no_remote_in_any_spelling (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *own = socks_endpoint_format (PORT (world));

  expect_not_allowed (world, own);
  expect_not_allowed (world, "[::1]:1080");
  expect_not_allowed (world, "[0:0:0:0:0:0:0:1]:1080");
  expect_not_allowed (world, "127.0.0.1:1080");
  expect_not_allowed (world, "127.5.5.5:1080");
  expect_not_allowed (world, "[::ffff:127.0.0.1]:1080");
  expect_not_allowed (world, "0.0.0.0:1080");
  expect_not_allowed (world, "[::]:1080");
  expect_no_event (world);

  /* Another port of this machine may be one. */
  expect_chosen (ask_to_connect (world, "127.0.0.1:9050"), "127.0.0.1:9050");
  expect_event (world, "connected manual 127.0.0.1:9050");
  expect_event (world, " → 127.0.0.1:9050 user");
}

static void
test_addresses_that_lead_nowhere_are_no_remotes (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  const char *const remotes[] = {
    "[400::1]:0",          "0.0.0.0:9050",   "[::]:9050",        "[ff02::1]:1080",
    "224.0.0.1:1080",      "[fe80::1]:1080", "169.254.1.1:1080", "255.255.255.255:1080",
    "[::ffff:0.0.0.1]:80", "0.1.2.3:1080",   "240.0.0.1:1080",
  };

  for (guint i = 0; i < G_N_ELEMENTS (remotes); i++)
    expect_not_allowed (world, remotes[i]);
  expect_no_event (world);
}

static void
test_the_own_address_of_the_node_is_no_remote_on_the_own_port (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  SocksSettings *settings = world_settings_new ();
  g_autoptr (EngineWorld) world = NULL;
  g_autoptr (PendingFetch) fetch = NULL;
  SocksEndpoint own = { .port = 1080 };
  g_autofree char *remote = NULL;

  g_free (settings->node_url);
  settings->node_url = fake_node_dup_url (node);
  world = engine_world_new_with (settings);
  fake_node_get_address (node->own_number, &own.address);
  remote = socks_endpoint_format (&own);
  world_connect (world, remote);
  fetch = fetch_from (SOCKS_PEER_SOURCE (world->node));
  g_assert_no_error (fetch->error);

  expect_not_allowed (world, remote);
  expect_no_event (world);
  own.port = 9050;
  g_free (remote);
  remote = socks_endpoint_format (&own);
  world_connect (world, remote);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/engine/" #name, test_##name)
  ADD (the_fastest_is_the_first_that_answers);
  ADD (an_address_is_taken_without_asking_it);
  ADD (the_fastest_waits_for_the_first_sweep);
  ADD (a_failure_is_the_last_error_until_the_next_success);
  ADD (a_failed_connect_changes_nothing_while_connected);
  ADD (state_and_remote_stay_until_the_new_one_is_chosen);
  ADD (the_same_remote_again_is_no_change);
  ADD (a_connect_to_a_manual_remote_that_fails_asks_it_at_once);
  ADD (a_taken_port_fails_the_connect);
  ADD (the_own_port_is_no_remote_in_any_spelling);
  ADD (addresses_that_lead_nowhere_are_no_remotes);
  ADD (the_own_address_of_the_node_is_no_remote_on_the_own_port);
  return g_test_run ();
}
