/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Follows the service through its life by what the bus tells of it:
 *
 *     no bus ⇄ not installed ⇄ not running → starting → present
 *
 * The signals of one run of the service are heard under its unique name, so that none of
 * another run, or of somebody else, is taken for one. Its properties are asked for once
 * for each run, after the signals have been subscribed to: what changes meanwhile is in
 * the answer. Nothing here starts the service. Main thread. */

#include "model/service-watch.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define BUS_INTERFACE "org.freedesktop.DBus"

struct _SocksServiceWatch
{
  GObject parent_instance;

  SocksBusLink *link;          /* (owned) */
  GDBusConnection *connection; /* (owned) (nullable): the link's */
  guint name_watch_id;         /* 0: no connection */
  guint activatable_id;        /* subscription; 0: no connection */
  char *owner;                 /* (owned) (nullable): unique name of the service */
  guint properties_id;         /* subscription; 0: no owner */
  guint remote_changed_id;     /* subscription; 0: no owner */
  GCancellable *asking;        /* (owned) (nullable): the question to bus or service */

  SocksAvailability availability;
  guint n_starts; /* calls in flight that start it */
};

G_DEFINE_FINAL_TYPE (SocksServiceWatch, socks_service_watch, G_TYPE_OBJECT)

enum
{
  AVAILABILITY_CHANGED,
  PROPERTIES,
  REMOTE_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static const char *
name_of (SocksAvailability availability)
{
  g_autoptr (GEnumClass) words = g_type_class_ref (SOCKS_TYPE_AVAILABILITY);

  return g_enum_get_value (words, availability)->value_nick;
}

static gboolean
change (SocksServiceWatch *self, SocksAvailability availability)
{
  if (self->availability == availability)
    return FALSE;
  g_debug ("The service: %s → %s", name_of (self->availability), name_of (availability));
  self->availability = availability;
  return TRUE;
}

static void
set_availability (SocksServiceWatch *self, SocksAvailability availability)
{
  if (change (self, availability))
    g_signal_emit (self, signals[AVAILABILITY_CHANGED], 0);
}

static void
stop_asking (SocksServiceWatch *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

static GCancellable *
begin_asking (SocksServiceWatch *self)
{
  stop_asking (self);
  self->asking = g_cancellable_new ();
  return self->asking;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) properties = NULL;
  SocksServiceWatch *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = data;
  g_clear_object (&self->asking);
  if (reply == NULL)
    {
      g_info ("The service does not tell its properties: %s", error->message);
      set_availability (self, SOCKS_AVAILABILITY_NOT_ANSWERING);
      return;
    }

  change (self, SOCKS_AVAILABILITY_PRESENT);
  g_variant_get (reply, "(@a{sv})", &properties);
  g_signal_emit (self, signals[PROPERTIES], 0, properties);
}

static void
load (SocksServiceWatch *self)
{
  g_dbus_connection_call (
      self->connection, self->owner, SOCKS_SERVICE_PATH, PROPERTIES_INTERFACE, "GetAll",
      g_variant_new ("(s)", SOCKS_SERVICE_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1 /* default time-out */, begin_asking (self),
      loaded_cb, self);
}

static void
properties_changed_cb (GDBusConnection *connection,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer data)
{
  SocksServiceWatch *self = data;
  g_autoptr (GVariant) changed = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  if (self->availability == SOCKS_AVAILABILITY_PRESENT)
    {
      g_variant_get (parameters, "(&s@a{sv}as)", NULL, &changed, NULL);
      g_signal_emit (self, signals[PROPERTIES], 0, changed);
    }
  else if (self->asking == NULL)
    /* It has found its tongue again. */
    load (self);
}

static void
remote_changed_cb (GDBusConnection *connection,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer data)
{
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    g_signal_emit (data, signals[REMOTE_CHANGED], 0, parameters);
}

static void
forget_owner (SocksServiceWatch *self)
{
  if (self->owner == NULL)
    return;
  g_dbus_connection_signal_unsubscribe (self->connection, self->properties_id);
  g_dbus_connection_signal_unsubscribe (self->connection, self->remote_changed_id);
  self->properties_id = 0;
  self->remote_changed_id = 0;
  g_clear_pointer (&self->owner, g_free);
}

static void
appeared_cb (GDBusConnection *connection,
             const char *name,
             const char *owner,
             gpointer data)
{
  SocksServiceWatch *self = data;

  stop_asking (self);
  forget_owner (self);
  self->owner = g_strdup (owner);
  self->properties_id = g_dbus_connection_signal_subscribe (
      connection, owner, PROPERTIES_INTERFACE, "PropertiesChanged", SOCKS_SERVICE_PATH,
      SOCKS_SERVICE_INTERFACE, G_DBUS_SIGNAL_FLAGS_NONE, properties_changed_cb, self,
      NULL /* free */);
  self->remote_changed_id = g_dbus_connection_signal_subscribe (
      connection, owner, SOCKS_SERVICE_INTERFACE, "RemoteChanged", SOCKS_SERVICE_PATH,
      NULL /* first argument */, G_DBUS_SIGNAL_FLAGS_NONE, remote_changed_cb, self,
      NULL /* free */);
  load (self);
  set_availability (self, SOCKS_AVAILABILITY_STARTING);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autofree const char **names = NULL;
  SocksServiceWatch *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = data;
  g_clear_object (&self->asking);
  if (reply != NULL)
    g_variant_get (reply, "(^a&s)", &names);
  if (names != NULL && !g_strv_contains (names, SOCKS_SERVICE_NAME))
    set_availability (self, SOCKS_AVAILABILITY_NOT_INSTALLED);
  else
    set_availability (self, self->n_starts > 0 ? SOCKS_AVAILABILITY_STARTING
                                               : SOCKS_AVAILABILITY_NOT_RUNNING);
}

/* There is no owner: could there be one? */
static void
ask_whether_activatable (SocksServiceWatch *self)
{
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_INTERFACE,
                          "ListActivatableNames", NULL /* parameters */,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE,
                          -1 /* default time-out */, begin_asking (self), listed_cb, self);
}

static void
vanished_cb (GDBusConnection *connection, const char *name, gpointer data)
{
  SocksServiceWatch *self = data;
  gboolean was_there = self->owner != NULL;

  /* Without a connection it is the link that tells. */
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    return;
  stop_asking (self);
  forget_owner (self);
  ask_whether_activatable (self);
  if (was_there)
    set_availability (self, self->n_starts > 0 ? SOCKS_AVAILABILITY_STARTING
                                               : SOCKS_AVAILABILITY_NOT_RUNNING);
}

/* Not every bus sends this: the others are asked again when the service has gone. */
static void
activatable_changed_cb (GDBusConnection *connection,
                        const char *sender,
                        const char *path,
                        const char *interface,
                        const char *signal,
                        GVariant *parameters,
                        gpointer data)
{
  SocksServiceWatch *self = data;

  if (self->owner == NULL && self->availability != SOCKS_AVAILABILITY_UNKNOWN)
    ask_whether_activatable (self);
}

static void
drop_connection (SocksServiceWatch *self)
{
  if (self->connection == NULL)
    return;
  stop_asking (self);
  forget_owner (self);
  g_clear_handle_id (&self->name_watch_id, g_bus_unwatch_name);
  g_dbus_connection_signal_unsubscribe (self->connection, self->activatable_id);
  self->activatable_id = 0;
  g_clear_object (&self->connection);
}

static void
link_changed_cb (SocksBusLink *link, SocksServiceWatch *self)
{
  GDBusConnection *connection = socks_bus_link_get (link);

  drop_connection (self);
  if (connection == NULL)
    {
      set_availability (self, SOCKS_AVAILABILITY_NO_BUS);
      return;
    }
  self->connection = g_object_ref (connection);
  self->activatable_id = g_dbus_connection_signal_subscribe (
      connection, BUS_NAME, BUS_INTERFACE, "ActivatableServicesChanged", BUS_PATH,
      NULL /* first argument */, G_DBUS_SIGNAL_FLAGS_NONE, activatable_changed_cb, self,
      NULL /* free */);
  self->name_watch_id = g_bus_watch_name_on_connection (
      connection, SOCKS_SERVICE_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, appeared_cb,
      vanished_cb, self, NULL /* free */);
}

static void
socks_service_watch_dispose (GObject *object)
{
  SocksServiceWatch *self = SOCKS_SERVICE_WATCH (object);

  drop_connection (self);
  g_clear_object (&self->link);

  G_OBJECT_CLASS (socks_service_watch_parent_class)->dispose (object);
}

static void
socks_service_watch_class_init (SocksServiceWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_service_watch_dispose;

  signals[AVAILABILITY_CHANGED] =
      g_signal_new ("availability-changed", SOCKS_TYPE_SERVICE_WATCH, G_SIGNAL_RUN_LAST,
                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[PROPERTIES] =
      g_signal_new ("properties", SOCKS_TYPE_SERVICE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
  signals[REMOTE_CHANGED] =
      g_signal_new ("remote-changed", SOCKS_TYPE_SERVICE_WATCH, G_SIGNAL_RUN_LAST, 0,
                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_VARIANT);
}

static void
socks_service_watch_init (SocksServiceWatch *self)
{
}

/**
 * socks_service_watch_new:
 * @link: a link that has not told anything yet
 *
 * Returns: (transfer full): a watch
 */
SocksServiceWatch *
socks_service_watch_new (SocksBusLink *link)
{
  SocksServiceWatch *self = g_object_new (SOCKS_TYPE_SERVICE_WATCH, NULL);

  self->link = g_object_ref (link);
  g_signal_connect_object (link, "changed", G_CALLBACK (link_changed_cb), self, 0);
  return self;
}

/**
 * socks_service_watch_get_availability:
 * @self: a watch
 *
 * Returns: whether the service is there
 */
SocksAvailability
socks_service_watch_get_availability (SocksServiceWatch *self)
{
  return self->availability;
}

/**
 * socks_service_watch_begin_start:
 * @self: a watch
 *
 * A call is about to be sent that starts the service if it does not run.
 *
 * Returns: whether it does not, and socks_service_watch_end_start() is due when the call
 *   has its answer
 */
gboolean
socks_service_watch_begin_start (SocksServiceWatch *self)
{
  if (self->connection == NULL || self->owner != NULL)
    return FALSE;
  self->n_starts++;
  if (self->availability == SOCKS_AVAILABILITY_NOT_RUNNING)
    set_availability (self, SOCKS_AVAILABILITY_STARTING);
  return TRUE;
}

/**
 * socks_service_watch_end_start:
 * @self: a watch
 *
 * That call has its answer. If there is no service nevertheless, it did not start.
 */
void
socks_service_watch_end_start (SocksServiceWatch *self)
{
  self->n_starts--;
  if (self->n_starts == 0 && self->connection != NULL && self->owner == NULL)
    ask_whether_activatable (self);
}
