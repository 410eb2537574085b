/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Asks the Mycelium node for its routes and, at the same time, for its own address. What
 * the answers mean is the node client's affair. Main thread. */

#include "engine/route-query.h"

/* The data of the query's task, whose source object is the API. */
typedef struct
{
  SocksNodeAnswers *answers; /* (owned) (nullable): given away at the end */
  guint n_unanswered;        /* of the two questions */
} Query;

static void
query_free (Query *query)
{
  g_clear_pointer (&query->answers, socks_node_answers_free);
  g_free (query);
}

static void
end_if_answered (GTask *task)
{
  Query *query = g_task_get_task_data (task);

  if (--query->n_unanswered == 0)
    g_task_return_pointer (task, g_steal_pointer (&query->answers),
                           (GDestroyNotify) socks_node_answers_free);
}

static void
own_address_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksNodeAnswers *answers = ((Query *) g_task_get_task_data (task))->answers;
  g_autoptr (GError) error = NULL;

  answers->has_address = socks_node_api_get_own_address_finish (
      SOCKS_NODE_API (source), result, &answers->address, &error);
  if (!answers->has_address)
    g_debug ("The node does not tell its own address: %s", error->message);
  end_if_answered (task);
}

static void
routes_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksNodeAnswers *answers = ((Query *) g_task_get_task_data (task))->answers;

  answers->subnets = socks_node_api_get_routes_finish (
      SOCKS_NODE_API (source), result, &answers->n_dropped, &answers->error);
  end_if_answered (task);
}

/**
 * socks_node_answers_free:
 * @answers: (transfer full): answers
 */
void
socks_node_answers_free (SocksNodeAnswers *answers)
{
  g_clear_pointer (&answers->subnets, g_array_unref);
  g_clear_error (&answers->error);
  g_free (answers);
}

/**
 * socks_route_query_async:
 * @api: the API of a node
 * @cancellable: (nullable): ends the query
 * @callback: called when both questions are answered, or will not be
 * @user_data: for @callback
 */
void
socks_route_query_async (SocksNodeApi *api,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (api, cancellable, callback, user_data);
  Query *query = g_new0 (Query, 1);

  query->answers = g_new0 (SocksNodeAnswers, 1);
  query->n_unanswered = 2;
  g_task_set_source_tag (task, socks_route_query_async);
  g_task_set_task_data (task, query, (GDestroyNotify) query_free);
  socks_node_api_get_own_address_async (api, cancellable, own_address_cb,
                                        g_object_ref (task));
  socks_node_api_get_routes_async (api, cancellable, routes_cb, g_object_ref (task));
}

/**
 * socks_route_query_finish:
 * @api: the API
 * @result: what the callback was given
 * @error: return location for a %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full): what the node answered, which may be nothing; %NULL if the
 *   query was cancelled
 */
SocksNodeAnswers *
socks_route_query_finish (SocksNodeApi *api, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, api), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
