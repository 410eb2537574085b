/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is so: the remote, the port and the memory, with real streams. */

#include "engine-world.h"
#include "relay-world.h"

#include <errno.h>
#include <unistd.h>

static gboolean
has_listed (EngineWorld *world, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);

  return socks_peer_table_lookup (socks_sweeper_get_table (world->sweeper), &endpoint) !=
         NULL;
}

static void
test_adopting_opens_the_port_and_remembers (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  g_autofree char *connected = NULL;
  g_autofree char *changed = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  connected = g_strconcat ("connected manual ", remote, NULL);
  changed = g_strconcat (" → ", remote, " user", NULL);
  g_assert_cmpint (try_to_connect (PORT (world)), ==, -ECONNREFUSED);
  adopt_manual (world, remote);
  expect_event (world, connected);
  expect_event (world, changed);
  expect_remembered (world, SOCKS_SELECTION_MANUAL, remote);

  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);
  send_all (pair.client, "there", 5);
  expect_bytes (pair.remote, "there", 5);
  pair_clear (&pair);
  close (fd);
}

static void
test_the_same_remote_again_cuts_nothing_and_may_change_the_selection (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  g_autofree char *connected = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  connected = g_strconcat ("connected automatic ", remote, NULL);
  adopt_manual (world, remote);
  g_queue_clear_full (&world->events, g_free);
  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);

  adopt_manual (world, remote);
  expect_no_event (world);
  adopt_automatic (world, remote);
  expect_event (world, connected);
  expect_remembered (world, SOCKS_SELECTION_AUTOMATIC, remote);

  wait_for_relay (world);
  send_all (pair.client, "still there?", 12);
  expect_bytes (pair.remote, "still there?", 12);
  pair_clear (&pair);
  close (fd);
}

static void
test_another_remote_cuts_streams_and_keeps_the_port_open (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *old_remote = NULL;
  g_autofree char *new_remote = NULL;
  SocksEndpoint old_listener, new_listener;
  int old_fd = listen_on ("127.0.0.1", 4, &old_listener);
  int new_fd = listen_on ("127.0.0.1", 4, &new_listener);
  Pair old, new;

  old_remote = socks_endpoint_format (&old_listener);
  new_remote = socks_endpoint_format (&new_listener);
  adopt_manual (world, old_remote);
  old.client = connect_to (PORT (world));
  old.remote = accept_from (old_fd);

  /* A connection that waits in the backlog is the proof that the port was never closed.
   */
  adopt_manual (world, new_remote);
  new.client = connect_to (PORT (world));
  expect_reset (old.client);
  expect_reset (old.remote);
  new.remote = accept_from (new_fd);
  send_all (new.client, "x", 1);
  expect_bytes (new.remote, "x", 1);

  g_queue_clear_full (&world->events, g_free);
  pair_clear (&old);
  pair_clear (&new);
  close (old_fd);
  close (new_fd);
}

static void
test_letting_go_closes_all_and_forgets (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autofree char *remote = NULL;
  g_autofree char *changed = NULL;
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  Pair pair;

  remote = socks_endpoint_format (&listener);
  changed = g_strconcat (remote, " →  user", NULL);
  adopt_manual (world, remote);
  g_queue_clear_full (&world->events, g_free);
  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);

  socks_connection_let_go (world->connection, SOCKS_CHANGE_USER);
  expect_event (world, "disconnected");
  expect_event (world, changed);
  world_disconnect (world);
  g_assert_cmpuint (get_counters (world).active_streams, ==, 0);
  g_assert_cmpint (try_to_connect (PORT (world)), ==, -ECONNREFUSED);
  expect_reset (pair.client);
  expect_reset (pair.remote);
  expect_remembered (world, SOCKS_SELECTION_NONE, NULL);
  pair_clear (&pair);
  close (fd);
}

static void
test_shutting_down_does_not_forget (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  adopt_automatic (world, ONE);
  g_queue_clear_full (&world->events, g_free);
  socks_connection_let_go (world->connection, SOCKS_CHANGE_SHUTDOWN);
  expect_event (world, "disconnected");
  expect_event (world, ONE " →  shutdown");
  expect_remembered (world, SOCKS_SELECTION_AUTOMATIC, ONE);
}

static void
test_letting_go_of_nothing_is_no_change_of_remote (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  socks_connection_let_go (world->connection, SOCKS_CHANGE_USER);
  expect_no_event (world);
}

static void
test_a_taken_port_is_named_with_its_holder_and_changes_nothing (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksEndpoint endpoint = endpoint_of (ONE);
  g_autoptr (GError) error = NULL;
  g_autofree char *pattern = NULL;
  g_autofree char *port = socks_endpoint_format (PORT (world));
  SocksRelayOptions options = { .n_workers = 1, .max_streams = 1, .local_only = TRUE };
  g_autoptr (SocksRelay) other = NULL;

  g_assert_cmpint (socks_relay_new (&options, &other), ==, 0);
  g_assert_cmpint (socks_relay_listen (other, PORT (world)), ==, 0);
  g_assert_false (socks_connection_adopt (world->connection, SOCKS_SELECTION_MANUAL,
                                          &endpoint, SOCKS_CHANGE_USER, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_ADDRESS_IN_USE);
  pattern = g_strdup_printf ("Could not bind TCP listener on %s: the port is held by "
                             "*unit-connection*%d*; stop that program, or set another "
                             "Address= in the group [Listen]",
                             port, (int)getpid ());
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("“%s” is not like “%s”", error->message, pattern);
  expect_no_event (world);
  expect_remembered (world, SOCKS_SELECTION_NONE, NULL);
}

static void
test_a_port_that_can_not_be_opened_is_an_error_of_its_own (void)
{
  SocksSettings *settings = world_settings_new ();
  SocksEndpoint endpoint = endpoint_of (ONE);
  g_autoptr (EngineWorld) world = NULL;
  g_autoptr (GError) error = NULL;

  /* Not an address of this machine. */
  settings->listen_address = endpoint_of ("192.0.2.1:1080");
  world = engine_world_new_with (settings);
  g_assert_false (socks_connection_adopt (world->connection, SOCKS_SELECTION_MANUAL,
                                          &endpoint, SOCKS_CHANGE_USER, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_LISTEN_FAILED);
  g_assert_true (
      g_str_has_prefix (error->message, "Could not listen on 192.0.2.1:1080: "));
}

static void
test_the_remote_stays_listed_though_nobody_names_it_any_more (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_discover (world, ONE " " TWO);
  adopt_manual (world, ONE);
  for (guint i = 0; i < 5; i++)
    world_discover (world, "");
  g_assert_true (has_listed (world, ONE));
  g_assert_false (has_listed (world, TWO));

  socks_connection_let_go (world->connection, SOCKS_CHANGE_USER);
  g_queue_clear_full (&world->events, g_free);
  world_discover (world, "");
  g_assert_false (has_listed (world, ONE));
}

static void
test_searching_shows_only_where_there_is_no_remote (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  socks_connection_set_searching (world->connection, TRUE);
  expect_event (world, "connecting");
  socks_connection_set_searching (world->connection, FALSE);
  expect_event (world, "disconnected");
  adopt_manual (world, ONE);
  g_queue_clear_full (&world->events, g_free);
  socks_connection_set_searching (world->connection, TRUE);
  socks_connection_set_searching (world->connection, FALSE);
  expect_no_event (world);
}

static void
test_the_last_error_lasts_until_the_next_success (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  g_autoptr (GError) error =
      g_error_new (SOCKS_ERROR, SOCKS_ERROR_NO_VALID_PROXY, "Nobody");

  socks_connection_set_last_error (world->connection, error);
  expect_event (world, "disconnected (NoValidProxy)");
  adopt_manual (world, ONE);
  expect_event (world, "connected manual " ONE);
  expect_event (world, " → " ONE " user");
  socks_connection_set_last_error (world->connection, error);
  expect_event (world, "connected manual " ONE " (NoValidProxy)");
  socks_connection_let_go (world->connection, SOCKS_CHANGE_USER);
  expect_event (world, "disconnected");
  expect_event (world, ONE " →  user");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/connection/" #name, test_##name)
  ADD (adopting_opens_the_port_and_remembers);
  ADD (the_same_remote_again_cuts_nothing_and_may_change_the_selection);
  ADD (another_remote_cuts_streams_and_keeps_the_port_open);
  ADD (letting_go_closes_all_and_forgets);
  ADD (shutting_down_does_not_forget);
  ADD (letting_go_of_nothing_is_no_change_of_remote);
  ADD (a_taken_port_is_named_with_its_holder_and_changes_nothing);
  ADD (a_port_that_can_not_be_opened_is_an_error_of_its_own);
  ADD (the_remote_stays_listed_though_nobody_names_it_any_more);
  ADD (searching_shows_only_where_there_is_no_remote);
  ADD (the_last_error_lasts_until_the_next_success);
  return g_test_run ();
}
