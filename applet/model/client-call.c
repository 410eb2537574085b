/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One call to the service. What changes something is sent to the service's name, so that
 * the bus starts it where it does not run, and may have a person asked for a password,
 * which takes its time; what only reads fails where nobody is there. A call that is made
 * before there is a connection waits for it.
 *
 * A task holds the client until its answer is there. Main thread. */

#include "model/client-call.h"

/* The service itself gives up on a person after a minute, and on a search after ten
 * seconds. It may have to be started first, for which systemd takes up to 90. */
#define CHANGE_TIMEOUT_MS (180 * 1000)
#define READ_TIMEOUT_MS (15 * 1000)

static void
call_free (SocksClientCall *call)
{
  g_clear_pointer (&call->parameters, g_variant_unref);
  g_free (call);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksClientCall *call = g_task_get_task_data (task);
  SocksServiceWatch *watch = socks_client_get_watch (g_task_get_source_object (task));
  GError *error = NULL;
  GVariant *reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* The client may have been disposed of by force. */
  if (call->is_starting && watch != NULL)
    socks_service_watch_end_start (watch);
  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
linked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksClientCall *call = g_task_get_task_data (task);
  SocksServiceWatch *watch = socks_client_get_watch (g_task_get_source_object (task));
  GError *error = NULL;
  g_autoptr (GDBusConnection) connection =
      socks_bus_link_wait_finish (SOCKS_BUS_LINK (source), result, &error);

  if (connection == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (call->may_start && watch != NULL)
    call->is_starting = socks_service_watch_begin_start (watch);
  g_dbus_connection_call (
      connection, SOCKS_SERVICE_NAME, SOCKS_SERVICE_PATH, call->interface, call->method,
      call->parameters, G_VARIANT_TYPE (call->reply_type),
      call->may_start ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION
                      : G_DBUS_CALL_FLAGS_NO_AUTO_START,
      call->may_start ? CHANGE_TIMEOUT_MS : READ_TIMEOUT_MS, g_task_get_cancellable (task),
      answered_cb, g_object_ref (task));
}

/**
 * socks_client_call_send:
 * @task: (transfer full): of a client; returns the reply, a #GVariant
 * @call: what to send; its parameters are sunk
 */
void
socks_client_call_send (GTask *task, const SocksClientCall *call)
{
  SocksClient *self = g_task_get_source_object (task);
  SocksClientCall *copy = g_memdup2 (call, sizeof *call);

  if (copy->parameters != NULL)
    g_variant_ref_sink (copy->parameters);
  g_task_set_task_data (task, copy, (GDestroyNotify) call_free);
  socks_bus_link_wait_async (socks_client_get_link (self), g_task_get_cancellable (task),
                             linked_cb, task);
}
