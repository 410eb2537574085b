/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Each method: its answers, and what a client has seen by the time the answer comes. */

#include <errno.h>
#include <unistd.h>

#include "bus-world.h"
#include "expected-log.h"
#include "relay-world.h"

#define ERROR "org.mycelium.Socks.Error."

/* ONE is known and silent. */
static BusWorld *
bus_world_with_silent_one (void)
{
  BusWorld *world = bus_world_new ();

  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_world_discover (world, ONE);
  fake_prober_hold (world->engine->prober, ONE);
  return world;
}

/* The race that a Connect has begun. */
static void
wait_for_race (BusWorld *world)
{
  RUN_UNTIL (fake_prober_count_in_flight (world->engine->prober, ONE) == 1);
}

/* A client that finds @remote chosen by name. */
static BusClient *
add_connected_client (BusWorld *world, const char *remote)
{
  world_connect (world->engine, remote);
  return bus_world_add_client (world);
}

static void
test_connect_to_an_address (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_connect (client, ONE);
  bus_client_expect (client, "Listening='127.*:1080' Remote='" ONE "' Selection='manual' "
                             "State='connected'");
  bus_client_expect (client, "RemoteChanged ('', '" ONE "', 'user')");
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_connect_to_the_fastest (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_connect (client, "");
  bus_client_expect (client, "State='connecting'");
  wait_for_race (world);
  bus_client_expect_nothing (client);
  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_client_expect (client, "Listening='127.*:1080' Remote='" ONE "' "
                             "Selection='automatic' State='connected'");
  bus_client_expect (client, "RemoteChanged ('', '" ONE "', 'automatic')");
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_connect_without_a_proxy (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_connect (client, "");
  bus_client_expect (client, "State='connecting'");
  bus_client_expect (client, "LastError=('" ERROR "NoValidProxy', *)");
  bus_client_expect (client, "State='disconnected'");
  bus_client_expect (client,
                     "Connect → " ERROR "NoValidProxy: No valid proxy available or "
                     "connection failed: *");

  /* Until the next success. */
  bus_client_connect (client, ONE);
  bus_client_expect (client, "LastError=('', '') Listening=*");
  bus_client_expect (client, "RemoteChanged *");
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_connect_with_the_port_taken (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  SocksRelayOptions options = { .n_workers = 1, .max_streams = 1, .local_only = TRUE };
  SocksRelay *other;

  g_assert_cmpint (socks_relay_new (&options, &other), ==, 0);
  g_assert_cmpint (socks_relay_listen (other, &world->engine->settings->listen_address),
                   ==, 0);
  bus_client_connect (client, ONE);
  bus_client_expect (client, "LastError=('" ERROR "AddressInUse', *)");
  bus_client_expect (client,
                     "Connect → " ERROR "AddressInUse: Could not bind TCP listener on "
                     "127.*:1080: the port is held by *");
  bus_client_expect_property (client, "Listening", "''");
  socks_relay_free (other);
}

static void
test_connect_with_a_port_that_can_not_be_opened (void)
{
  SocksSettings *settings = world_settings_new ();
  g_autoptr (BusWorld) world = NULL;
  g_autoptr (BusClient) client = NULL;

  /* Not an address of this machine. */
  settings->listen_address = endpoint_of ("192.0.2.1:1080");
  world = bus_world_new_over (engine_world_new_with (settings));
  client = bus_world_add_client (world);
  bus_client_connect (client, ONE);
  bus_client_expect (client, "LastError=('" ERROR "ListenFailed', *)");
  bus_client_expect (client, "Connect → " ERROR "ListenFailed: Could not listen on "
                             "192.0.2.1:1080: *");
}

static void
test_connect_while_connected_keeps_state_and_remote_until_the_end (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = add_connected_client (world, TWO);

  bus_client_connect (client, "");
  wait_for_race (world);
  bus_client_expect_nothing (client);
  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_client_expect (client, "Remote='" ONE "' Selection='automatic'");
  bus_client_expect (client, "RemoteChanged ('" TWO "', '" ONE "', 'automatic')");
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_a_failed_connect_while_connected_changes_only_the_last_error (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = add_connected_client (world, TWO);

  bus_client_connect (client, "");
  wait_for_race (world);
  bus_client_expect_nothing (client);
  bus_world_pass (world, 5);
  bus_client_expect (client, "LastError=('" ERROR "NoValidProxy', *)");
  bus_client_expect (client, "Connect → " ERROR "NoValidProxy: *");
}

static void
test_the_same_remote_again_is_only_an_answer (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = add_connected_client (world, ONE);

  bus_client_connect (client, ONE);
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_a_newer_connect_cancels_an_older_one (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  g_autoptr (BusClient) other = NULL;

  bus_client_connect (client, "");
  bus_client_expect (client, "State='connecting'");
  other = bus_world_add_client (world);
  bus_client_connect (other, TWO);
  bus_client_expect (other, "*Remote='" TWO "'*");
  bus_client_expect (other, "RemoteChanged ('', '" TWO "', 'user')");
  bus_client_expect (other, "Connect → ('" TWO "',)");
  bus_client_expect (client, "*Remote='" TWO "'*");
  bus_client_expect (client, "RemoteChanged ('', '" TWO "', 'user')");
  bus_client_expect (client, "Connect → " ERROR "Cancelled: *");
}

static void
test_a_caller_who_leaves_after_its_permission_is_served_all_the_same (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) witness = bus_world_add_client (world);
  BusClient *client = bus_world_add_client (world);

  bus_client_connect (client, "");
  bus_client_expect (witness, "State='connecting'");
  bus_client_leave (client);
  bus_client_free (client);
  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_client_expect (witness, "*Remote='" ONE "'*");
  bus_client_expect (witness, "RemoteChanged ('', '" ONE "', 'automatic')");
}

static void
test_disconnect_answers_when_all_is_gone (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;
  g_autofree char *remote = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  client = add_connected_client (world, remote);
  pair.client = connect_to (&world->engine->settings->listen_address);
  pair.remote = accept_from (fd);
  bus_client_expect_property (client, "ActiveConnections", "1");

  bus_client_call (client, "Disconnect", NULL);
  bus_client_expect (client, "Listening='' Remote='' Selection='' State='disconnected'");
  bus_client_expect (client, "RemoteChanged ('127.0.0.1:*', '', 'user')");
  bus_client_expect (client, "Disconnect → ()");
  bus_client_expect_property (client, "ActiveConnections", "0");
  g_assert_cmpint (try_to_connect (&world->engine->settings->listen_address), ==,
                   -ECONNREFUSED);
  expect_reset (pair.client);
  expect_reset (pair.remote);
  pair_clear (&pair);
  close (fd);

  /* Nothing to do is success. */
  bus_client_call (client, "Disconnect", NULL);
  bus_client_expect (client, "Disconnect → ()");
}

static void
test_disconnect_cancels_a_connect (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_connect (client, "");
  bus_client_expect (client, "State='connecting'");
  bus_client_call (client, "Disconnect", NULL);
  bus_client_expect (client, "State='disconnected'");
  bus_client_expect (client, "Connect → " ERROR "Cancelled: *");
  bus_client_expect (client, "Disconnect → ()");
}

static void
test_probing_starts_and_stops (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_source_hold (world->engine->source);
  bus_client_call (client, "StartProbing", NULL);
  bus_client_expect (client, "Probing=true Sweeping=true");
  bus_client_expect (client, "StartProbing → ()");
  bus_client_call (client, "StartProbing", NULL);
  bus_client_expect (client, "StartProbing → ()");
  g_assert_cmpuint (fake_source_count_fetches (world->engine->source), ==, 1);

  /* A cancelled sweep does not move LastSweep. */
  bus_client_call (client, "StopProbing", NULL);
  bus_client_expect (client, "Probing=false Sweeping=false");
  bus_client_expect (client, "StopProbing → ()");
  bus_client_expect_property (client, "LastSweep", "0");
  bus_client_call (client, "StopProbing", NULL);
  bus_client_expect (client, "StopProbing → ()");
}

static void
test_probing_sweeps_every_interval (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_call (client, "StartProbing", NULL);
  bus_client_expect (client, "Probing=true Sweeping=true");
  bus_client_expect (client, "StartProbing → ()");
  bus_client_expect (client, "LastSweep=1700000000000000 Sweeping=false");
  bus_world_pass (world, 59);
  bus_client_expect_nothing (client);
  bus_world_pass (world, 1);
  bus_client_expect (client, "Sweeping=true");
  bus_client_expect (client, "LastSweep=1700000060000000 Sweeping=false");
}

static void
test_probe_now_sweeps_once (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_source_hold (world->engine->source);
  bus_client_call (client, "ProbeNow", NULL);
  bus_client_expect (client, "Sweeping=true");
  bus_client_expect (client, "ProbeNow → ()");

  /* Joins. */
  bus_client_call (client, "ProbeNow", NULL);
  bus_client_expect (client, "ProbeNow → ()");
  fake_source_name (world->engine->source, "");
  bus_client_expect (client, "LastSweep=1700000000000000 Sweeping=false");
  bus_world_pass (world, 120);
  bus_client_expect_nothing (client);
  g_assert_cmpuint (fake_source_count_fetches (world->engine->source), ==, 1);
}

static void
test_stop_probing_ends_a_sweep_of_probe_now (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_source_hold (world->engine->source);
  bus_client_call (client, "ProbeNow", NULL);
  bus_client_expect (client, "Sweeping=true");
  bus_client_expect (client, "ProbeNow → ()");
  bus_client_call (client, "StopProbing", NULL);
  bus_client_expect (client, "Sweeping=false");
  bus_client_expect (client, "StopProbing → ()");
  bus_client_expect_property (client, "LastSweep", "0");
}

static void
test_the_end_of_the_service_is_told (void)
{
  g_autoptr (BusWorld) world = bus_world_with_silent_one ();
  g_autoptr (BusClient) client = add_connected_client (world, TWO);

  bus_client_connect (client, "");
  wait_for_race (world);
  bus_client_expect_nothing (client);
  socks_engine_shut_down (world->engine->engine);
  bus_client_expect (client, "Listening='' Remote='' Selection='' State='disconnected'");
  bus_client_expect (client, "RemoteChanged ('" TWO "', '', 'shutdown')");
  bus_client_expect (client, "Connect → " ERROR "Cancelled: *");
}

static void
test_failover_is_told (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;

  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_world_discover (world, ONE);
  world_connect (world->engine, "");
  client = bus_world_add_client (world);

  world_peer (world->engine, ONE, SOCKS_STATUS_NOT_LISTENING);
  expected_log_push (G_LOG_LEVEL_WARNING, "No valid proxy available*");
  bus_world_pass (world, 16);
  bus_client_expect (client, "LastError=('" ERROR "NoValidProxy', *) State='failing'");
  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_world_pass (world, 5);
  bus_client_expect (client, "LastError=('', '') State='connected'");
  expected_log_assert_seen ();
}

static void
test_a_successor_is_told_with_its_reason (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;

  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_world_discover (world, ONE);
  world_connect (world->engine, "");
  world_peer (world->engine, TWO, SOCKS_STATUS_VALID);
  bus_world_discover (world, ONE " " TWO);
  client = bus_world_add_client (world);

  world_peer (world->engine, ONE, SOCKS_STATUS_NOT_LISTENING);
  bus_world_pass (world, 15);
  bus_client_expect (client, "Remote='" TWO "'");
  bus_client_expect (client, "RemoteChanged ('" ONE "', '" TWO "', 'failover')");
}

static void
test_restoring_is_told (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  SocksEndpoint remote = endpoint_of (ONE);

  socks_engine_restore (world->engine->engine, SOCKS_SELECTION_MANUAL, &remote);
  bus_client_expect (client, "State='connecting'");
  bus_client_expect (client, "Listening='127.*:1080' Remote='" ONE "' Selection='manual' "
                             "State='connected'");
  bus_client_expect (client, "RemoteChanged ('', '" ONE "', 'restored')");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/methods/" #name, test_##name)
  ADD (connect_to_an_address);
  ADD (connect_to_the_fastest);
  ADD (connect_without_a_proxy);
  ADD (connect_with_the_port_taken);
  ADD (connect_with_a_port_that_can_not_be_opened);
  ADD (connect_while_connected_keeps_state_and_remote_until_the_end);
  ADD (a_failed_connect_while_connected_changes_only_the_last_error);
  ADD (the_same_remote_again_is_only_an_answer);
  ADD (a_newer_connect_cancels_an_older_one);
  ADD (a_caller_who_leaves_after_its_permission_is_served_all_the_same);
  ADD (disconnect_answers_when_all_is_gone);
  ADD (disconnect_cancels_a_connect);
  ADD (probing_starts_and_stops);
  ADD (probing_sweeps_every_interval);
  ADD (probe_now_sweeps_once);
  ADD (stop_probing_ends_a_sweep_of_probe_now);
  ADD (the_end_of_the_service_is_told);
  ADD (failover_is_told);
  ADD (a_successor_is_told_with_its_reason);
  ADD (restoring_is_told);
  return g_test_run ();
}
