/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Asks the Mycelium node for the keys of all routes that lack theirs, several at once.
 *
 * Not to get a key is nothing special: the node says so (status 404) when the route went
 * away in the meantime, and the next query asks again if it is back. But a node that
 * gives no answer at all stalls, because a call of its own holds its lock, and it does so
 * for minutes; so the first question without any answer is the last one asked. Main
 * thread. */

#include "engine/key-query.h"

#include "core/error.h"

/* The data of the query's task, whose source object is the API. */
typedef struct
{
  SocksRouteTable *routes; /* (unowned): the caller keeps it */
  GArray *subnets;         /* (owned): of SocksPrefix: to be asked for, from @next on */
  guint next;
  guint n_in_flight;
  gint64 end_us;       /* the monotonic time at which the asking ends */
  gboolean is_stalled; /* the node gave no answer at all */
  guint n_wrong;       /* subnets that got a key of somewhere else */
  SocksPrefix first_wrong;
} Query;

/* The question for one key. */
typedef struct
{
  GTask *task; /* (owned): the query's */
  SocksPrefix subnet;
} Question;

static void
query_free (Query *query)
{
  g_array_unref (query->subnets);
  g_free (query);
}

static void
end_query (GTask *task)
{
  Query *query = g_task_get_task_data (task);

  if (query->n_wrong > 0)
    {
      g_autofree char *subnet = socks_prefix_format (&query->first_wrong);

      /* One line for all: somebody who lies may do so for thousands of routes. */
      g_warning ("The Mycelium node tells keys whose addresses are not inside their "
                 "routes, of %u routes, the first %s; they are left out, look after the "
                 "node",
                 query->n_wrong, subnet);
    }
  if (query->next < query->subnets->len)
    g_info ("%u of %u keys are left to be asked for the next time",
            query->subnets->len - query->next, query->subnets->len);

  g_task_return_boolean (task, TRUE);
}

static void ask_on (GTask *task);

static void
key_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  g_autoptr (GTask) task = question->task;
  Query *query = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  guint8 key[SOCKS_NODE_KEY_BYTES];

  query->n_in_flight--;
  if (!socks_node_api_get_key_finish (SOCKS_NODE_API (source), result, key, &error))
    {
      g_debug ("No key for a route: %s", error->message);
      if (error->domain != SOCKS_ERROR)
        query->is_stalled = TRUE;
    }
  else if (!socks_route_table_resolve (query->routes, &question->subnet, key))
    {
      if (query->n_wrong == 0)
        query->first_wrong = question->subnet;
      query->n_wrong++;
    }
  g_free (question);

  ask_on (task);
}

/* Keeps as many questions open as there may be; ends the query after the last. */
static void
ask_on (GTask *task)
{
  SocksNodeApi *api = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  Query *query = g_task_get_task_data (task);
  gboolean is_over = query->is_stalled || g_get_monotonic_time () >= query->end_us ||
                     g_cancellable_is_cancelled (cancellable);

  while (!is_over && query->n_in_flight < SOCKS_KEY_QUERY_MAX_QUESTIONS &&
         query->next < query->subnets->len)
    {
      Question *question = g_new0 (Question, 1);

      question->task = g_object_ref (task);
      question->subnet = g_array_index (query->subnets, SocksPrefix, query->next);
      query->next++;
      query->n_in_flight++;
      socks_node_api_get_key_async (api, &question->subnet, cancellable, key_cb,
                                    question);
    }

  if (query->n_in_flight == 0)
    end_query (task);
}

/**
 * socks_key_query_async:
 * @api: the API of the node that has the routes
 * @routes: the routes; must stay until @callback is called, and must not be updated
 *   before @callback is called or @cancellable cancelled
 * @limit_ms: when no more is asked: a node that answers each of thousands of questions
 *   just in time would take hours
 * @cancellable: (nullable): ends the query
 * @callback: called when there is no question left
 * @user_data: for @callback
 *
 * Asks for the keys that @routes lacks, and puts into it what it is told.
 */
void
socks_key_query_async (SocksNodeApi *api,
                       SocksRouteTable *routes,
                       guint limit_ms,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (api, cancellable, callback, user_data);
  Query *query = g_new0 (Query, 1);

  query->routes = routes;
  query->subnets = socks_route_table_list_unresolved (routes);
  query->end_us = g_get_monotonic_time () + (gint64) limit_ms * G_TIME_SPAN_MILLISECOND;
  g_task_set_source_tag (task, socks_key_query_async);
  g_task_set_task_data (task, query, (GDestroyNotify) query_free);
  ask_on (task);
}

/**
 * socks_key_query_finish:
 * @api: the API
 * @result: what the callback was given
 * @error: return location for a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether all was asked that could be; not all need have been answered
 */
gboolean
socks_key_query_finish (SocksNodeApi *api, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, api), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
