/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The methods that only read, and so never start the service. Main thread. */

#include "model/client-call.h"

/* What a face asks for once a second while it shows it. Each is a question of its own: all
 * properties in one would bring the list of proxies with them. */
static const char *const counters[] = {
  "ActiveConnections", "TotalConnections", "RefusedConnections",
  "BytesSent",         "BytesReceived",
};

/* A question for all counters. */
typedef struct
{
  SocksTraffic traffic;
  guint n_missing;
  GError *error; /* (owned) (nullable): the first one */
} Question;

static void
read_async (SocksClient *self,
            const char *interface,
            const char *method,
            GVariant *parameters,
            const char *reply_type,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  const SocksClientCall call = {
    .interface = interface,
    .method = method,
    .parameters = parameters,
    .reply_type = reply_type,
  };
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, read_async);
  socks_client_call_send (task, &call);
}

/**
 * socks_client_list_peers_async:
 * @self: a client
 * @cancellable: (nullable): a way not to wait
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * Asks for everything that is known, those that are no proxies too.
 */
void
socks_client_list_peers_async (SocksClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  read_async (self, SOCKS_SERVICE_INTERFACE, "ListPeers", NULL, "(aa{sv})", cancellable,
              callback, user_data);
}

/**
 * socks_client_list_peers_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for an error, see socks_error_text()
 *
 * Returns: (transfer full) (nullable): a list of its own, that does not change any more
 */
SocksProxyList *
socks_client_list_peers_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr (GVariant) peers = NULL;
  SocksProxyList *list;

  if (reply == NULL)
    return NULL;
  list = socks_proxy_list_new ();
  if (socks_client_get_book (self) != NULL)
    socks_proxy_list_set_book (list, socks_client_get_book (self));
  peers = g_variant_get_child_value (reply, 0);
  socks_proxy_list_update (list, peers);
  return list;
}

static void
question_free (Question *question)
{
  g_clear_error (&question->error);
  g_free (question);
}

static gboolean
read_counter (SocksTraffic *traffic, guint counter, GVariant *value)
{
  guint64 *const large[] = {
    NULL,
    &traffic->total_connections,
    &traffic->refused_connections,
    &traffic->bytes_sent,
    &traffic->bytes_received,
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (large) == G_N_ELEMENTS (counters));
  if (large[counter] == NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    traffic->active_connections = g_variant_get_uint32 (value);
  else if (large[counter] != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    *large[counter] = g_variant_get_uint64 (value);
  else
    return FALSE;
  return TRUE;
}

/* The answers come in the order of the questions. */
static void
got_counter_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Question *question = g_task_get_task_data (task);
  guint counter = G_N_ELEMENTS (counters) - question->n_missing;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (GVariant) value = NULL;

  question->n_missing--;
  if (reply != NULL)
    {
      g_variant_get (reply, "(v)", &value);
      if (!read_counter (&question->traffic, counter, value))
        g_set_error (&error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "%s is of type %s", counters[counter],
                     g_variant_get_type_string (value));
    }
  if (error != NULL && question->error == NULL)
    question->error = g_steal_pointer (&error);
  if (question->n_missing > 0)
    return;

  if (question->error != NULL)
    g_task_return_error (task, g_steal_pointer (&question->error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * socks_client_get_traffic_async:
 * @self: a client
 * @cancellable: (nullable): a way not to wait
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * Asks for what is counted but not signalled.
 */
void
socks_client_get_traffic_async (SocksClient *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Question *question = g_new0 (Question, 1);

  question->n_missing = G_N_ELEMENTS (counters);
  g_task_set_source_tag (task, socks_client_get_traffic_async);
  g_task_set_task_data (task, question, (GDestroyNotify) question_free);
  for (guint i = 0; i < G_N_ELEMENTS (counters); i++)
    read_async (self, "org.freedesktop.DBus.Properties", "Get",
                g_variant_new ("(ss)", SOCKS_SERVICE_INTERFACE, counters[i]), "(v)",
                cancellable, got_counter_cb, g_object_ref (task));
}

/**
 * socks_client_get_traffic_finish:
 * @self: a client
 * @result: what the callback was given
 * @out_traffic: (out): what was counted
 * @error: return location for an error, see socks_error_text()
 *
 * Returns: whether there was an answer
 */
gboolean
socks_client_get_traffic_finish (SocksClient *self,
                                 GAsyncResult *result,
                                 SocksTraffic *out_traffic,
                                 GError **error)
{
  const Question *question = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *out_traffic = question->traffic;
  return TRUE;
}
