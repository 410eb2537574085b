/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The client and the object of the service itself, over an engine in the hands of the
 * test. */

#include "bus-world.h"
#include "model/client.h"

typedef struct
{
  BusWorld *service;   /* (owned) (nullable) */
  SocksClient *client; /* (owned) */
  gboolean is_over;    /* the call */
  GError *error;       /* (owned) (nullable): of the call */
} World;

static void
take_name (GDBusConnection *bus)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName",
                                       g_variant_new ("(su)", SOCKS_BUS_NAME, 4), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static const SocksSnapshot *
snapshot_of (World *world)
{
  return socks_client_get_snapshot (world->client);
}

static void
set_up (World *world, gconstpointer data)
{
  world->service = bus_world_new ();
  take_name (world->service->bus);
  world->client = socks_client_new (world->service->daemon->address);
  RUN_UNTIL (snapshot_of (world)->availability == SOCKS_AVAILABILITY_PRESENT);
}

static void
tear_down (World *world, gconstpointer data)
{
  g_assert_finalize_object (world->client);
  bus_world_free (world->service);
  g_clear_error (&world->error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  World *world = data;
  g_autofree char *chosen =
      socks_client_connect_finish (SOCKS_CLIENT (source), result, &world->error);

  world->is_over = TRUE;
  if (chosen != NULL)
    g_assert_cmpstr (snapshot_of (world)->remote, ==, chosen);
}

static void
ask_for (World *world, const char *remote)
{
  world->is_over = FALSE;
  g_clear_error (&world->error);
  socks_client_connect_async (world->client, remote, NULL, connected_cb, world);
  RUN_UNTIL (world->is_over);
}

static void
disconnected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  World *world = data;

  g_assert_true (
      socks_client_disconnect_finish (SOCKS_CLIENT (source), result, &world->error));
  world->is_over = TRUE;
  g_assert_cmpint (snapshot_of (world)->state, ==, SOCKS_CLIENT_DISCONNECTED);
  g_assert_cmpstr (snapshot_of (world)->remote, ==, "");
}

static void
test_the_first_values_are_understood (World *world, gconstpointer data)
{
  const SocksSnapshot *snapshot = snapshot_of (world);

  g_assert_cmpint (snapshot->state, ==, SOCKS_CLIENT_DISCONNECTED);
  g_assert_cmpint (snapshot->node, ==, SOCKS_CLIENT_NODE_UNKNOWN);
  g_assert_false (snapshot->is_open_to_others);
  g_assert_cmpuint (snapshot->probe_interval_s, >, 0);
  g_assert_cmpstr (snapshot->version, !=, "");
}

static void
test_what_is_found_is_listed (World *world, gconstpointer data)
{
  SocksProxyList *proxies = socks_client_get_proxies (world->client);
  g_autoptr (SocksProxyItem) first = NULL;

  world_peer (world->service->engine, ONE, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  world_peer (world->service->engine, TWO, SOCKS_STATUS_VALID);
  bus_world_discover (world->service, ONE " " TWO);
  RUN_UNTIL (g_list_model_get_n_items (G_LIST_MODEL (proxies)) == 2);
  first = g_list_model_get_item (G_LIST_MODEL (proxies), 0);
  g_assert_cmpstr (socks_proxy_item_get_address (first), ==, TWO);
  g_assert_cmpint (socks_proxy_item_get_badge (first), ==, SOCKS_PROXY_BADGE_OPEN);
  g_assert_cmpint (
      socks_proxy_item_get_badge (socks_proxy_list_lookup (proxies, ONE)), ==,
      SOCKS_PROXY_BADGE_LOCK);
  RUN_UNTIL (socks_snapshot_get_situation (snapshot_of (world)) ==
             SOCKS_SITUATION_PROXIES);
}

static void
test_the_properties_are_new_before_the_reply (World *world, gconstpointer data)
{
  ask_for (world, ONE);
  g_assert_no_error (world->error);
  g_assert_cmpint (snapshot_of (world)->state, ==, SOCKS_CLIENT_CONNECTED);
  g_assert_cmpint (snapshot_of (world)->selection, ==, SOCKS_CLIENT_SELECTION_MANUAL);
  g_assert_cmpstr (snapshot_of (world)->listening, !=, "");

  world->is_over = FALSE;
  socks_client_disconnect_async (world->client, NULL, disconnected_cb, world);
  RUN_UNTIL (world->is_over);
}

static void
test_errors_come_as_they_are (World *world, gconstpointer data)
{
  g_autofree char *name = NULL;

  ask_for (world, "nowhere");
  name = g_dbus_error_get_remote_error (world->error);
  g_assert_cmpstr (name, ==, "org.mycelium.Socks.Error.InvalidRemote");
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  World *world = data;
  g_autoptr (GArray) findings =
      socks_client_check_finish (SOCKS_CLIENT (source), result, &world->error);
  const SocksFinding *problem;

  world->is_over = TRUE;
  g_assert_no_error (world->error);
  problem = socks_findings_get_problem (findings);
  g_assert_cmpuint (findings->len, ==, SOCKS_N_FINDING_KINDS);
  g_assert_cmpint (problem->kind, ==, SOCKS_FINDING_TCP);
  g_assert_cmpint (problem->reason, ==, SOCKS_FINDING_REASON_REFUSED);
}

static void
test_a_check_is_understood (World *world, gconstpointer data)
{
  socks_client_check_async (world->client, "127.0.0.1:1", "", NULL, checked_cb, world);
  RUN_UNTIL (world->is_over);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, World, NULL, set_up, test, tear_down)
  ADD ("/real-service/the-first-values-are-understood",
       test_the_first_values_are_understood);
  ADD ("/real-service/what-is-found-is-listed", test_what_is_found_is_listed);
  ADD ("/real-service/the-properties-are-new-before-the-reply",
       test_the_properties_are_new_before_the_reply);
  ADD ("/real-service/errors-come-as-they-are", test_errors_come_as_they_are);
  ADD ("/real-service/a-check-is-understood", test_a_check_is_understood);
#undef ADD
  return g_test_run ();
}
