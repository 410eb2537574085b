/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The methods that change something, and so start the service where it does not run. Main
 * thread. */

#include "model/client-call.h"

static void
change (SocksClient *self,
        const char *method,
        GVariant *parameters,
        const char *reply_type,
        gpointer source_tag,
        GCancellable *cancellable,
        GAsyncReadyCallback callback,
        gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  const SocksClientCall call = {
    .interface = SOCKS_SERVICE_INTERFACE,
    .method = method,
    .parameters = parameters,
    .reply_type = reply_type,
    .may_start = TRUE,
  };

  g_task_set_source_tag (task, source_tag);
  socks_client_call_send (task, &call);
}

static gboolean
finish (GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  return reply != NULL;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (finish (result, &error))
    socks_client_add_start (SOCKS_CLIENT (source), g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/**
 * socks_client_start_async:
 * @self: a client
 * @cancellable: (nullable): a way not to wait
 * @callback: called when the service is there, or could not be started
 * @user_data: for @callback
 *
 * Starts the service if it does not run, without telling it to do anything. For a face
 * that a person has opened.
 */
void
socks_client_start_async (SocksClient *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GTask *question = g_task_new (self, cancellable, started_cb, task);
  /* StartServiceByName would fail for a service that runs but that the bus could not have
   * started, as one that is run by hand. */
  const SocksClientCall call = {
    .interface = "org.freedesktop.DBus.Peer",
    .method = "Ping",
    .reply_type = "()",
    .may_start = TRUE,
  };

  g_task_set_source_tag (task, socks_client_start_async);
  g_task_set_source_tag (question, socks_client_start_async);
  socks_client_call_send (question, &call);
}

/**
 * socks_client_start_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for an error, see socks_error_text()
 *
 * Returns: whether the service is %SOCKS_AVAILABILITY_PRESENT
 */
gboolean
socks_client_start_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * socks_client_connect_async:
 * @self: a client
 * @remote: a socket address, or "" for the fastest
 * @cancellable: (nullable): a way not to wait; the service goes on
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * Connects. By then the client's properties are the new ones.
 */
void
socks_client_connect_async (SocksClient *self,
                            const char *remote,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  change (self, "Connect", g_variant_new ("(s)", remote), "(s)",
          socks_client_connect_async, cancellable, callback, user_data);
}

/**
 * socks_client_connect_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for an error, see socks_error_text()
 *
 * Returns: (transfer full) (nullable): the remote that was chosen
 */
char *
socks_client_connect_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);
  char *chosen = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(s)", &chosen);
  return chosen;
}

/**
 * socks_client_disconnect_async:
 * @self: a client
 * @cancellable: (nullable): a way not to wait; the service goes on
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * Disconnects. By then the client's properties are the new ones.
 */
void
socks_client_disconnect_async (SocksClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  change (self, "Disconnect", NULL, "()", socks_client_disconnect_async, cancellable,
          callback, user_data);
}

gboolean
socks_client_disconnect_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  return finish (result, error);
}

/**
 * socks_client_set_probing_async:
 * @self: a client
 * @probing: whether sweeps are to be made
 * @cancellable: (nullable): a way not to wait; the service goes on
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * StartProbing or StopProbing.
 */
void
socks_client_set_probing_async (SocksClient *self,
                                gboolean probing,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  change (self, probing ? "StartProbing" : "StopProbing", NULL, "()",
          socks_client_set_probing_async, cancellable, callback, user_data);
}

gboolean
socks_client_set_probing_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  return finish (result, error);
}

/**
 * socks_client_probe_now_async:
 * @self: a client
 * @cancellable: (nullable): a way not to wait; the service goes on
 * @callback: called when the service has answered, not when the sweep has ended
 * @user_data: for @callback
 *
 * Has one sweep made.
 */
void
socks_client_probe_now_async (SocksClient *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  change (self, "ProbeNow", NULL, "()", socks_client_probe_now_async, cancellable,
          callback, user_data);
}

gboolean
socks_client_probe_now_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  return finish (result, error);
}
