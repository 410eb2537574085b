/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks for a proxy: races the Valid peers, and where nobody wins waits for better times
 * as patiently as it was asked to. Changes nothing; what follows from the find is the
 * engine's affair. Main thread. */

#include "engine/search.h"

#include "core/error.h"
#include "engine/race.h"

#define FIRST_SWEEP_TIMEOUT_US (10 * G_USEC_PER_SEC)
#define RACE_AGAIN_US (5 * G_USEC_PER_SEC)

typedef struct
{
  GTask *task;           /* (owned) (nullable): NULL when the search is over */
  SocksProber *prober;   /* (owned) */
  SocksClock *clock;     /* (owned) */
  SocksSweeper *sweeper; /* (owned) */
  SocksNodeClient *node; /* (owned) (nullable) */
  SocksPatience patience;
  gboolean has_remote;
  gboolean remote_runs;
  SocksEndpoint remote; /* the present one */

  GCancellable *race;        /* (owned) (nullable): the race that is running */
  gboolean has_newcomer;     /* a peer became Valid since that race began */
  gboolean awaits_sweep;     /* the first one, or did so when the last race ended */
  guint timer_id;            /* the end of patience, or the next race; 0: none */
  gulong peers_changed_id;   /* handlers on the sweeper */
  gulong changed_id;
  gulong swept_id;
  gulong outer_cancelled_id; /* handler on the caller's cancellable */
} Search;

static void
search_free (Search *search)
{
  g_object_unref (search->prober);
  g_object_unref (search->clock);
  g_object_unref (search->sweeper);
  g_clear_object (&search->node);
  g_free (search);
}

/* Lets go of everything that could call back. The caller returns the task, whose end is
 * the end of @search too. */
static GTask *
end_search (Search *search)
{
  g_autoptr (GCancellable) race = g_steal_pointer (&search->race);
  GTask *task = g_steal_pointer (&search->task);

  socks_clock_clear (search->clock, &search->timer_id);
  g_clear_signal_handler (&search->peers_changed_id, search->sweeper);
  g_clear_signal_handler (&search->changed_id, search->sweeper);
  g_clear_signal_handler (&search->swept_id, search->sweeper);
  g_clear_signal_handler (&search->outer_cancelled_id, g_task_get_cancellable (task));
  if (race != NULL)
    g_cancellable_cancel (race);
  return task;
}

/* In words that tell what to do. */
static char *
explain_failure (Search *search)
{
  SocksPeerTable *table = socks_sweeper_get_table (search->sweeper);
  guint n_valid = socks_peer_table_count (table, SOCKS_STATUS_VALID);
  guint n_login = socks_peer_table_count (table, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  guint n_others = socks_peer_table_count (table, SOCKS_STATUS_NOT_A_PROXY) +
                   socks_peer_table_count (table, SOCKS_STATUS_NOT_LISTENING);

  if (n_valid > 0)
    return g_strdup_printf ("none of the proxies known (%u) answered within %u s; try "
                            "again, or give the address of one",
                            n_valid, (guint) (SOCKS_RACE_TIMEOUT_US / G_USEC_PER_SEC));
  if (search->node != NULL &&
      socks_node_client_get_state (search->node) == SOCKS_NODE_STATE_DOWN)
    return g_strdup_printf ("the Mycelium node at %s does not answer; start it, or name "
                            "proxies in StaticPeers= of the group [Probing]",
                            socks_node_client_get_url (search->node));
  if (n_login > 0)
    return g_strdup_printf ("the proxies that were found (%u) need a login; give the "
                            "address of one, and let your applications log in to it",
                            n_login);
  if (n_others > 0)
    return g_strdup_printf ("none of the peers asked (%u) is a proxy; try again after the "
                            "next sweep, or give the address of one",
                            n_others);
  if (!socks_sweeper_is_probing (search->sweeper))
    return g_strdup ("no peers are known and probing is off; call StartProbing first");
  return g_strdup ("no peers have been found; try again after the next sweep, or give the "
                   "address of a proxy");
}

static void
fail (Search *search)
{
  g_autofree char *why = explain_failure (search);
  g_autoptr (GTask) task = end_search (search);

  g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_NO_VALID_PROXY,
                           "No valid proxy available or connection failed: %s", why);
}

static void
timeout_cb (gpointer data)
{
  Search *search = data;

  search->timer_id = 0;
  fail (search);
}

static void race (Search *search);

static void
race_again_cb (gpointer data)
{
  Search *search = data;

  search->timer_id = 0;
  race (search);
}

static void
nobody_won (Search *search)
{
  gboolean awaited_sweep = search->awaits_sweep;

  search->awaits_sweep = search->patience == SOCKS_PATIENCE_FIRST_SWEEP &&
                         socks_sweeper_is_first_sweep_awaited (search->sweeper);

  if (search->patience == SOCKS_PATIENCE_UNTIL_FOUND)
    search->timer_id =
        socks_clock_call_after (search->clock, RACE_AGAIN_US, race_again_cb, search);
  else if (search->has_newcomer && (awaited_sweep || search->awaits_sweep))
    race (search); /* the first sweep found somebody else, and patience has not ended */
  else if (!search->awaits_sweep)
    fail (search);
}

static void
raced_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  /* Holds the search, which may be over. */
  g_autoptr (GTask) task = data;
  Search *search = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  SocksEndpoint winner;
  gboolean is_won = socks_race_finish (result, &winner, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&search->race);
  if (is_won)
    {
      g_object_unref (end_search (search));
      g_task_return_pointer (task, g_memdup2 (&winner, sizeof winner), g_free);
    }
  else
    nobody_won (search);
}

static void
race (Search *search)
{
  g_autoptr (GArray) proxies =
      socks_peer_table_list_proxies (socks_sweeper_get_table (search->sweeper));
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));

  if (search->has_remote && search->remote_runs)
    g_array_append_val (candidates, search->remote);
  for (guint i = 0; i < proxies->len && candidates->len < SOCKS_RACE_MAX_CANDIDATES; i++)
    {
      const SocksPeer *peer = &g_array_index (proxies, SocksPeer, i);

      if (peer->verdict.status == SOCKS_STATUS_VALID &&
          !(search->has_remote && socks_endpoint_equal (&peer->endpoint, &search->remote)))
        g_array_append_val (candidates, peer->endpoint);
    }

  if (search->patience == SOCKS_PATIENCE_UNTIL_FOUND)
    socks_clock_clear (search->clock, &search->timer_id);
  search->has_newcomer = FALSE;
  search->race = g_cancellable_new ();
  socks_race_async (search->prober, search->clock,
                    (const SocksEndpoint *) (gpointer) candidates->data, candidates->len,
                    search->race, raced_cb, g_object_ref (search->task));
}

static void
peers_changed_cb (SocksSweeper *sweeper, guint change, gpointer data)
{
  Search *search = data;

  if ((change & SOCKS_PEER_CHANGE_NEW_VALID) == 0)
    return;
  search->has_newcomer = TRUE;
  if (search->race == NULL)
    race (search);
}

/* The first sweep has ended, or probing was stopped: nothing is left to wait for. */
static void
sweeper_changed_cb (SocksSweeper *sweeper, gpointer data)
{
  Search *search = data;

  if (search->patience == SOCKS_PATIENCE_FIRST_SWEEP && search->race == NULL &&
      !socks_sweeper_is_first_sweep_awaited (sweeper))
    fail (search);
}

static void
swept_cb (SocksSweeper *sweeper, gpointer data)
{
  Search *search = data;

  if (search->race == NULL)
    race (search);
}

static void
outer_cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = end_search (data);

  g_task_return_error_if_cancelled (task);
}

/**
 * socks_search_async:
 * @prober: who asks
 * @clock: the time
 * @sweeper: who knows the peers
 * @node: (nullable): the Mycelium node, for error messages
 * @patience: what to do when nobody wins
 * @remote: (nullable): the present remote; copied
 * @remote_runs: whether it takes part in the races, listed as Valid or not
 * @cancellable: ends the search
 * @callback: called when a proxy is found or patience has ended
 * @user_data: for @callback
 *
 * Races the fastest Valid peers.
 */
void
socks_search_async (SocksProber *prober,
                    SocksClock *clock,
                    SocksSweeper *sweeper,
                    SocksNodeClient *node,
                    SocksPatience patience,
                    const SocksEndpoint *remote,
                    gboolean remote_runs,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  Search *search = g_new0 (Search, 1);

  search->task = g_task_new (sweeper, cancellable, callback, user_data);
  g_task_set_source_tag (search->task, socks_search_async);
  g_task_set_task_data (search->task, search, (GDestroyNotify) search_free);
  search->prober = g_object_ref (prober);
  search->clock = g_object_ref (clock);
  search->sweeper = g_object_ref (sweeper);
  g_set_object (&search->node, node);
  search->patience = patience;
  search->remote_runs = remote_runs;
  search->has_remote = remote != NULL;
  if (remote != NULL)
    search->remote = *remote;

  search->peers_changed_id =
      g_signal_connect (sweeper, "peers-changed", G_CALLBACK (peers_changed_cb), search);
  search->changed_id =
      g_signal_connect (sweeper, "changed", G_CALLBACK (sweeper_changed_cb), search);
  if (patience == SOCKS_PATIENCE_UNTIL_FOUND)
    search->swept_id =
        g_signal_connect (sweeper, "swept", G_CALLBACK (swept_cb), search);
  if (patience == SOCKS_PATIENCE_FIRST_SWEEP)
    {
      search->awaits_sweep = socks_sweeper_is_first_sweep_awaited (sweeper);
      /* In any case: somebody may begin to probe while the race runs. */
      search->timer_id =
          socks_clock_call_after (clock, FIRST_SWEEP_TIMEOUT_US, timeout_cb, search);
    }
  search->outer_cancelled_id = g_signal_connect (
      cancellable, "cancelled", G_CALLBACK (outer_cancelled_cb), search);

  race (search);
}

/**
 * socks_search_finish:
 * @result: what the callback was given
 * @out_winner: (out): the fastest proxy; untouched on failure
 * @error: return location for a %SOCKS_ERROR_NO_VALID_PROXY, whose message says why and
 *   what to do, or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether a proxy was found
 */
gboolean
socks_search_finish (GAsyncResult *result, SocksEndpoint *out_winner, GError **error)
{
  g_autofree SocksEndpoint *winner = g_task_propagate_pointer (G_TASK (result), error);

  if (winner == NULL)
    return FALSE;

  *out_winner = *winner;
  return TRUE;
}
