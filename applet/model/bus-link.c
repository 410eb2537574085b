/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The connection to the bus. It is one of our own, not the one that GIO shares: that one
 * ends the program with the bus, or stays closed for ever.
 *
 * While there is a bus nothing is done and no timer runs. A lost bus is tried again after
 * a tenth of a second, then twice as late each time, up to half a minute: a bus that is
 * restarted is back in a moment, and a machine without one is not kept awake.
 *
 * Main thread. */

#include "model/bus-link.h"

#include "model/waiters.h"

#define RETRY_FIRST_MS 100
#define RETRY_MAX_MS (30 * 1000)

struct _SocksBusLink
{
  GObject parent_instance;

  char *address;               /* (owned) (nullable): NULL is the system bus */
  GDBusConnection *connection; /* (owned) (nullable) */
  GCancellable *cancellable;   /* (owned): of the attempt */
  SocksWaiters *waiters;       /* (owned): for the end of the first attempt */
  gboolean is_tried;           /* the first attempt since there was a bus has ended */
  guint retry_id;              /* 0: none is waited for */
  guint retry_ms;              /* until the next one */
};

G_DEFINE_FINAL_TYPE (SocksBusLink, socks_bus_link, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void try_to_open (SocksBusLink *self);

static gboolean
retry_cb (gpointer data)
{
  SocksBusLink *self = data;

  self->retry_id = 0;
  try_to_open (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (SocksBusLink *self)
{
  /* Whole seconds may be waited for together with what else wakes the machine. */
  self->retry_id = self->retry_ms < 1000
                       ? g_timeout_add (self->retry_ms, retry_cb, self)
                       : g_timeout_add_seconds (self->retry_ms / 1000, retry_cb, self);
  self->retry_ms = MIN (self->retry_ms * 2, RETRY_MAX_MS);
}

static void
return_link (SocksBusLink *self, GTask *task)
{
  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->connection != NULL)
    g_task_return_pointer (task, g_object_ref (self->connection), g_object_unref);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                             "There is no connection to the system bus");
}

static void
end_waiting (SocksBusLink *self)
{
  GTask *task;

  while ((task = socks_waiters_pop (self->waiters)) != NULL)
    {
      return_link (self, task);
      g_object_unref (task);
    }
}

static void
tell (SocksBusLink *self)
{
  end_waiting (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void closed_cb (GDBusConnection *connection,
                       gboolean remote_peer_vanished,
                       GError *error,
                       SocksBusLink *self);

/* GIO's own thread may be the last that holds it, and would take our handler away there,
 * while this thread takes away what the handler is for. */
static void
drop_connection (SocksBusLink *self)
{
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_func (self->connection, closed_cb, self);
  g_clear_object (&self->connection);
}

static void
closed_cb (GDBusConnection *connection,
           gboolean remote_peer_vanished,
           GError *error,
           SocksBusLink *self)
{
  g_debug ("The connection to the bus is closed: %s",
           error != NULL ? error->message : "by the bus");
  drop_connection (self);
  retry_later (self);
  tell (self);
}

static void
failed (SocksBusLink *self, const GError *error)
{
  gboolean is_first = !self->is_tried;

  g_debug ("The bus can't be reached: %s", error->message);
  self->is_tried = TRUE;
  retry_later (self);
  if (is_first)
    tell (self);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection =
      g_dbus_connection_new_for_address_finish (result, &error);
  SocksBusLink *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = data;
  /* One that is closed already would not tell us any more. */
  if (connection != NULL && g_dbus_connection_is_closed (connection))
    g_set_error (&error, G_IO_ERROR, G_IO_ERROR_CLOSED, "It was closed at once");
  if (error != NULL)
    {
      failed (self, error);
      return;
    }

  self->is_tried = TRUE;
  self->retry_ms = RETRY_FIRST_MS;
  self->connection = g_steal_pointer (&connection);
  g_signal_connect_object (self->connection, "closed", G_CALLBACK (closed_cb), self, 0);
  tell (self);
}

static void
try_to_open (SocksBusLink *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address =
      self->address != NULL
          ? g_strdup (self->address)
          : g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  if (address == NULL)
    {
      failed (self, error);
      return;
    }
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL /* observer */, self->cancellable, opened_cb,
                                     self);
}

static void
socks_bus_link_dispose (GObject *object)
{
  SocksBusLink *self = SOCKS_BUS_LINK (object);

  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  drop_connection (self);
  end_waiting (self);

  G_OBJECT_CLASS (socks_bus_link_parent_class)->dispose (object);
}

static void
socks_bus_link_finalize (GObject *object)
{
  SocksBusLink *self = SOCKS_BUS_LINK (object);

  socks_waiters_free (self->waiters);
  g_object_unref (self->cancellable);
  g_free (self->address);

  G_OBJECT_CLASS (socks_bus_link_parent_class)->finalize (object);
}

static void
socks_bus_link_class_init (SocksBusLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_bus_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_bus_link_finalize;

  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_BUS_LINK, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_bus_link_init (SocksBusLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->waiters = socks_waiters_new ();
  self->retry_ms = RETRY_FIRST_MS;
}

/**
 * socks_bus_link_new:
 * @address: (nullable): a D-Bus address; %NULL for the system bus, of which
 *   `DBUS_SYSTEM_BUS_ADDRESS` may say where it is
 *
 * Returns: (transfer full): a link that is on its way to the bus
 */
SocksBusLink *
socks_bus_link_new (const char *address)
{
  SocksBusLink *self = g_object_new (SOCKS_TYPE_BUS_LINK, NULL);

  self->address = g_strdup (address);
  try_to_open (self);
  return self;
}

/**
 * socks_bus_link_get:
 * @self: a link
 *
 * Returns: (transfer none) (nullable): the connection, if there is one now
 */
GDBusConnection *
socks_bus_link_get (SocksBusLink *self)
{
  return self->connection;
}

/**
 * socks_bus_link_wait_async:
 * @self: a link
 * @cancellable: (nullable): a way not to wait
 * @callback: called when there is a connection, or it is known that there is none
 * @user_data: for @callback
 *
 * Waits for the first attempt only: where it has failed, there is none until `changed`.
 */
void
socks_bus_link_wait_async (SocksBusLink *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, socks_bus_link_wait_async);
  if (self->is_tried)
    return_link (self, task);
  else
    socks_waiters_add (self->waiters, g_steal_pointer (&task));
}

/**
 * socks_bus_link_wait_finish:
 * @self: a link
 * @result: what the callback was given
 * @error: return location for a %G_IO_ERROR_NOT_CONNECTED
 *
 * Returns: (transfer full) (nullable): the connection
 */
GDBusConnection *
socks_bus_link_wait_finish (SocksBusLink *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
