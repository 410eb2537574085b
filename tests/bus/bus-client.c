/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A client of the service that sees the messages themselves: they are written down in
 * GDBus's thread, where they come in, so that their order is that of the wire. All else
 * is in the main thread, which is the service's too and must not block. */

#include "bus-client.h"

#include "bus/socks-object.h"
#include "engine-world.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define INTERFACE "org.mycelium.Socks"

typedef struct
{
  char *text;      /* (owned) */
  char *method;    /* (owned) (nullable): that it answers */
  GVariant *reply; /* (owned) (nullable) */
} Event;

struct _BusClient
{
  GDBusConnection *bus; /* (owned) */
  char *service;        /* (owned): its unique name */
  guint filter_id;
  gboolean has_left;

  GMutex mutex;        /* guards what follows */
  GHashTable *pending; /* (owned): serial → (owned) name of the method called */
  GQueue events;       /* of (owned) Event */
  gboolean hears_peers;
};

static void
event_free (Event *event)
{
  g_free (event->text);
  g_free (event->method);
  g_clear_pointer (&event->reply, g_variant_unref);
  g_free (event);
}

static gboolean
is_about_peers (GVariant *changed)
{
  g_autoptr (GVariant) counts = g_variant_lookup_value (changed, "PeerCounts", NULL);
  g_autoptr (GVariant) proxies = g_variant_lookup_value (changed, "Proxies", NULL);

  return counts != NULL || proxies != NULL;
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

/* "Remote='' State='disconnected'", by name. */
static char *
describe_properties (GVariant *properties)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autofree char *printed = g_variant_print (value, FALSE /* types */);

      g_ptr_array_add (texts, g_strdup_printf ("%s=%s", name, printed));
      g_variant_unref (value);
    }
  g_ptr_array_sort (texts, compare_texts);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (" ", (char **)texts->pdata);
}

static Event *
event_of_signal (BusClient *client, GDBusMessage *message)
{
  GVariant *body = g_dbus_message_get_body (message);
  g_autoptr (GVariant) changed = NULL;
  g_autofree const char **invalidated = NULL;
  const char *interface;
  Event *event;

  if (g_strcmp0 (g_dbus_message_get_interface (message), PROPERTIES) != 0)
    {
      g_autofree char *printed = g_variant_print (body, FALSE /* types */);

      g_assert_cmpstr (g_dbus_message_get_interface (message), ==, INTERFACE);
      event = g_new0 (Event, 1);
      event->text =
          g_strdup_printf ("%s %s", g_dbus_message_get_member (message), printed);
      return event;
    }

  g_variant_get (body, "(&s@a{sv}^a&s)", &interface, &changed, &invalidated);
  g_assert_cmpstr (interface, ==, INTERFACE);
  g_assert_cmpstr (invalidated[0], ==, NULL);
  if (is_about_peers (changed) && !client->hears_peers)
    return NULL;
  event = g_new0 (Event, 1);
  event->text = describe_properties (changed);
  return event;
}

static Event *
event_of_answer (BusClient *client, GDBusMessage *message)
{
  gpointer serial = GUINT_TO_POINTER (g_dbus_message_get_reply_serial (message));
  GVariant *body = g_dbus_message_get_body (message);
  Event *event = g_new0 (Event, 1);
  g_autofree char *printed = NULL;

  /* A second answer to the same call would not be found any more. */
  if (!g_hash_table_steal_extended (client->pending, serial, NULL,
                                    (gpointer *)&event->method))
    event->method = g_strdup ("(not called)");

  if (g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_ERROR)
    {
      const char *text = "";

      if (body != NULL)
        g_variant_get (body, "(&s)", &text);
      event->text = g_strdup_printf ("%s → %s: %s", event->method,
                                     g_dbus_message_get_error_name (message), text);
      return event;
    }

  event->reply =
      body != NULL ? g_variant_ref (body) : g_variant_ref_sink (g_variant_new ("()"));
  printed = g_variant_print (event->reply, FALSE /* types */);
  event->text = g_strdup_printf ("%s → %s", event->method, printed);
  return event;
}

/* In GDBus's thread. */
static GDBusMessage *
filter_cb (GDBusConnection *bus,
           GDBusMessage *message,
           gboolean is_incoming,
           gpointer data)
{
  BusClient *client = data;
  g_autoptr (GMutexLocker) locker = NULL;
  Event *event;

  if (!is_incoming ||
      g_strcmp0 (g_dbus_message_get_sender (message), client->service) != 0)
    return message;

  locker = g_mutex_locker_new (&client->mutex);
  if (g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_SIGNAL)
    event = event_of_signal (client, message);
  else
    event = event_of_answer (client, message);
  if (event != NULL)
    g_queue_push_tail (&client->events, event);
  g_object_unref (message);
  return NULL;
}

/* @service is the unique name of the service on @bus. */
BusClient *
bus_client_new (PrivateBus *bus, const char *service)
{
  BusClient *client = g_new0 (BusClient, 1);
  g_autofree char *rule = g_strdup_printf ("type='signal',sender='%s'", service);
  g_autoptr (GVariant) added = NULL;
  g_autoptr (GError) error = NULL;

  client->service = g_strdup (service);
  client->pending = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_mutex_init (&client->mutex);
  client->bus = private_bus_connect (bus);
  client->filter_id = g_dbus_connection_add_filter (client->bus, filter_cb, client, NULL);
  added = g_dbus_connection_call_sync (client->bus, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "AddMatch", g_variant_new ("(s)", rule), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return client;
}

void
bus_client_free (BusClient *client)
{
  if (!client->has_left)
    {
      bus_client_expect_nothing (client);
      g_assert_cmpuint (g_hash_table_size (client->pending), ==, 0);
      bus_client_leave (client);
    }
  g_dbus_connection_remove_filter (client->bus, client->filter_id);
  /* The thread that calls the filter holds the connection for a moment longer. */
  RUN_UNTIL (G_OBJECT (client->bus)->ref_count == 1);
  g_object_unref (client->bus);
  g_queue_clear_full (&client->events, (GDestroyNotify)event_free);
  g_hash_table_unref (client->pending);
  g_mutex_clear (&client->mutex);
  g_free (client->service);
  g_free (client);
}

const char *
bus_client_get_name (BusClient *client)
{
  return g_dbus_connection_get_unique_name (client->bus);
}

void
bus_client_leave (BusClient *client)
{
  g_autoptr (GError) error = NULL;

  client->has_left = TRUE;
  g_dbus_connection_close_sync (client->bus, NULL, &error);
  g_assert_no_error (error);
}

void
bus_client_hear_peers (BusClient *client)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&client->mutex);

  client->hears_peers = TRUE;
}

static void
call (BusClient *client,
      const char *interface,
      const char *method,
      GVariant *parameters,
      GDBusMessageFlags flags)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
      client->service, SOCKS_OBJECT_PATH, interface, method);
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&client->mutex);
  g_autoptr (GError) error = NULL;
  guint32 serial;

  g_dbus_message_set_flags (message, flags);
  if (parameters != NULL)
    g_dbus_message_set_body (message, parameters);
  g_dbus_connection_send_message (client->bus, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                  &serial, &error);
  g_assert_no_error (error);
  g_hash_table_insert (client->pending, GUINT_TO_POINTER (serial), g_strdup (method));
}

void
bus_client_call (BusClient *client, const char *method, GVariant *parameters)
{
  call (client, INTERFACE, method, parameters, G_DBUS_MESSAGE_FLAGS_NONE);
}

void
bus_client_call_interactively (BusClient *client,
                               const char *method,
                               GVariant *parameters)
{
  call (client, INTERFACE, method, parameters,
        G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION);
}

void
bus_client_connect (BusClient *client, const char *remote)
{
  bus_client_call (client, "Connect", g_variant_new ("(s)", remote));
}

static Event *
pop (BusClient *client)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&client->mutex);

  return g_queue_pop_head (&client->events);
}

void
bus_client_expect (BusClient *client, const char *pattern)
{
  Event *event = NULL;
  gint64 deadline_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while ((event = pop (client)) == NULL)
    {
      if (g_get_monotonic_time () > deadline_us)
        g_error ("“%s” has not come", pattern);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (200);
    }
  if (!g_pattern_match_simple (pattern, event->text))
    g_error ("“%s” is not like “%s”", event->text, pattern);
  event_free (event);
}

static Event *
pop_answer (BusClient *client, const char *method)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&client->mutex);

  for (GList *link = client->events.head; link != NULL; link = link->next)
    {
      Event *event = link->data;

      if (g_strcmp0 (event->method, method) == 0)
        {
          g_queue_delete_link (&client->events, link);
          return event;
        }
    }
  return NULL;
}

/* What was sent before the answer is before it on the wire, and is written down. */
GVariant *
bus_client_ask (BusClient *client,
                const char *interface,
                const char *method,
                GVariant *parameters)
{
  Event *event = NULL;
  GVariant *reply;

  call (client, interface, method, parameters, G_DBUS_MESSAGE_FLAGS_NONE);
  RUN_UNTIL ((event = pop_answer (client, method)) != NULL);
  if (event->reply == NULL)
    g_error ("%s", event->text);
  reply = g_steal_pointer (&event->reply);
  event_free (event);
  return reply;
}

guint
bus_client_drop (BusClient *client, const char *pattern)
{
  g_autoptr (GVariant) answer = NULL;
  g_autoptr (GMutexLocker) locker = NULL;
  guint n_dropped = 0;

  settle_main_loop ();
  answer = bus_client_ask (client, "org.freedesktop.DBus.Peer", "Ping", NULL);
  locker = g_mutex_locker_new (&client->mutex);
  for (GList *link = client->events.head, *next; link != NULL; link = next)
    {
      Event *event = link->data;

      next = link->next;
      if (g_pattern_match_simple (pattern, event->text))
        {
          event_free (event);
          g_queue_delete_link (&client->events, link);
          n_dropped++;
        }
    }
  return n_dropped;
}

void
bus_client_expect_nothing (BusClient *client)
{
  g_autoptr (GVariant) answer = NULL;
  Event *event;

  /* What the service has sent so far comes before this. */
  settle_main_loop ();
  answer = bus_client_ask (client, "org.freedesktop.DBus.Peer", "Ping", NULL);
  event = pop (client);
  if (event != NULL)
    g_error ("“%s” was not expected", event->text);
}

GVariant *
bus_client_get (BusClient *client, const char *property)
{
  g_autoptr (GVariant) reply = bus_client_ask (
      client, PROPERTIES, "Get", g_variant_new ("(ss)", INTERFACE, property));
  GVariant *value;

  g_variant_get (reply, "(v)", &value);
  return value;
}

void
bus_client_expect_property (BusClient *client, const char *property, const char *value)
{
  g_autoptr (GVariant) current = bus_client_get (client, property);
  g_autofree char *printed = g_variant_print (current, FALSE /* types */);

  g_assert_cmpstr (printed, ==, value);
}
