/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Notifications as they come to a server of notifications, with a service in the hands of
 * the test. */

#include "notify/notifier.h"

#include <glib/gstdio.h>

#include "client-world.h"
#include "expected-log.h"
#include "fake-notifications.h"

#define A "[400::a]:1080"
#define B "[400::b]:1080"

typedef struct
{
  ClientWorld *world;        /* (owned) */
  FakeService *service;      /* (owned) */
  GDBusConnection *session;  /* (owned): of the notifier */
  FakeNotifications *server; /* (owned) (nullable) */
  SocksNotifier *notifier;   /* (owned) */
  guint n_activated;
} Fixture;

static void
activated_cb (SocksNotifier *notifier, gpointer data)
{
  ((Fixture *) data)->n_activated++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->world = client_world_new ();
  fixture->service = fake_service_new (fixture->world->bus);
  fixture->session = private_bus_connect (fixture->world->bus);
  fixture->server = fake_notifications_new (fixture->world->bus, 5);
  fixture->notifier = socks_notifier_new (fixture->world->client, fixture->session);
  g_signal_connect (fixture->notifier, "activated", G_CALLBACK (activated_cb), fixture);
  client_world_expect (fixture->world, SOCKS_AVAILABILITY_PRESENT);
  fake_service_tell_all (fixture->service, "{'State': <'connected'>, 'Remote': <'" A "'>, "
                                           "'Selection': <'automatic'>}");
  client_world_settle (fixture->world);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->notifier);
  g_clear_pointer (&fixture->server, fake_notifications_free);
  g_dbus_connection_close_sync (fixture->session, NULL, NULL);
  g_object_unref (fixture->session);
  g_clear_pointer (&fixture->service, fake_service_free);
  client_world_free (fixture->world);
}

static void
change_remote (Fixture *fixture, const char *old, const char *new, const char *reason)
{
  socks_dbus_socks_emit_remote_changed (fixture->service->object, old, new, reason);
  client_world_settle (fixture->world);
}

/* Nothing is on its way: a question of the same connection was answered after it. */
static void
assert_silence (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  client_world_settle (fixture->world);
  reply = g_dbus_connection_call_sync (
      fixture->session, "org.freedesktop.DBus", "/org/freedesktop/DBus",
      "org.freedesktop.DBus", "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->server->shown->str, ==, "");
}

static void
test_what_is_so_at_the_start_is_no_change (Fixture *fixture, gconstpointer data)
{
  assert_silence (fixture);
}

static void
test_one_is_shown_and_replaced (Fixture *fixture, gconstpointer data)
{
  fake_service_tell (fixture->service, "State", "'failing'");
  fake_notifications_expect (
      fixture->server,
      "[0] Proxy lost: 400::a does not answer. Looking for another one. |");
  client_world_settle (fixture->world);
  fake_service_tell_all (fixture->service,
                         "{'State': <'connected'>, 'Remote': <'" B "'>}");
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server,
                             "[5] Moved over to another proxy: 400::b |");
  client_world_settle (fixture->world);
  change_remote (fixture, B, "", "user");
  fake_notifications_expect (fixture->server,
                             "[5] Disconnected: The local port is closed. Programs that "
                             "are set to it have no connection. |");
}

static void
test_a_proxy_is_called_by_its_name (Fixture *fixture, gconstpointer data)
{
  const char *directory = fixture->world->directory;
  g_autofree char *names = g_build_filename (directory, "names", NULL);
  g_autoptr (SocksAddressBook) book = NULL;

  g_file_set_contents (names, "400::b home\n", -1, NULL);
  book = socks_address_book_new_in (directory, "/nonexistent", "/nonexistent");
  socks_client_set_book (fixture->world->client, book);
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server, "[0] Moved over to another proxy: home |");
  g_assert_cmpint (g_unlink (names), ==, 0);
}

static void
test_one_that_was_closed_is_not_replaced (Fixture *fixture, gconstpointer data)
{
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::b |");
  client_world_settle (fixture->world);
  fake_notifications_close (fixture->server, 5);
  assert_silence (fixture);
  change_remote (fixture, B, A, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::a |");
}

static void
test_of_many_at_once_the_newest_is_shown (Fixture *fixture, gconstpointer data)
{
  fixture->server->holds = TRUE;
  change_remote (fixture, A, B, "failover");
  change_remote (fixture, B, A, "failover");
  change_remote (fixture, A, B, "failover");
  change_remote (fixture, B, "", "shutdown");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::b |");
  fake_notifications_release (fixture->server);
  fake_notifications_expect (fixture->server,
                             "[5] Disconnected: The service has stopped. |");
}

static void
test_another_server_counts_anew (Fixture *fixture, gconstpointer data)
{
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::b |");
  client_world_settle (fixture->world);
  g_clear_pointer (&fixture->server, fake_notifications_free);
  /* Nobody there: nothing is shown, and nothing fails. */
  change_remote (fixture, B, A, "failover");
  client_world_settle (fixture->world);
  fixture->server = fake_notifications_new (fixture->world->bus, 1);
  assert_silence (fixture);
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::b |");
}

static void
test_a_click_is_not_told_unless_it_failed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error =
      g_dbus_error_new_for_dbus_error ("org.freedesktop.DBus.Error.AccessDenied", "No");

  socks_notifier_begin_click (fixture->notifier);
  change_remote (fixture, A, B, "user");
  socks_notifier_end_click (fixture->notifier, NULL);
  assert_silence (fixture);

  socks_notifier_begin_click (fixture->notifier);
  socks_notifier_end_click (fixture->notifier, error);
  fake_notifications_expect (fixture->server,
                             "[0] Not allowed: You are not allowed to do this. "
                             "Authenticate when you are asked to, or ask an "
                             "administrator. |");
  client_world_settle (fixture->world);
  /* Somebody else's, on the command line. */
  change_remote (fixture, B, A, "user");
  fake_notifications_expect (fixture->server, "[5] Connected: 400::a |");
}

static void
test_a_proxy_that_wants_a_login_says_so_to_who_clicked_it (Fixture *fixture,
                                                           gconstpointer data)
{
  fake_service_tell_all (
      fixture->service,
      "{'Proxies': <[{'Address': <'" B "'>, 'Status': <'AuthenticationRequired'>}]>}");
  client_world_settle (fixture->world);
  socks_notifier_begin_click (fixture->notifier);
  change_remote (fixture, A, B, "user");
  socks_notifier_end_click (fixture->notifier, NULL);
  fake_notifications_expect (fixture->server,
                             "[0] Login required: 400::b asks for a login. Your "
                             "applications must log in to this proxy themselves. |");
}

static gboolean
has_owner (GDBusConnection *bus, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", name), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  gboolean answer;

  g_assert_no_error (error);
  g_variant_get (reply, "(b)", &answer);
  return answer;
}

static void
test_while_the_window_is_open_calls_are_left_to_it (Fixture *fixture, gconstpointer data)
{
  GDBusConnection *window = private_bus_connect (fixture->world->bus);
  guint name_id = g_bus_own_name_on_connection (window, "org.mycelium.Socks.Applet",
                                                G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL,
                                                NULL, NULL);

  RUN_UNTIL (has_owner (fixture->session, "org.mycelium.Socks.Applet"));
  assert_silence (fixture);
  change_remote (fixture, A, B, "user");
  assert_silence (fixture);
  change_remote (fixture, B, A, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::a |");
  g_bus_unown_name (name_id);
  g_dbus_connection_close_sync (window, NULL, NULL);
  g_object_unref (window);
}

static void
test_a_service_that_died_is_told (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->service, fake_service_free);
  fake_notifications_expect (fixture->server,
                             "[0] Disconnected: The service has stopped. |");
}

static void
test_a_click_on_it_asks_for_the_window (Fixture *fixture, gconstpointer data)
{
  change_remote (fixture, A, B, "failover");
  fake_notifications_expect (fixture->server,
                             "[0] Moved over to another proxy: 400::b |");
  client_world_settle (fixture->world);
  fake_notifications_click (fixture->server, 4);
  fake_notifications_click (fixture->server, 5);
  RUN_UNTIL (fixture->n_activated != 0);
  g_assert_cmpuint (fixture->n_activated, ==, 1);
}

#define ADD(name, function)                                                              \
  g_test_add ("/notifier/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

  ADD ("what-is-so-at-the-start-is-no-change", test_what_is_so_at_the_start_is_no_change);
  ADD ("one-is-shown-and-replaced", test_one_is_shown_and_replaced);
  ADD ("a-proxy-is-called-by-its-name", test_a_proxy_is_called_by_its_name);
  ADD ("one-that-was-closed-is-not-replaced", test_one_that_was_closed_is_not_replaced);
  ADD ("of-many-at-once-the-newest-is-shown", test_of_many_at_once_the_newest_is_shown);
  ADD ("another-server-counts-anew", test_another_server_counts_anew);
  ADD ("a-click-is-not-told-unless-it-failed", test_a_click_is_not_told_unless_it_failed);
  ADD ("a-proxy-that-wants-a-login-says-so-to-who-clicked-it",
       test_a_proxy_that_wants_a_login_says_so_to_who_clicked_it);
  ADD ("while-the-window-is-open-calls-are-left-to-it",
       test_while_the_window_is_open_calls_are_left_to_it);
  ADD ("a-service-that-died-is-told", test_a_service_that_died_is_told);
  ADD ("a-click-on-it-asks-for-the-window", test_a_click_on_it_asks_for_the_window);
  return g_test_run ();
}
