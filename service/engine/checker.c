/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Why can't I connect? Goes the whole way that the bytes of a program would, and says of
 * each step whether it is well:
 *
 *   the node ──▶ its route to the remote ──┐
 *                                          ├──▶ the local port
 *   the talk with the remote ──────────────┘
 *
 * The node is asked beside the talk and not before it, so that both have their time; and
 * the talk goes ahead whatever the node says, for whoever answers is reached. A check
 * changes nothing: no verdict in the list, no state of the node, no connection. Main
 * thread. */

#include "engine/checker.h"

#include <errno.h>

#include "core/error.h"
#include "core/prefix.h"
#include "engine/local-port.h"
#include "engine/node-api.h"
#include "engine/proxy-talk.h"

/* Half of the ten seconds that a check may take. */
#define NODE_CONNECT_TIMEOUT_MS 1000
#define NODE_REQUEST_TIMEOUT_MS 5000

struct _SocksChecker
{
  GObject parent_instance;

  SocksEndpoint listen_address;
  gboolean listen_local_only;
  gint64 probe_timeout_us;
  SocksClock *clock;           /* (owned) */
  SocksConnection *connection; /* (owned) */
  SocksRelay *relay;           /* (unowned): outlives the checker */
  SocksNodeApi *node;          /* (owned) */
};

/* One check: the data of its task. */
typedef struct
{
  SocksEndpoint remote;
  SocksCheckReport report;
  gint64 began_us;
  guint n_unsettled; /* the node, the talk */
  GError *error;     /* (owned) (nullable): why there is no report */
} Check;

G_DEFINE_FINAL_TYPE (SocksChecker, socks_checker, G_TYPE_OBJECT)

static void
check_free (Check *check)
{
  g_clear_error (&check->error);
  g_free (check);
}

static void
judge_local_port (SocksChecker *self, Check *check)
{
  const SocksEndpoint *remote = socks_connection_get_remote (self->connection);
  gint64 began_us = socks_clock_get_monotonic_us (self->clock);
  SocksCheckResult result = SOCKS_CHECK_PASSED;
  const char *reason = "";
  SocksEndpoint local;

  if (socks_relay_get_local (self->relay, &local))
    {
      if (remote == NULL || !socks_endpoint_equal (remote, &check->remote))
        reason = "other-remote";
    }
  else
    {
      int error_number =
          -socks_local_port_can_open (&self->listen_address, self->listen_local_only);

      result = error_number == 0 ? SOCKS_CHECK_PASSED : SOCKS_CHECK_FAILED;
      reason = error_number == 0            ? "free"
               : error_number == EADDRINUSE ? "in-use"
                                            : "not-to-be-opened";
    }
  socks_check_report_set (&check->report, SOCKS_CHECK_LOCAL_PORT, result, reason,
                          socks_clock_get_monotonic_us (self->clock) - began_us);
}

/* The node or the talk is done with. Takes @error. */
static void
settle (GTask *task, GError *error)
{
  Check *check = g_task_get_task_data (task);

  if (check->error == NULL)
    check->error = error;
  else
    g_clear_error (&error);
  if (--check->n_unsettled > 0)
    return;

  if (check->error != NULL)
    g_task_return_error (task, g_steal_pointer (&check->error));
  else
    {
      judge_local_port (g_task_get_source_object (task), check);
      g_task_return_boolean (task, TRUE);
    }
}

static gboolean
have_route (const GArray *subnets, const struct in6_addr *address)
{
  for (guint i = 0; i < subnets->len; i++)
    if (socks_prefix_contains (&g_array_index (subnets, SocksPrefix, i), address))
      return TRUE;
  return FALSE;
}

static void
routes_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksChecker *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  gint64 duration_us = socks_clock_get_monotonic_us (self->clock) - check->began_us;
  guint n_dropped;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) subnets = socks_node_api_get_routes_finish (
      SOCKS_NODE_API (source), result, &n_dropped, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      settle (task, g_steal_pointer (&error));
      return;
    }
  if (subnets == NULL)
    socks_check_report_set (&check->report, SOCKS_CHECK_NODE, SOCKS_CHECK_FAILED,
                            error->domain == SOCKS_ERROR ? "bad-answer" : "no-answer",
                            duration_us);
  else
    {
      gboolean has_route = have_route (subnets, &check->remote.address);

      socks_check_report_set (&check->report, SOCKS_CHECK_NODE, SOCKS_CHECK_PASSED, "",
                              duration_us);
      socks_check_report_set (&check->report, SOCKS_CHECK_ROUTE,
                              has_route ? SOCKS_CHECK_PASSED : SOCKS_CHECK_FAILED,
                              has_route ? "" : "no-route", 0);
    }
  settle (task, NULL /* error */);
}

static void
talked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  socks_proxy_talk_finish (SOCKS_CLOCK (source), result, &error);
  settle (task, error);
}

static void
socks_checker_dispose (GObject *object)
{
  SocksChecker *self = SOCKS_CHECKER (object);

  g_clear_object (&self->node);
  g_clear_object (&self->connection);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_checker_parent_class)->dispose (object);
}

static void
socks_checker_class_init (SocksCheckerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_checker_dispose;
}

static void
socks_checker_init (SocksChecker *self)
{
}

/**
 * socks_checker_new:
 * @settings: where the service listens, and how long a probe may take
 * @clock: the time
 * @node: which Mycelium node is asked; what it knows of it stays as it is
 * @connection: what is forwarded to
 * @relay: what listens; outlives the checker
 *
 * Returns: (transfer full): a checker
 */
SocksChecker *
socks_checker_new (const SocksSettings *settings,
                   SocksClock *clock,
                   SocksNodeClient *node,
                   SocksConnection *connection,
                   SocksRelay *relay)
{
  SocksChecker *self = g_object_new (SOCKS_TYPE_CHECKER, NULL);

  self->listen_address = settings->listen_address;
  self->listen_local_only = settings->listen_local_only;
  self->probe_timeout_us = (gint64) settings->probe_timeout_s * G_USEC_PER_SEC;
  self->clock = g_object_ref (clock);
  self->connection = g_object_ref (connection);
  self->relay = relay;
  /* A check has one question. */
  self->node =
      socks_node_api_new (socks_node_client_get_url (node), SOCKS_CHECKER_MAX_CHECKS,
                          NODE_CONNECT_TIMEOUT_MS, NODE_REQUEST_TIMEOUT_MS);
  return self;
}

/**
 * socks_checker_check_async:
 * @self: a checker
 * @remote: an address that may be a remote
 * @target: (nullable): what it is asked for as a proxy, or %NULL to ask for nothing
 * @cancellable: (nullable): a way to end it
 * @callback: called when the report is there, after 10 seconds at most
 * @user_data: for @callback
 *
 * Finds out what is wrong with a remote, or with the way to it.
 */
void
socks_checker_check_async (SocksChecker *self,
                           const SocksEndpoint *remote,
                           const SocksTarget *target,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Check *check = g_new0 (Check, 1);

  g_task_set_source_tag (task, socks_checker_check_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  check->remote = *remote;
  check->began_us = socks_clock_get_monotonic_us (self->clock);
  check->n_unsettled = 1;
  socks_check_report_init (&check->report);

  if (socks_address_is_overlay (&remote->address))
    {
      check->n_unsettled++;
      socks_node_api_get_routes_async (self->node, cancellable, routes_cb,
                                       g_object_ref (task));
    }
  else
    for (SocksCheckKind kind = SOCKS_CHECK_NODE; kind <= SOCKS_CHECK_ROUTE; kind++)
      socks_check_report_set (&check->report, kind, SOCKS_CHECK_SKIPPED,
                              "outside-overlay", 0);
  if (target == NULL)
    socks_check_report_set (&check->report, SOCKS_CHECK_FORWARDING, SOCKS_CHECK_SKIPPED,
                            "no-target", 0);
  /* As long as a probe, so that a check finds out what the list says. */
  socks_proxy_talk_async (self->clock, remote, self->probe_timeout_us, target,
                          &check->report, cancellable, talked_cb, g_object_ref (task));
}

/**
 * socks_checker_check_finish:
 * @self: a checker
 * @result: what the callback was given
 * @out_report: (out caller-allocates): what was found; untouched on failure
 * @error: return location for a %SOCKS_ERROR_FAILED (want of descriptors or memory on
 * this machine) or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether there is a report
 */
gboolean
socks_checker_check_finish (SocksChecker *self,
                            GAsyncResult *result,
                            SocksCheckReport *out_report,
                            GError **error)
{
  const Check *check = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *out_report = check->report;
  return TRUE;
}
