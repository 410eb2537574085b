/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The peers that the Mycelium node has routes to. Owns what is known of the node, and the
 * order of the questions; the questions are route-query.c's and key-query.c's, the keys
 * that are known route-table.c's. Main thread.
 *
 * One fetch:
 *
 *     own address ──┐
 *                   ├── compared with the routes known ── keys of the new ones ── peers
 *     routes ───────┘
 *
 * The routes alone decide whether the node is up. Without an answer about the own address
 * it stays as it was. */

#include "engine/node-client.h"

#include "core/error.h"
#include "core/route-table.h"
#include "engine/key-query.h"
#include "engine/node-api.h"
#include "engine/route-query.h"

#include <errno.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 1000
#define REQUEST_TIMEOUT_MS 5000

/* How long a fetch asks for keys, in limits of one request. */
#define KEYS_TIMEOUT_FACTOR 3

struct _SocksNodeClient
{
  GObject parent_instance;

  char *url; /* (owned): without a slash at its end */
  guint16 peer_port;
  guint keys_timeout_ms;

  SocksNodeApi *api;         /* (owned) */
  SocksRouteTable *routes;   /* (owned) */
  GCancellable *cancellable; /* (owned) (nullable): of the newest fetch */

  SocksNodeState state;
  gboolean has_address;
  struct in6_addr address; /* the node's own, if @has_address */
  guint n_dropped;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void peer_source_init (SocksPeerSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksNodeClient,
                               socks_node_client,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_PEER_SOURCE,
                                                      peer_source_init))

/* One fetch: the data of its task. */
typedef struct
{
  GCancellable *caller; /* (owned) (nullable): what the caller may cancel */
  gulong caller_id;     /* of our handler on @caller; 0 for none */
} Fetch;

static void
fetch_free (Fetch *fetch)
{
  g_cancellable_disconnect (fetch->caller, fetch->caller_id);
  g_clear_object (&fetch->caller);
  g_free (fetch);
}

/* The one place where the state changes. @reason is why it is down. */
static gboolean
set_state (SocksNodeClient *self, SocksNodeState state, const GError *reason)
{
  SocksNodeState old = self->state;

  if (state == old)
    return FALSE;

  self->state = state;
  if (state == SOCKS_NODE_STATE_DOWN)
    g_warning ("%s", reason->message);
  else if (old == SOCKS_NODE_STATE_DOWN)
    g_message ("The Mycelium node at %s answers again", self->url);
  else
    g_info ("The Mycelium node at %s answers", self->url);
  return TRUE;
}

static gboolean
set_address (SocksNodeClient *self, const struct in6_addr *address)
{
  if (self->has_address && memcmp (&self->address, address, sizeof *address) == 0)
    return FALSE;

  self->has_address = TRUE;
  self->address = *address;
  return TRUE;
}

static void
set_n_dropped (SocksNodeClient *self, guint n_dropped)
{
  if (self->n_dropped == 0 && n_dropped > 0)
    g_message ("The Mycelium node at %s tells %u routes that are not as its API "
               "describes them; they are left out",
               self->url, n_dropped);
  self->n_dropped = n_dropped;
}

/* The sentence for people about a question for the routes that failed. */
static GError *
explain (SocksNodeClient *self, const GError *reason)
{
  if (reason->domain == SOCKS_ERROR)
    return g_error_new (SOCKS_ERROR, SOCKS_ERROR_NODE,
                        "The Mycelium node at %s does not answer as its API describes "
                        "(%s); look after it, or set Url= in the group [Node]",
                        self->url, reason->message);

  return g_error_new (
      SOCKS_ERROR, SOCKS_ERROR_NODE,
      "The Mycelium node at %s does not answer (%s); start it, or set Url= in the group "
      "[Node]",
      self->url,
      g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED)
          ? g_strerror (ECONNREFUSED)
          : reason->message);
}

static void
keys_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksNodeClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (!socks_key_query_finish (SOCKS_NODE_API (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_pointer (
        task,
        socks_route_table_list_peers (self->routes, self->peer_port,
                                      self->has_address ? &self->address : NULL),
        (GDestroyNotify) g_array_unref);
}

/* Takes in what the first two questions brought, and asks the next. */
static void
take_answers (GTask *task, const SocksNodeAnswers *answers)
{
  SocksNodeClient *self = g_task_get_source_object (task);
  g_autoptr (GError) error = NULL;
  gboolean is_changed = FALSE;

  if (answers->error != NULL)
    error = explain (self, answers->error);
  if (answers->has_address)
    is_changed |= set_address (self, &answers->address);
  is_changed |= set_state (
      self, error == NULL ? SOCKS_NODE_STATE_UP : SOCKS_NODE_STATE_DOWN, error);
  if (is_changed)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);

  if (error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  set_n_dropped (self, answers->n_dropped);
  socks_route_table_update (self->routes, answers->subnets);
  socks_key_query_async (self->api, self->routes, self->keys_timeout_ms,
                         g_task_get_cancellable (task), keys_cb, g_object_ref (task));
}

static void
answers_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (SocksNodeAnswers) answers =
      socks_route_query_finish (SOCKS_NODE_API (source), result, &error);

  if (answers != NULL)
    take_answers (task, answers);
  else
    g_task_return_error (task, error);
}

static void
caller_cancelled_cb (GCancellable *caller, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
socks_node_client_fetch_async (SocksPeerSource *source,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  SocksNodeClient *self = SOCKS_NODE_CLIENT (source);
  g_autoptr (GTask) task = NULL;
  Fetch *fetch;

  /* Of an own that ends with the caller's, and with us. A fetch before this one may still
   * be on its way out; cancelled, it touches nothing any more. */
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  task = g_task_new (self, self->cancellable, callback, user_data);
  g_task_set_source_tag (task, socks_node_client_fetch_async);
  fetch = g_new0 (Fetch, 1);
  g_task_set_task_data (task, fetch, (GDestroyNotify) fetch_free);
  if (cancellable != NULL)
    {
      fetch->caller = g_object_ref (cancellable);
      fetch->caller_id =
          g_cancellable_connect (cancellable, G_CALLBACK (caller_cancelled_cb),
                                 g_object_ref (self->cancellable), g_object_unref);
    }

  socks_route_query_async (self->api, self->cancellable, answers_cb, g_object_ref (task));
}

static GArray *
socks_node_client_fetch_finish (SocksPeerSource *source,
                                GAsyncResult *result,
                                GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
peer_source_init (SocksPeerSourceInterface *iface)
{
  iface->fetch_async = socks_node_client_fetch_async;
  iface->fetch_finish = socks_node_client_fetch_finish;
}

static void
socks_node_client_dispose (GObject *object)
{
  SocksNodeClient *self = SOCKS_NODE_CLIENT (object);

  g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (socks_node_client_parent_class)->dispose (object);
}

static void
socks_node_client_finalize (GObject *object)
{
  SocksNodeClient *self = SOCKS_NODE_CLIENT (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->routes, socks_route_table_free);
  g_clear_object (&self->api);
  g_clear_pointer (&self->url, g_free);

  G_OBJECT_CLASS (socks_node_client_parent_class)->finalize (object);
}

static void
socks_node_client_class_init (SocksNodeClientClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = socks_node_client_dispose;
  object_class->finalize = socks_node_client_finalize;

  /**
   * SocksNodeClient::changed:
   * @self: a client
   *
   * The node's state or its own address is another than before. Comes before the answer
   * to the fetch that found it out.
   */
  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", SOCKS_TYPE_NODE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 0);
}

static void
socks_node_client_init (SocksNodeClient *self)
{
  self->routes = socks_route_table_new ();
}

/**
 * socks_node_client_new:
 * @url: where the node's HTTP API answers, without the path: `http://127.0.0.1:8989`
 * @peer_port: the port that peers have their proxies on
 *
 * Makes a #SocksPeerSource of the peers that a Mycelium node has routes to. It asks the
 * node only when it is asked itself.
 *
 * A fetch takes at most 20 seconds: 5 for the routes and 15 for keys. Keys that are not
 * had by then, or that the node does not give, are asked for by the next fetch; the peers
 * that are known are the answer. A fetch without routes fails with %SOCKS_ERROR_NODE.
 *
 * Returns: (transfer full): the client
 */
SocksNodeClient *
socks_node_client_new (const char *url, guint16 peer_port)
{
  return socks_node_client_new_with_limits (url, peer_port, CONNECT_TIMEOUT_MS,
                                            REQUEST_TIMEOUT_MS);
}

/**
 * socks_node_client_new_with_limits:
 * @url: as for socks_node_client_new()
 * @peer_port: likewise
 * @connect_timeout_ms: how long one request may wait for a connection
 * @request_timeout_ms: how long one request may take in all; three times that is how long
 *   a fetch asks for keys
 *
 * socks_node_client_new() with other limits, for tests that have no time.
 *
 * Returns: (transfer full): the client
 */
SocksNodeClient *
socks_node_client_new_with_limits (const char *url,
                                   guint16 peer_port,
                                   guint connect_timeout_ms,
                                   guint request_timeout_ms)
{
  SocksNodeClient *self = g_object_new (SOCKS_TYPE_NODE_CLIENT, NULL);

  self->url = g_strdup (url);
  while (g_str_has_suffix (self->url, "/"))
    self->url[strlen (self->url) - 1] = '\0';
  self->peer_port = peer_port;
  self->keys_timeout_ms = KEYS_TIMEOUT_FACTOR * request_timeout_ms;
  self->api = socks_node_api_new (self->url, SOCKS_KEY_QUERY_MAX_QUESTIONS,
                                  connect_timeout_ms, request_timeout_ms);
  return self;
}

/**
 * socks_node_client_get_url:
 * @self: a client
 *
 * Returns: where the node is asked, without a slash at its end
 */
const char *
socks_node_client_get_url (SocksNodeClient *self)
{
  return self->url;
}

/**
 * socks_node_client_get_state:
 * @self: a client
 *
 * Returns: whether the node answered the last time; see #SocksNodeClient::changed
 */
SocksNodeState
socks_node_client_get_state (SocksNodeClient *self)
{
  return self->state;
}

/**
 * socks_node_client_get_address:
 * @self: a client
 * @out_address: (out): the node's own overlay address, as it told last; untouched if it
 *   never did
 *
 * The address stays known while the node is down: it is still this machine's.
 *
 * Returns: whether the address is known
 */
gboolean
socks_node_client_get_address (SocksNodeClient *self, struct in6_addr *out_address)
{
  if (self->has_address)
    *out_address = self->address;
  return self->has_address;
}

/**
 * socks_node_client_get_n_dropped:
 * @self: a client
 *
 * Returns: how many entries of the last list of routes were dropped, see
 *   socks_node_json_parse_routes()
 */
guint
socks_node_client_get_n_dropped (SocksNodeClient *self)
{
  return self->n_dropped;
}
