/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A server of notifications in the hands of the test, on a connection of its own. Main
 * thread. */

#include "fake-notifications.h"

#include <string.h>

#include "run-until.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

static const char xml[] = "<node><interface name='org.freedesktop.Notifications'>"
                          "<method name='Notify'>"
                          "<arg type='s' direction='in'/><arg type='u' direction='in'/>"
                          "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
                          "<arg type='s' direction='in'/><arg type='as' direction='in'/>"
                          "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
                          "<arg type='u' direction='out'/>"
                          "</method></interface></node>";

/* When this returns the bus has dealt with all that was sent before. */
static void
ask_bus (FakeNotifications *server, const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED = g_dbus_connection_call_sync (
      server->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
}

static void
answer (FakeNotifications *server, GDBusMethodInvocation *invocation)
{
  guint32 replaces;

  g_variant_get_child (g_dbus_method_invocation_get_parameters (invocation), 1, "u",
                       &replaces);
  g_dbus_method_invocation_return_value (
      invocation, g_variant_new ("(u)", replaces != 0 ? replaces : ++server->last));
}

static void
called_cb (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusMethodInvocation *invocation,
           gpointer data)
{
  FakeNotifications *server = data;
  const char *application, *icon, *title, *body, *entry;
  g_autoptr (GVariant) hints = NULL;
  guint32 replaces;

  g_variant_get (parameters, "(&su&s&s&sas@a{sv}i)", &application, &replaces, &icon, &title,
                 &body, NULL, &hints, NULL);
  g_assert_cmpstr (application, ==, "Mycelium Socks");
  g_assert_cmpstr (icon, ==, "org.mycelium.Socks.Applet");
  g_assert_true (g_variant_lookup (hints, "desktop-entry", "&s", &entry));
  g_assert_cmpstr (entry, ==, "org.mycelium.Socks.Applet");
  g_string_append_printf (server->shown, "[%u] %s: %s | ", replaces, title, body);
  if (server->holds)
    g_queue_push_tail (&server->held, invocation);
  else
    answer (server, invocation);
}

FakeNotifications *
fake_notifications_new (PrivateBus *bus, guint32 first)
{
  static const GDBusInterfaceVTable vtable = { called_cb, NULL, NULL, { 0 } };
  FakeNotifications *server = g_new0 (FakeNotifications, 1);
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GError) error = NULL;

  server->shown = g_string_new (NULL);
  server->last = first - 1;
  g_queue_init (&server->held);
  server->bus = private_bus_connect (bus);
  server->object_id = g_dbus_connection_register_object (
      server->bus, PATH, info->interfaces[0], &vtable, server, NULL, &error);
  g_assert_no_error (error);
  ask_bus (server, "RequestName", g_variant_new ("(su)", NAME, 4 /* do not queue */));
  return server;
}

void
fake_notifications_free (FakeNotifications *server)
{
  g_assert_cmpuint (g_queue_get_length (&server->held), ==, 0);
  ask_bus (server, "ReleaseName", g_variant_new ("(s)", NAME));
  g_dbus_connection_unregister_object (server->bus, server->object_id);
  g_dbus_connection_close_sync (server->bus, NULL, NULL);
  g_object_unref (server->bus);
  g_string_free (server->shown, TRUE);
  g_free (server);
}

void
fake_notifications_expect (FakeNotifications *server, const char *shown)
{
  RUN_UNTIL (server->shown->len >= strlen (shown));
  g_assert_cmpstr (g_strchomp (server->shown->str), ==, shown);
  g_string_truncate (server->shown, 0);
}

void
fake_notifications_release (FakeNotifications *server)
{
  GDBusMethodInvocation *invocation;

  server->holds = FALSE;
  while ((invocation = g_queue_pop_head (&server->held)) != NULL)
    answer (server, invocation);
}

static void
send (FakeNotifications *server, const char *name, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (server->bus, NULL, PATH, NAME, name, parameters, &error);
  g_assert_no_error (error);
  ask_bus (server, "GetId", NULL);
}

void
fake_notifications_click (FakeNotifications *server, guint32 number)
{
  send (server, "ActionInvoked", g_variant_new ("(us)", number, "default"));
}

void
fake_notifications_close (FakeNotifications *server, guint32 number)
{
  send (server, "NotificationClosed", g_variant_new ("(uu)", number, 2 /* dismissed */));
}
