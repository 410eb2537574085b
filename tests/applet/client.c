/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client tells of the service's properties, and its calls. */

#include "client-world.h"

#include <glib/gstdio.h>

#include "model/state-text.h"

static void
test_only_real_changes_are_told_and_each_message_as_a_whole (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  g_string_truncate (world->events, 0);
  fake_service_tell (service, "State", "'disconnected'");
  client_world_settle (world);
  client_world_expect_events (world, "");

  fake_service_tell_all (
      service, "{'State': <'connected'>, 'Remote': <'[400::1]:1080'>, "
               "'Proxies': <[{'Address': <'[400::1]:1080'>, 'Status': <'Valid'>, "
               "'Latency': <@u 42000>}]>, 'PeerCounts': <@a{su} {'Valid': 1}>}");
  client_world_settle (world);
  client_world_expect_events (world, "peer-counts=… remote-status=Valid "
                                     "remote-latency=42000 remote=[400::1]:1080 "
                                     "state=connected proxies |");

  /* The remote's latency follows the list. */
  fake_service_tell (service, "Proxies",
                     "[{'Address': <'[400::1]:1080'>, 'Status': "
                     "<'AuthenticationRequired'>, 'Latency': <@u 43000>}]");
  fake_service_tell (service, "SweepProgress", "(@u 1, @u 4)");
  client_world_settle (world);
  client_world_expect_events (world, "remote-status=AuthenticationRequired "
                                     "remote-latency=43000 proxies | "
                                     "sweep-progress=0.250000 |");
  fake_service_tell (service, "LastError", "('a', 'b')");
  fake_service_tell (service, "LastError", "('a', 'c')");
  client_world_settle (world);
  client_world_expect_events (world, "last-error=a | last-error=a |");
  g_assert_cmpstr (socks_client_get_snapshot (world->client)->last_error_message, ==,
                   "c");
}

/* The person's own, which the service does not know. */
static void
test_the_remote_and_the_proxies_have_names (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);
  g_autofree char *names = g_build_filename (world->directory, "names", NULL);
  g_autoptr (SocksAddressBook) book = NULL;
  g_autofree char *state = NULL;

  g_file_set_contents (names, "400::1 home\n", -1, NULL);
  book = socks_address_book_new_in (world->directory, "/nonexistent", "/nonexistent");
  socks_client_set_book (world->client, book);
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  fake_service_tell_all (
      service, "{'State': <'connected'>, 'Remote': <'[400::1]:1080'>, "
               "'Proxies': <[{'Address': <'[400::1]:1080'>, 'Status': <'Valid'>}]>}");
  client_world_settle (world);
  state = socks_state_text (socks_client_get_snapshot (world->client));
  g_assert_cmpstr (state, ==, "Connected to home");

  /* A name that changes is told once, with the list. */
  g_string_truncate (world->events, 0);
  g_file_set_contents (names, "400::1 office\n", -1, NULL);
  RUN_UNTIL (
      g_str_equal (socks_client_get_snapshot (world->client)->remote_name, "office"));
  client_world_expect_events (world, "proxies |");
  g_assert_cmpstr (socks_proxy_item_get_name (socks_proxy_list_lookup (
                       socks_client_get_proxies (world->client), "[400::1]:1080")),
                   ==, "office");
  g_assert_cmpint (g_unlink (names), ==, 0);
}

static void
test_what_does_not_fit_is_ignored (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  g_string_truncate (world->events, 0);
  fake_service_tell_all (service,
                         "{'State': <@u 1>, 'Remote': <@as ['x']>, 'Proxies': <'none'>, "
                         "'SweepProgress': <@u 1>, 'Unheard': <'of'>}");
  fake_service_tell (service, "Proxies", "@as ['x']");
  g_dbus_connection_emit_signal (service->bus, NULL, "/org/mycelium/Socks",
                                 "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                 g_variant_new ("(ss)", "org.mycelium.Socks", "x"), NULL);
  g_dbus_connection_emit_signal (service->bus, NULL, "/org/mycelium/Socks",
                                 "org.mycelium.Socks", "RemoteChanged",
                                 g_variant_new ("(us)", 7, "x"), NULL);
  client_world_settle (world);
  client_world_expect_events (world, "");
}

static void
test_signals_of_others_are_not_heard (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service G_GNUC_UNUSED = fake_service_new (world->bus);
  GDBusConnection *stranger = private_bus_connect (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  g_string_truncate (world->events, 0);
  g_dbus_connection_emit_signal (stranger, NULL, "/org/mycelium/Socks",
                                 "org.mycelium.Socks", "RemoteChanged",
                                 g_variant_new ("(sss)", "", "x", "user"), NULL);
  g_dbus_connection_close_sync (stranger, NULL, NULL);
  client_world_settle (world);
  client_world_expect_events (world, "");
  RUN_UNTIL (G_OBJECT (stranger)->ref_count == 1);
  g_object_unref (stranger);
}

static void
test_each_change_of_the_remote_is_told (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  g_string_truncate (world->events, 0);
  socks_dbus_socks_emit_remote_changed (service->object, "", "a", "automatic");
  socks_dbus_socks_emit_remote_changed (service->object, "a", "b", "failover");
  socks_dbus_socks_emit_remote_changed (service->object, "b", "c", "user");
  socks_dbus_socks_emit_remote_changed (service->object, "c", "", "shutdown");
  socks_dbus_socks_emit_remote_changed (service->object, "", "c", "restored");
  socks_dbus_socks_emit_remote_changed (service->object, "c", "d", "whim");
  client_world_settle (world);
  client_world_expect_events (
      world, "“” → “a” automatic | “a” → “b” failover | “b” → “c” user | "
             "“c” → “” shutdown | “” → “c” restored | “c” → “d” other |");
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_object_ref (result);
  *(GAsyncResult **) data = result;
}

typedef void (*Method) (SocksClient *client,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
typedef gboolean (*Finish) (SocksClient *client, GAsyncResult *result, GError **error);

static void
probe_async (SocksClient *client,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  socks_client_set_probing_async (client, TRUE, cancellable, callback, user_data);
}

static void
stop_async (SocksClient *client,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  socks_client_set_probing_async (client, FALSE, cancellable, callback, user_data);
}

static void
test_each_method_may_ask_a_person (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);
  const struct
  {
    Method method;
    Finish finish;
    const char *call;
  } rows[] = {
    { socks_client_disconnect_async, socks_client_disconnect_finish, "Disconnect" },
    { probe_async, socks_client_set_probing_finish, "StartProbing" },
    { stop_async, socks_client_set_probing_finish, "StopProbing" },
    { socks_client_probe_now_async, socks_client_probe_now_finish, "ProbeNow" },
  };

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *call = g_strconcat (rows[i].call, " () interactive", NULL);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;

      rows[i].method (world->client, NULL, done_cb, &result);
      RUN_UNTIL (result != NULL);
      g_assert_true (rows[i].finish (world->client, result, &error));
      g_assert_no_error (error);
      fake_service_expect_calls (service, call);
    }
  client_world_connect (world, "", NULL);
  client_world_expect_chosen (world, "[400::1]:1080");
  client_world_connect (world, "[400::2]:1080", NULL);
  client_world_expect_chosen (world, "[400::2]:1080");
  fake_service_expect_calls (service, "Connect ('',) interactive, "
                                      "Connect ('[400::2]:1080',) interactive");
}

static void
test_errors_are_told_in_sentences (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  service->error_name = "org.mycelium.Socks.Error.NoValidProxy";
  client_world_connect (world, "", NULL);
  client_world_expect_failure (world,
                               "No proxy answered. Look for proxies, then try again.");
  service->error_name = "org.freedesktop.DBus.Error.AccessDenied";
  client_world_connect (world, "", NULL);
  client_world_expect_failure (world,
                               "You are not allowed to do this. Authenticate when you "
                               "are asked to, or ask an administrator.");
}

static void
test_a_call_is_cancelled (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  /* Before there is a connection. */
  client_world_connect (world, "", cancellable);
  g_cancellable_cancel (cancellable);
  client_world_expect_failure (world, NULL);
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  fake_service_expect_calls (service, "");

  /* While the service thinks. Its answer is too late. */
  g_cancellable_reset (cancellable);
  service->holds_calls = TRUE;
  client_world_connect (world, "", cancellable);
  RUN_UNTIL (service->held.length == 1);
  g_cancellable_cancel (cancellable);
  client_world_expect_failure (world, NULL);
  socks_dbus_socks_complete_connect (service->object,
                                     g_queue_pop_head (&service->held), "x");
  service->holds_calls = FALSE;
  client_world_settle (world);
}

static void
test_a_client_is_kept_until_its_calls_have_answers (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  service->holds_calls = TRUE;
  client_world_connect (world, "", NULL);
  RUN_UNTIL (service->held.length == 1);
  /* As at the end of a program: nobody waits for the answer, but it comes. */
  g_object_run_dispose (G_OBJECT (world->client));
  socks_dbus_socks_complete_connect (service->object,
                                     g_queue_pop_head (&service->held), "x");
  client_world_expect_chosen (world, "x");
}

static void
test_nobody_waits_for_a_client_that_is_disposed_of (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();

  client_world_start (world);
  g_object_run_dispose (G_OBJECT (world->client));
  RUN_UNTIL (world->is_over);
  g_assert_nonnull (world->error);
}

static void
test_a_start_is_cancelled (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service G_GNUC_UNUSED = fake_service_new (world->bus);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  socks_client_start_async (world->client, cancellable, done_cb, &result);
  g_cancellable_cancel (cancellable);
  RUN_UNTIL (result != NULL);
  g_assert_false (socks_client_start_finish (world->client, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_all_peers_are_listed (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SocksProxyList) peers = NULL;

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  socks_client_list_peers_async (world->client, NULL, done_cb, &result);
  RUN_UNTIL (result != NULL);
  peers = socks_client_list_peers_finish (world->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (peers)), ==, 2);
  g_assert_cmpint (socks_proxy_item_get_reason (
                       socks_proxy_list_lookup (peers, "[400::2]:1080")),
                   ==, SOCKS_PROXY_REASON_TIMED_OUT);
  fake_service_expect_calls (service, "ListPeers ()");
}

static void
test_traffic_is_asked_for (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  FakeService *service = fake_service_new (world->bus);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  SocksTraffic traffic = { .active_connections = 7 };

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  g_object_set (service->object, "active-connections", 1, "total-connections",
                (guint64) 2, "refused-connections", (guint64) 3, "bytes-sent",
                G_MAXUINT64, "bytes-received", (guint64) 5, NULL);
  socks_client_get_traffic_async (world->client, NULL, done_cb, &result);
  RUN_UNTIL (result != NULL);
  g_assert_true (
      socks_client_get_traffic_finish (world->client, result, &traffic, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (traffic.active_connections, ==, 1);
  g_assert_cmpuint (traffic.total_connections, ==, 2);
  g_assert_cmpuint (traffic.refused_connections, ==, 3);
  g_assert_cmpuint (traffic.bytes_sent, ==, G_MAXUINT64);
  g_assert_cmpuint (traffic.bytes_received, ==, 5);

  /* Without a service nobody is started for it, and nothing is written. */
  fake_service_free (service);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
  g_clear_object (&result);
  socks_client_get_traffic_async (world->client, NULL, done_cb, &result);
  RUN_UNTIL (result != NULL);
  g_assert_false (
      socks_client_get_traffic_finish (world->client, result, &traffic, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
  g_assert_cmpuint (traffic.active_connections, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client/only-real-changes-are-told-and-each-message-as-a-whole",
                   test_only_real_changes_are_told_and_each_message_as_a_whole);
  g_test_add_func ("/client/the-remote-and-the-proxies-have-names",
                   test_the_remote_and_the_proxies_have_names);
  g_test_add_func ("/client/what-does-not-fit-is-ignored",
                   test_what_does_not_fit_is_ignored);
  g_test_add_func ("/client/signals-of-others-are-not-heard",
                   test_signals_of_others_are_not_heard);
  g_test_add_func ("/client/each-change-of-the-remote-is-told",
                   test_each_change_of_the_remote_is_told);
  g_test_add_func ("/client/each-method-may-ask-a-person",
                   test_each_method_may_ask_a_person);
  g_test_add_func ("/client/errors-are-told-in-sentences",
                   test_errors_are_told_in_sentences);
  g_test_add_func ("/client/a-call-is-cancelled", test_a_call_is_cancelled);
  g_test_add_func ("/client/a-client-is-kept-until-its-calls-have-answers",
                   test_a_client_is_kept_until_its_calls_have_answers);
  g_test_add_func ("/client/nobody-waits-for-a-client-that-is-disposed-of",
                   test_nobody_waits_for_a_client_that_is_disposed_of);
  g_test_add_func ("/client/a-start-is-cancelled", test_a_start_is_cancelled);
  g_test_add_func ("/client/all-peers-are-listed", test_all_peers_are_listed);
  g_test_add_func ("/client/traffic-is-asked-for", test_traffic_is_asked_for);
  return g_test_run ();
}
