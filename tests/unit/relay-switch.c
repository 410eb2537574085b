/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Changing the remote, refusing, closing, and how the relay tells that it has settled. */

#include "relay-world.h"

#include "relay/port-holder.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void
test_a_switch_cuts_streams_to_the_old_remote (void)
{
  World world;
  Pair old, new;
  SocksEndpoint other;
  int listener = listen_on ("127.0.0.1", 16, &other);

  world_init (&world, NULL);
  world_open_pair (&world, &old);
  socks_relay_forward_to (world.relay, &other);
  new.client = connect_to (&world.local);
  new.remote = accept_from (listener);
  expect_reset (old.client);
  expect_reset (old.remote);

  send_all (new.client, "x", 1);
  expect_bytes (new.remote, "x", 1);
  world_wait_until_settled (&world);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, 1);
  pair_clear (&old);
  pair_clear (&new);
  close (listener);
  world.n_descriptors--;
  world_clear (&world);
}

static void
test_refusing_spares_streams_and_the_same_remote_again_too (void)
{
  World world;
  Pair pair;
  int refused;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  for (guint i = 0; i < 10; i++)
    {
      socks_relay_refuse (world.relay);
      refused = connect_to (&world.local);
      expect_end (refused);
      close (refused);
      socks_relay_forward_to (world.relay, &world.remote);
      socks_relay_forward_to (world.relay, &world.remote);
      world_wait_until_settled (&world);
      send_all (pair.client, "still there?", 12);
      expect_bytes (pair.remote, "still there?", 12);
    }
  g_assert_cmpuint (world_get_counters (&world).refused_streams, ==, 10);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, 1);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_without_a_remote_connections_are_refused (void)
{
  SocksRelayOptions options = ordinary_options ();
  SocksEndpoint any, local;
  SocksRelay *relay;
  SocksRelayCounters counters;
  int client;

  g_assert_true (socks_endpoint_parse ("127.0.0.1:0", &any, NULL));
  g_assert_cmpint (socks_relay_new (&options, &relay), ==, 0);
  g_assert_false (socks_relay_get_local (relay, &local));
  g_assert_cmpint (socks_relay_listen (relay, &any), ==, 0);
  g_assert_true (socks_relay_get_local (relay, &local));
  client = connect_to (&local);
  expect_end (client);
  close (client);
  socks_relay_get_counters (relay, &counters);
  g_assert_cmpuint (counters.refused_streams, ==, 1);
  g_assert_cmpuint (counters.total_streams, ==, 0);
  socks_relay_free (relay);
}

static void
test_closing_frees_the_port_at_once_and_resets_all (void)
{
  World world;
  Pair pairs[10];
  SocksEndpoint local;

  world_init (&world, NULL);
  for (guint turn = 0; turn < 10; turn++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
        world_open_pair (&world, &pairs[i]);

      socks_relay_close (world.relay);
      g_assert_cmpint (try_to_connect (&world.local), ==, -ECONNREFUSED);
      g_assert_false (socks_relay_get_local (world.relay, &local));
      g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
      socks_relay_forward_to (world.relay, &world.remote);

      for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
        {
          expect_reset (pairs[i].client);
          expect_reset (pairs[i].remote);
          pair_clear (&pairs[i]);
        }
    }
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

static void
test_connections_that_wait_are_reset_when_the_port_closes (void)
{
  World world;
  int clients[100];

  world_init (&world, NULL);
  for (guint turn = 0; turn < 20; turn++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        clients[i] = connect_to (&world.local);
      socks_relay_close (world.relay);
      for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        {
          expect_reset (clients[i]);
          close (clients[i]);
        }
      world_wait_until_settled (&world);
      g_assert_cmpuint (world_get_counters (&world).active_streams, ==, 0);
      g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
      socks_relay_forward_to (world.relay, &world.remote);
    }
  world_clear (&world);
}

static void
test_each_change_is_followed_by_one_event (void)
{
  World world;

  world_init (&world, NULL);
  socks_relay_collect_events (world.relay);
  g_assert_cmpint (socks_relay_collect_events (world.relay), ==, 0);
  for (guint i = 0; i < 50; i++)
    {
      struct pollfd event = { .fd = socks_relay_get_event_fd (world.relay),
                              .events = POLLIN };

      switch (i % 4)
        {
        case 0:
          socks_relay_refuse (world.relay);
          break;
        case 1:
          socks_relay_forward_to (world.relay, &world.remote);
          break;
        case 2:
          g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
          break;
        default:
          socks_relay_close (world.relay);
          g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
        }
      g_assert_cmpint (poll (&event, 1, PATIENCE_SEC * 1000), ==, 1);
      g_assert_true (socks_relay_is_settled (world.relay));
      g_assert_cmpint (socks_relay_collect_events (world.relay), ==,
                       SOCKS_RELAY_EVENT_SETTLED);
      g_assert_cmpint (poll (&event, 1, 0), ==, 0);
    }
  world_clear (&world);
}

static void
test_listening_again_on_the_same_address_changes_nothing (void)
{
  World world;
  Pair pair;
  SocksEndpoint local;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
  g_assert_true (socks_relay_get_local (world.relay, &local));
  g_assert_true (socks_endpoint_equal (&local, &world.local));
  world_wait_until_settled (&world);
  send_all (pair.client, "x", 1);
  expect_bytes (pair.remote, "x", 1);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_listening_on_another_address_moves_the_port (void)
{
  World world;
  Pair pair;
  SocksEndpoint any, local;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_true (socks_endpoint_parse ("127.0.0.1:0", &any, NULL));
  g_assert_cmpint (socks_relay_listen (world.relay, &any), ==, 0);
  g_assert_cmpint (try_to_connect (&world.local), ==, -ECONNREFUSED);
  g_assert_true (socks_relay_get_local (world.relay, &local));
  close (connect_to (&local));
  close (accept_from (world.remote_listener));

  send_all (pair.client, "x", 1);
  expect_bytes (pair.remote, "x", 1);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_a_taken_port_is_an_error_that_changes_nothing (void)
{
  World world;
  Pair pair;
  SocksEndpoint taken, local;
  g_autofree char *holder = NULL;
  g_autofree char *wanted = g_strdup_printf ("(process %d)", getpid ());
  int listener = listen_on ("[::1]", 1, &taken);

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  g_assert_cmpint (socks_relay_listen (world.relay, &taken), ==, -EADDRINUSE);
  holder = socks_port_holder_describe (&taken);
  g_assert_nonnull (strstr (holder, wanted));

  g_assert_true (socks_relay_get_local (world.relay, &local));
  g_assert_true (socks_endpoint_equal (&local, &world.local));
  send_all (pair.client, "x", 1);
  expect_bytes (pair.remote, "x", 1);

  close (listener);
  world.n_descriptors--;
  g_assert_cmpint (socks_relay_listen (world.relay, &taken), ==, 0);
  close (connect_to (&taken));
  close (accept_from (world.remote_listener));
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_while_it_listens_nobody_else_can (void)
{
  SocksRelayOptions options = ordinary_options ();
  World world;
  SocksRelay *second;

  world_init (&world, NULL);
  g_assert_cmpint (socks_relay_new (&options, &second), ==, 0);
  g_assert_cmpint (socks_relay_listen (second, &world.local), ==, -EADDRINUSE);
  socks_relay_close (world.relay);
  world_wait_until_settled (&world);
  g_assert_cmpint (socks_relay_listen (second, &world.local), ==, 0);
  socks_relay_free (second);
  world_clear (&world);
}

static void
test_opening_and_closing_ten_thousand_times_leaks_nothing (void)
{
  World world;
  Pair pair;
  guint n_descriptors;

  world_init (&world, NULL);
  n_descriptors = count_descriptors ();
  for (guint i = 0; i < 10000; i++)
    {
      world_open_pair (&world, &pair);
      socks_relay_close (world.relay);
      g_assert_cmpint (socks_relay_listen (world.relay, &world.local), ==, 0);
      socks_relay_forward_to (world.relay, &world.remote);
      pair_clear (&pair);
    }
  world_wait_until_settled (&world);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/switch/a-switch-cuts-streams-to-the-old-remote",
                   test_a_switch_cuts_streams_to_the_old_remote);
  g_test_add_func ("/relay/switch/refusing-spares-streams-and-the-same-remote-again-too",
                   test_refusing_spares_streams_and_the_same_remote_again_too);
  g_test_add_func ("/relay/switch/without-a-remote-connections-are-refused",
                   test_without_a_remote_connections_are_refused);
  g_test_add_func ("/relay/switch/closing-frees-the-port-at-once-and-resets-all",
                   test_closing_frees_the_port_at_once_and_resets_all);
  g_test_add_func ("/relay/switch/connections-that-wait-are-reset-when-the-port-closes",
                   test_connections_that_wait_are_reset_when_the_port_closes);
  g_test_add_func ("/relay/switch/each-change-is-followed-by-one-event",
                   test_each_change_is_followed_by_one_event);
  g_test_add_func ("/relay/switch/listening-again-on-the-same-address-changes-nothing",
                   test_listening_again_on_the_same_address_changes_nothing);
  g_test_add_func ("/relay/switch/listening-on-another-address-moves-the-port",
                   test_listening_on_another_address_moves_the_port);
  g_test_add_func ("/relay/switch/a-taken-port-is-an-error-that-changes-nothing",
                   test_a_taken_port_is_an_error_that_changes_nothing);
  g_test_add_func ("/relay/switch/while-it-listens-nobody-else-can",
                   test_while_it_listens_nobody_else_can);
  g_test_add_func ("/relay/switch/opening-and-closing-ten-thousand-times-leaks-nothing",
                   test_opening_and_closing_ten_thousand_times_leaks_nothing);
  return g_test_run ();
}
