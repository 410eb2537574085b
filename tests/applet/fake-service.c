/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A service in the hands of the test, on a connection of its own. Main thread. */

#include "fake-service.h"

#include "run-until.h"

#define NAME "org.mycelium.Socks"
#define PATH "/org/mycelium/Socks"

static void
take_name (GDBusConnection *bus)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", NAME, 4 /* do not queue */),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  guint32 answer;

  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &answer);
  g_assert_cmpuint (answer, ==, 1 /* primary owner */);
}

/* Writes the call down. Returns whether it is dealt with. */
static gboolean
note_call (FakeService *service, GDBusMethodInvocation *invocation)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_autofree char *printed = g_variant_print (parameters, FALSE /* types */);
  gboolean may_interact =
      (g_dbus_message_get_flags (message) &
       G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;

  g_string_append_printf (service->calls, "%s%s %s",
                          service->calls->len > 0 ? ", " : "",
                          g_dbus_method_invocation_get_method_name (invocation), printed);
  if (may_interact)
    g_string_append (service->calls, " interactive");

  if (service->holds_calls)
    g_queue_push_tail (&service->held, invocation);
  else if (service->error_name != NULL)
    g_dbus_method_invocation_return_dbus_error (invocation, service->error_name,
                                                "What the service says");
  else
    return FALSE;
  return TRUE;
}

static gboolean
handle_connect_cb (SocksDBusSocks *object,
                   GDBusMethodInvocation *invocation,
                   const char *remote,
                   gpointer data)
{
  if (!note_call (data, invocation))
    socks_dbus_socks_complete_connect (object, invocation,
                                       *remote != '\0' ? remote : "[400::1]:1080");
  return TRUE;
}

static gboolean
handle_cb (SocksDBusSocks *object, GDBusMethodInvocation *invocation, gpointer data)
{
  if (!note_call (data, invocation))
    g_dbus_method_invocation_return_value (invocation, NULL);
  return TRUE;
}

static gboolean
handle_list_peers_cb (SocksDBusSocks *object,
                      GDBusMethodInvocation *invocation,
                      gpointer data)
{
  if (!note_call (data, invocation))
    socks_dbus_socks_complete_list_peers (
        object, invocation,
        g_variant_new_parsed ("[{'Address': <'[400::1]:1080'>, 'Status': <'Valid'>},"
                              " {'Address': <'[400::2]:1080'>, "
                              "'Status': <'NotListening'>, 'Reason': <'timed-out'>}]"));
  return TRUE;
}

static void
set_first_values (SocksDBusSocks *object)
{
  g_object_set (object, "proxies", g_variant_new_parsed ("@aa{sv} []"), "state",
                "disconnected", "remote", "", "selection", "", "listening", "",
                "listen-scope", "local", "sweep-progress", g_variant_new ("(uu)", 0, 0),
                "probe-interval", 60, "peer-counts", g_variant_new_parsed ("@a{su} {}"),
                "node-state", "unknown", "node-address", "", "last-error",
                g_variant_new ("(ss)", "", ""), "version", "0", NULL);
}

static FakeService *
new_on (GDBusConnection *bus)
{
  FakeService *service = g_new0 (FakeService, 1);

  service->bus = bus;
  service->object = socks_dbus_socks_skeleton_new ();
  service->calls = g_string_new (NULL);
  g_queue_init (&service->held);
  set_first_values (service->object);
  g_signal_connect (service->object, "handle-connect", G_CALLBACK (handle_connect_cb),
                    service);
  g_signal_connect (service->object, "handle-disconnect", G_CALLBACK (handle_cb), service);
  g_signal_connect (service->object, "handle-start-probing", G_CALLBACK (handle_cb),
                    service);
  g_signal_connect (service->object, "handle-stop-probing", G_CALLBACK (handle_cb),
                    service);
  g_signal_connect (service->object, "handle-probe-now", G_CALLBACK (handle_cb), service);
  g_signal_connect (service->object, "handle-list-peers",
                    G_CALLBACK (handle_list_peers_cb), service);
  return service;
}

FakeService *
fake_service_new_silent (PrivateBus *bus)
{
  FakeService *service = new_on (private_bus_connect (bus));

  take_name (service->bus);
  return service;
}

FakeService *
fake_service_new (PrivateBus *bus)
{
  FakeService *service = new_on (private_bus_connect (bus));

  fake_service_export (service);
  take_name (service->bus);
  return service;
}

void
fake_service_free (FakeService *service)
{
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (service->object));
  g_dbus_connection_close_sync (service->bus, NULL, NULL);
  g_queue_clear_full (&service->held, g_object_unref);
  g_object_unref (service->object);
  RUN_UNTIL (G_OBJECT (service->bus)->ref_count == 1);
  g_object_unref (service->bus);
  g_string_free (service->calls, TRUE);
  g_free (service);
}

void
fake_service_export (FakeService *service)
{
  g_autoptr (GError) error = NULL;

  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (service->object),
                                    service->bus, PATH, &error);
  g_assert_no_error (error);
}

void
fake_service_tell_all (FakeService *service, const char *properties)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) changed =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, properties, NULL, NULL, &error);

  g_assert_no_error (error);
  g_dbus_connection_emit_signal (
      service->bus, NULL /* to everyone */, PATH, "org.freedesktop.DBus.Properties",
      "PropertiesChanged",
      g_variant_new ("(s@a{sv}@as)", NAME, changed, g_variant_new_strv (NULL, 0)), &error);
  g_assert_no_error (error);
}

void
fake_service_tell (FakeService *service, const char *property, const char *value)
{
  g_autofree char *properties = g_strdup_printf ("{'%s': <%s>}", property, value);

  fake_service_tell_all (service, properties);
}

void
fake_service_expect_calls (FakeService *service, const char *calls)
{
  g_assert_cmpstr (service->calls->str, ==, calls);
  g_string_truncate (service->calls, 0);
}

int
fake_service_run (void)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
      g_getenv ("DBUS_STARTER_ADDRESS"),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_autoptr (FakeService) service = NULL;

  g_assert_no_error (error);
  service = new_on (bus);
  fake_service_export (service);
  take_name (bus);
  while (!g_dbus_connection_is_closed (bus))
    g_main_context_iteration (NULL, TRUE);
  return 0;
}
