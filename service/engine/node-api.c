/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The questions of the Mycelium node's HTTP API that the service asks, each as a call
 * that gives plain values. How a request is made is http-client.c's, what an answer means
 * node-json.c's; the addresses and sizes are here. Main thread, but for the parsing of
 * the routes.
 *
 * Errors are reasons to be put into a sentence. %SOCKS_ERROR_NODE: there was an answer,
 * but not one that the API describes. Any other domain: there was none. */

#include "engine/node-api.h"

#include "core/address.h"
#include "core/node-json.h"
#include "engine/http-client.h"

#define ROUTES_MAX_BYTES (8 * 1024 * 1024)
#define OTHERS_MAX_BYTES (4 * 1024)

struct _SocksNodeApi
{
  GObject parent_instance;

  char *url;             /* (owned) */
  SocksHttpClient *http; /* (owned) */
};

G_DEFINE_FINAL_TYPE (SocksNodeApi, socks_node_api, G_TYPE_OBJECT)

/* The answer about the routes. */
typedef struct
{
  GArray *subnets; /* (owned) (nullable): of SocksPrefix */
  guint n_dropped;
} Routes;

static void
routes_free (Routes *routes)
{
  g_clear_pointer (&routes->subnets, g_array_unref);
  g_free (routes);
}

static void
socks_node_api_finalize (GObject *object)
{
  SocksNodeApi *self = SOCKS_NODE_API (object);

  g_clear_object (&self->http);
  g_clear_pointer (&self->url, g_free);

  G_OBJECT_CLASS (socks_node_api_parent_class)->finalize (object);
}

static void
socks_node_api_class_init (SocksNodeApiClass *class)
{
  G_OBJECT_CLASS (class)->finalize = socks_node_api_finalize;
}

static void
socks_node_api_init (SocksNodeApi *self)
{
}

/* Small answers are parsed where they are wanted, in the finish functions. */
static void
answer_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GBytes *json =
      socks_http_client_get_finish (SOCKS_HTTP_CLIENT (source), result, &error);

  if (json == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, json, (GDestroyNotify) g_bytes_unref);
}

/* Megabytes of routes would hold up the main loop for a tenth of a second and more. */
static void
parse_routes_in_thread (GTask *task,
                        gpointer source_object,
                        gpointer task_data,
                        GCancellable *cancellable)
{
  Routes *routes = g_new0 (Routes, 1);
  GError *error = NULL;

  routes->subnets = socks_node_json_parse_routes (task_data, &routes->n_dropped, &error);
  if (error == NULL)
    g_task_return_pointer (task, routes, (GDestroyNotify) routes_free);
  else
    {
      g_task_return_error (task, error);
      routes_free (routes);
    }
}

static void
routes_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GBytes *json =
      socks_http_client_get_finish (SOCKS_HTTP_CLIENT (source), result, &error);

  if (json == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, json, (GDestroyNotify) g_bytes_unref);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, parse_routes_in_thread);
}

/**
 * socks_node_api_new:
 * @url: where the API answers, without the path and without a slash at its end
 * @max_questions: how many may be open at once, each on a connection of its own: one that
 *   waits for another's would run out of time
 * @connect_timeout_ms: how long a question may wait for a connection
 * @request_timeout_ms: how long it may take in all
 *
 * Returns: (transfer full): the API of the node at @url; nothing is asked yet
 */
SocksNodeApi *
socks_node_api_new (const char *url,
                    guint max_questions,
                    guint connect_timeout_ms,
                    guint request_timeout_ms)
{
  SocksNodeApi *self = g_object_new (SOCKS_TYPE_NODE_API, NULL);

  self->url = g_strdup (url);
  self->http =
      socks_http_client_new (max_questions, connect_timeout_ms, request_timeout_ms);
  return self;
}

/**
 * socks_node_api_get_own_address_async:
 * @self: the API
 * @cancellable: (nullable): ends the question
 * @callback: called when the answer is there
 * @user_data: for @callback
 *
 * Asks for the node's own overlay address: `GET /api/v1/admin`.
 */
void
socks_node_api_get_own_address_async (SocksNodeApi *self,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *url = g_strconcat (self->url, "/api/v1/admin", NULL);

  g_task_set_source_tag (task, socks_node_api_get_own_address_async);
  socks_http_client_get_async (self->http, url, OTHERS_MAX_BYTES, cancellable, answer_cb,
                               task);
}

/**
 * socks_node_api_get_own_address_finish:
 * @self: the API
 * @result: what the callback was given
 * @out_address: (out): the address; untouched on failure
 * @error: return location for the reason why it is not known
 *
 * Returns: whether the node told its address
 */
gboolean
socks_node_api_get_own_address_finish (SocksNodeApi *self,
                                       GAsyncResult *result,
                                       struct in6_addr *out_address,
                                       GError **error)
{
  g_autoptr (GBytes) json = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  json = g_task_propagate_pointer (G_TASK (result), error);
  return json != NULL && socks_node_json_parse_admin (json, out_address, error);
}

/**
 * socks_node_api_get_routes_async:
 * @self: the API
 * @cancellable: (nullable): ends the question
 * @callback: called when the answer is there
 * @user_data: for @callback
 *
 * Asks for the subnets that the node can reach: `GET /api/v1/admin/routes/selected`.
 */
void
socks_node_api_get_routes_async (SocksNodeApi *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *url = g_strconcat (self->url, "/api/v1/admin/routes/selected", NULL);

  g_task_set_source_tag (task, socks_node_api_get_routes_async);
  socks_http_client_get_async (self->http, url, ROUTES_MAX_BYTES, cancellable, routes_cb,
                               task);
}

/**
 * socks_node_api_get_routes_finish:
 * @self: the API
 * @result: what the callback was given
 * @out_n_dropped: (out): how many entries of the answer were dropped; untouched on
 *   failure
 * @error: return location for the reason why there are no routes
 *
 * Returns: (transfer full) (element-type SocksPrefix): the subnets, see
 *   socks_node_json_parse_routes()
 */
GArray *
socks_node_api_get_routes_finish (SocksNodeApi *self,
                                  GAsyncResult *result,
                                  guint *out_n_dropped,
                                  GError **error)
{
  Routes *routes;
  GArray *subnets;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  routes = g_task_propagate_pointer (G_TASK (result), error);
  if (routes == NULL)
    return NULL;

  *out_n_dropped = routes->n_dropped;
  subnets = g_steal_pointer (&routes->subnets);
  routes_free (routes);
  return subnets;
}

/**
 * socks_node_api_get_key_async:
 * @self: the API
 * @subnet: a subnet that the node has a route to
 * @cancellable: (nullable): ends the question
 * @callback: called when the answer is there
 * @user_data: for @callback
 *
 * Asks for the public key of the node that owns @subnet: `GET /api/v1/pubkey/{ip}`, with
 * the subnet's `::1`, for any address inside will do.
 */
void
socks_node_api_get_key_async (SocksNodeApi *self,
                              const SocksPrefix *subnet,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  struct in6_addr inside = subnet->address;
  g_autofree char *address = NULL;
  g_autofree char *url = NULL;

  if (subnet->length_bits < 128)
    inside.s6_addr[15] |= 1;
  address = socks_address_format (&inside);
  url = g_strconcat (self->url, "/api/v1/pubkey/", address, NULL);

  g_task_set_source_tag (task, socks_node_api_get_key_async);
  socks_http_client_get_async (self->http, url, OTHERS_MAX_BYTES, cancellable, answer_cb,
                               task);
}

/**
 * socks_node_api_get_key_finish:
 * @self: the API
 * @result: what the callback was given
 * @out_key: (out): the key; untouched on failure
 * @error: return location for the reason why it is not known. A %SOCKS_ERROR_NODE is
 *   normal, by status 404, when the route went away in the meantime
 *
 * Returns: whether the node told the key
 */
gboolean
socks_node_api_get_key_finish (SocksNodeApi *self,
                               GAsyncResult *result,
                               guint8 out_key[static SOCKS_NODE_KEY_BYTES],
                               GError **error)
{
  g_autoptr (GBytes) json = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  json = g_task_propagate_pointer (G_TASK (result), error);
  return json != NULL && socks_node_json_parse_key (json, out_key, error);
}
