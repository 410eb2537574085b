/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Each property: its type, its first value, and when a change of it is told. */

#include "config.h"

#include <unistd.h>

#include "bus-world.h"
#include "fake-node.h"
#include "pending-fetch.h"
#include "relay-world.h"

#define THREE "[400::3]:1080"
#define FOUR "[400::4]:1080"

static char *
print_interface (const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, &error);
  GString *printed = g_string_new (NULL);

  g_assert_no_error (error);
  g_dbus_interface_info_generate_xml (
      g_dbus_node_info_lookup_interface (node, "org.mycelium.Socks"), 0, printed);
  return g_string_free (printed, FALSE);
}

/* Members, types and annotations. */
static void
test_introspection_is_the_interface_as_it_is_written (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  g_autoptr (GVariant) reply =
      bus_client_ask (client, "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
  g_autofree char *written = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *introspected = NULL;
  const char *xml;

  g_variant_get (reply, "(&s)", &xml);
  introspected = print_interface (xml);
  g_assert_true (g_file_get_contents (g_getenv ("INTERFACE_XML"), &written, NULL, NULL));
  expected = print_interface (written);
  g_assert_cmpstr (introspected, ==, expected);
}

static void
test_the_first_values (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  const char *const rows[][2] = {
    { "Proxies", "[]" },
    { "State", "'disconnected'" },
    { "Remote", "''" },
    { "Selection", "''" },
    { "Listening", "''" },
    { "ListenScope", "'local'" },
    { "Probing", "false" },
    { "Sweeping", "false" },
    { "SweepProgress", "(0, 0)" },
    { "LastSweep", "0" },
    { "ProbeInterval", "60" },
    { "PeerCounts", "{'Unprobed': 0, 'Valid': 0, 'AuthenticationRequired': 0, "
                    "'NotAProxy': 0, 'NotListening': 0}" },
    { "NodeState", "'unknown'" },
    { "NodeAddress", "''" },
    { "LastError", "('', '')" },
    { "ActiveConnections", "0" },
    { "TotalConnections", "0" },
    { "RefusedConnections", "0" },
    { "BytesSent", "0" },
    { "BytesReceived", "0" },
    { "Version", "'" PACKAGE_VERSION "'" },
  };
  g_autoptr (GVariant) reply =
      bus_client_ask (client, "org.freedesktop.DBus.Properties", "GetAll",
                      g_variant_new ("(s)", "org.mycelium.Socks"));
  g_autoptr (GVariant) all = g_variant_get_child_value (reply, 0);

  g_assert_cmpuint (g_variant_n_children (all), ==, G_N_ELEMENTS (rows));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (all, rows[i][0], NULL);
      g_autofree char *printed = NULL;

      g_assert_nonnull (value);
      printed = g_variant_print (value, FALSE /* types */);
      g_assert_cmpstr (printed, ==, rows[i][1]);
      bus_client_expect_property (client, rows[i][0], rows[i][1]);
    }
}

static void
test_settings_are_shown (void)
{
  SocksSettings *settings = world_settings_new ();
  g_autoptr (BusWorld) world = NULL;
  g_autoptr (BusClient) client = NULL;

  settings->listen_local_only = FALSE;
  settings->probe_interval_s = 86400;
  world = bus_world_new_over (engine_world_new_with (settings));
  client = bus_world_add_client (world);
  bus_client_expect_property (client, "ListenScope", "'any'");
  bus_client_expect_property (client, "ProbeInterval", "86400");
}

static void
test_the_node_is_shown (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  SocksSettings *settings = world_settings_new ();
  g_autoptr (BusWorld) world = NULL;
  g_autoptr (BusClient) client = NULL;
  g_autoptr (PendingFetch) fetch = NULL;
  g_autofree char *address_text = NULL;
  g_autofree char *properties = NULL;
  struct in6_addr address;

  g_free (settings->node_url);
  settings->node_url = fake_node_dup_url (node);
  world = bus_world_new_over (engine_world_new_with (settings));
  client = bus_world_add_client (world);
  fetch = fetch_from (SOCKS_PEER_SOURCE (world->engine->node));
  g_assert_no_error (fetch->error);

  fake_node_get_address (node->own_number, &address);
  address_text = socks_address_format (&address);
  properties = g_strdup_printf ("NodeAddress='%s' NodeState='up'", address_text);
  bus_client_expect (client, properties);
}

/* Nothing is sent of what only counts. */
static void
test_counters_are_fresh_and_silent (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;
  g_autofree char *remote = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  world_connect (world->engine, remote);
  client = bus_world_add_client (world);
  pair.client = connect_to (&world->engine->settings->listen_address);
  pair.remote = accept_from (fd);
  send_all (pair.client, "question", 8);
  expect_bytes (pair.remote, "question", 8);
  send_all (pair.remote, "yes", 3);
  expect_bytes (pair.client, "yes", 3);

  bus_client_expect_property (client, "ActiveConnections", "1");
  bus_client_expect_property (client, "TotalConnections", "1");
  bus_client_expect_property (client, "RefusedConnections", "0");
  bus_client_expect_property (client, "BytesSent", "8");
  bus_client_expect_property (client, "BytesReceived", "3");
  pair_clear (&pair);
  close (fd);
  bus_world_pass (world, 10);
}

/* Peers */

#define PEER_ONE                                                                         \
  "{'Address': <'" ONE                                                                   \
  "'>, 'Status': <'Valid'>, 'LastProbed': <int64 1700000000000000>, "                    \
  "'Latency': <uint32 300>, 'LastSeen': <int64 1700000000000000>, 'Selected': <%s>}"
#define PEER_TWO                                                                         \
  "{'Address': <'" TWO "'>, 'Status': <'AuthenticationRequired'>, "                      \
  "'LastProbed': <int64 1700000000000000>, 'Latency': <uint32 100>, "                    \
  "'LastSeen': <int64 1700000000000000>, 'Selected': <%s>}"
#define PEER_THREE                                                                       \
  "{'Address': <'" THREE "'>, 'Status': <'NotAProxy'>, "                                 \
  "'LastProbed': <int64 1700000000000000>, 'Reason': <'not-socks5'>, "                   \
  "'Latency': <uint32 100>, 'LastSeen': <int64 1700000000000000>, 'Selected': <%s>}"
#define PEER_FOUR                                                                        \
  "{'Address': <'" FOUR "'>, 'Status': <'NotListening'>, "                               \
  "'LastProbed': <int64 1700000000000000>, 'Reason': <'refused'>, 'Selected': <%s>}"

static void
expect_list (GVariant *list, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) parsed =
      g_variant_parse (G_VARIANT_TYPE ("aa{sv}"), expected, NULL, NULL, &error);
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;

  g_assert_no_error (error);
  left = g_variant_print (list, TRUE /* types */);
  right = g_variant_print (parsed, TRUE /* types */);
  g_assert_cmpstr (left, ==, right);
}

static BusWorld *
world_with_four_peers (void)
{
  BusWorld *world = bus_world_new ();

  fake_prober_answer (world->engine->prober, ONE, SOCKS_STATUS_VALID, 300);
  fake_prober_answer (world->engine->prober, TWO, SOCKS_STATUS_AUTHENTICATION_REQUIRED,
                      100);
  fake_prober_answer (world->engine->prober, THREE, SOCKS_STATUS_NOT_A_PROXY, 100);
  bus_world_discover (world, FOUR " " THREE " " TWO " " ONE);
  return world;
}

static void
test_proxies_are_the_valid_and_those_with_login (void)
{
  g_autoptr (BusWorld) world = world_with_four_peers ();
  g_autoptr (BusClient) client = NULL;
  g_autoptr (GVariant) proxies = NULL;
  g_autofree char *expected =
      g_strdup_printf ("[" PEER_ONE ", " PEER_TWO "]", "false", "true");

  world_connect (world->engine, TWO);
  client = bus_world_add_client (world);
  proxies = bus_client_get (client, "Proxies");
  expect_list (proxies, expected);
  bus_client_expect_property (client, "PeerCounts",
                              "{'Unprobed': 0, 'Valid': 1, 'AuthenticationRequired': 1, "
                              "'NotAProxy': 1, 'NotListening': 1}");
}

static void
test_listed_are_all_peers_also_those_not_probed (void)
{
  g_autoptr (BusWorld) world = world_with_four_peers ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) list = NULL;
  g_autofree char *expected =
      g_strdup_printf ("[" PEER_ONE ", " PEER_TWO ", " PEER_THREE ", " PEER_FOUR
                       ", {'Address': <'192.0.2.1:9050'>, 'Selected': <false>}]",
                       "false", "false", "false", "false");

  fake_prober_hold (world->engine->prober, NULL);
  fake_prober_hold (world->engine->prober, ONE);
  fake_prober_hold (world->engine->prober, TWO);
  fake_prober_hold (world->engine->prober, THREE);
  fake_source_name (world->engine->source, "192.0.2.1:9050");
  socks_sweeper_sweep_now (world->engine->sweeper);
  bus_client_expect (client, "SweepProgress=(0, 0) Sweeping=true");
  bus_world_pass (world, 1);
  bus_client_expect (client, "SweepProgress=(0, 5)");
  reply = bus_client_ask (client, "org.mycelium.Socks", "ListPeers", NULL);
  list = g_variant_get_child_value (reply, 0);
  expect_list (list, expected);
  bus_client_expect_property (client, "PeerCounts",
                              "{'Unprobed': 1, 'Valid': 1, 'AuthenticationRequired': 1, "
                              "'NotAProxy': 1, 'NotListening': 1}");
}

static void
test_proxies_go_by_latency_and_then_by_address (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;
  g_autoptr (GVariant) proxies = NULL;
  const char *const expected[] = { THREE, ONE, TWO, FOUR };

  fake_prober_answer (world->engine->prober, ONE, SOCKS_STATUS_VALID, 20);
  fake_prober_answer (world->engine->prober, TWO, SOCKS_STATUS_VALID, 20);
  fake_prober_answer (world->engine->prober, THREE, SOCKS_STATUS_VALID, 10);
  fake_prober_answer (world->engine->prober, FOUR, SOCKS_STATUS_AUTHENTICATION_REQUIRED,
                      1);
  bus_world_discover (world, FOUR " " TWO " " ONE " " THREE);
  client = bus_world_add_client (world);
  proxies = bus_client_get (client, "Proxies");
  g_assert_cmpuint (g_variant_n_children (proxies), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (proxies, i);
      const char *address;

      g_assert_true (g_variant_lookup (entry, "Address", "&s", &address));
      g_assert_cmpstr (address, ==, expected[i]);
    }
}

/* Pace */

/* Waits for what is like @pattern and drops the rest: peers and progress are told by two
 * threads, in no order between them. */
static void
wait_for_peers (BusClient *client, const char *pattern)
{
  RUN_UNTIL (bus_client_drop (client, pattern) == 1);
  bus_client_drop (client, "*");
}

static void
test_peers_are_told_at_most_twice_a_second_and_fresh_when_asked (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_hear_peers (client);
  fake_prober_hold (world->engine->prober, NULL);
  fake_source_name (world->engine->source, ONE " " TWO " " THREE);
  socks_sweeper_sweep_now (world->engine->sweeper);
  bus_world_pass (world, 1);
  wait_for_peers (client, "PeerCounts={'Unprobed': 3,*");

  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  wait_for_peers (client, "PeerCounts={*'Valid': 1,*} Proxies=[{*" ONE "*}]");
  world_peer (world->engine, TWO, SOCKS_STATUS_VALID);
  bus_client_expect_property (
      client, "PeerCounts",
      "{'Unprobed': 1, 'Valid': 2, 'AuthenticationRequired': 0, 'NotAProxy': 0, "
      "'NotListening': 0}");
  fake_clock_advance (world->engine->clock, G_USEC_PER_SEC / 2 - 1);
  bus_client_expect (client, "SweepProgress=(2, 3)");
  bus_client_expect_nothing (client);
  fake_clock_advance (world->engine->clock, 1);
  bus_client_expect (client,
                     "PeerCounts={*'Valid': 2,*} Proxies=[{*" ONE "*}, {*" TWO "*}]");
}

static void
test_who_asked_in_between_is_told_that_all_is_as_before (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  g_autoptr (GVariant) proxies = NULL;

  bus_client_hear_peers (client);
  bus_world_discover (world, ONE);
  wait_for_peers (client, "PeerCounts={*'NotListening': 1}");
  /* The half second begins, in which it comes and goes. */
  world_connect (world->engine, "192.0.2.1:1080");
  fake_prober_answer (world->engine->prober, ONE, SOCKS_STATUS_VALID, 20);
  world_discover (world->engine, ONE);
  proxies = bus_client_get (client, "Proxies");
  g_assert_cmpuint (g_variant_n_children (proxies), ==, 1);
  fake_prober_answer (world->engine->prober, ONE, SOCKS_STATUS_NOT_LISTENING, 0);
  world_discover (world->engine, ONE);
  bus_world_pass (world, 1);
  wait_for_peers (client, "Proxies=[]");
}

static void
test_peers_are_told_only_when_they_differ (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  /* Nobody listens, and again nobody listens. */
  bus_client_hear_peers (client);
  bus_world_discover (world, ONE);
  wait_for_peers (client, "PeerCounts={*'NotListening': 1}");
  for (guint i = 0; i < 3; i++)
    {
      bus_world_discover (world, ONE);
      bus_client_drop (client, "*Sweep*");
      bus_client_expect_nothing (client);
    }

  /* A choice that is not listed changes no entry. */
  world_connect (world->engine, "192.0.2.1:1080");
  bus_world_pass (world, 1);
  bus_client_expect (client, "*Remote=*");
  bus_client_expect (client, "RemoteChanged *");
}

static void
test_who_is_selected_is_told (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_hear_peers (client);
  world_peer (world->engine, ONE, SOCKS_STATUS_VALID);
  bus_world_discover (world, ONE);
  wait_for_peers (client, "*Proxies=*'Selected': <false>*");
  world_connect (world->engine, ONE);
  wait_for_peers (client, "Proxies=*'Selected': <true>*");
  world_disconnect (world->engine);
  bus_world_pass (world, 1);
  wait_for_peers (client, "Proxies=*'Selected': <false>*");
}

static void
test_progress_is_told_at_most_four_times_a_second (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;
  GString *peers = g_string_new (NULL);
  guint n_told = 0;

  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *peer = g_strdup_printf ("[400::%x]:1080", i);

      fake_prober_hold (world->engine->prober, peer);
      g_string_append_printf (peers, i > 1 ? " %s" : "%s", peer);
    }
  fake_source_name (world->engine->source, peers->str);
  socks_sweeper_sweep_now (world->engine->sweeper);
  bus_world_pass (world, 1);
  client = bus_world_add_client (world);

  /* A peer every 10 ms, a second long. */
  for (guint i = 1; i < 100; i++)
    {
      g_autofree char *peer = g_strdup_printf ("[400::%x]:1080", i);

      world_peer (world->engine, peer, SOCKS_STATUS_NOT_LISTENING);
      fake_clock_advance (world->engine->clock, 10000);
      n_told += bus_client_drop (client, "SweepProgress=(*, 100)");
    }
  bus_world_pass (world, 1);
  n_told += bus_client_drop (client, "SweepProgress=(99, 100)");
  g_assert_cmpuint (n_told, ==, 5);
  g_string_free (peers, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/properties/" #name, test_##name)
  ADD (introspection_is_the_interface_as_it_is_written);
  ADD (the_first_values);
  ADD (settings_are_shown);
  ADD (the_node_is_shown);
  ADD (counters_are_fresh_and_silent);
  ADD (proxies_are_the_valid_and_those_with_login);
  ADD (listed_are_all_peers_also_those_not_probed);
  ADD (proxies_go_by_latency_and_then_by_address);
  ADD (peers_are_told_at_most_twice_a_second_and_fresh_when_asked);
  ADD (who_asked_in_between_is_told_that_all_is_as_before);
  ADD (peers_are_told_only_when_they_differ);
  ADD (who_is_selected_is_told);
  ADD (progress_is_told_at_most_four_times_a_second);
  return g_test_run ();
}
