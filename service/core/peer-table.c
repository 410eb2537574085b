/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is known, what each one is, and when a peer that nobody names any more is
 * forgotten. Every change returns what it changed, because all faces live on
 * differences. Does not probe and has no clock. One thread. */

#include "core/peer-table.h"

#include <string.h>

/* Routes flap: one round without a peer is forgiven, the second in a row is not. */
#define ROUNDS_MISSED_MAX 2

struct _SocksPeerTable
{
  GHashTable *peers;              /* (owned): SocksEndpoint inside SocksPeer → SocksPeer */
  guint counts[SOCKS_N_STATUSES]; /* peers of each status */
  gboolean has_kept;              /* kept is not forgotten */
  SocksEndpoint kept;
};

static gboolean
is_proxy (SocksStatus status)
{
  return status == SOCKS_STATUS_VALID || status == SOCKS_STATUS_AUTHENTICATION_REQUIRED;
}

/**
 * socks_peer_table_new:
 *
 * Returns: (transfer full): an empty table
 */
SocksPeerTable *
socks_peer_table_new (void)
{
  SocksPeerTable *table = g_new0 (SocksPeerTable, 1);

  table->peers =
      g_hash_table_new_full (socks_endpoint_hash, socks_endpoint_equal, NULL, g_free);
  return table;
}

/**
 * socks_peer_table_free:
 * @table: (transfer full): a table
 */
void
socks_peer_table_free (SocksPeerTable *table)
{
  g_hash_table_unref (table->peers);
  g_free (table);
}

/**
 * socks_peer_table_begin_round:
 * @table: a table
 *
 * From here on nobody has been announced.
 */
void
socks_peer_table_begin_round (SocksPeerTable *table)
{
  GHashTableIter iter;
  SocksPeer *peer;

  g_hash_table_iter_init (&iter, table->peers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &peer))
    peer->announced = FALSE;
}

/**
 * socks_peer_table_announce:
 * @table: a table
 * @endpoint: a peer that a source names
 * @out_first_time: (out): whether this is its first announcement in this round
 *
 * Adds the peer if it is new, and marks it as present in this round.
 *
 * Returns: what changed
 */
SocksPeerChange
socks_peer_table_announce (SocksPeerTable *table,
                           const SocksEndpoint *endpoint,
                           gboolean *out_first_time)
{
  SocksPeer *peer = g_hash_table_lookup (table->peers, endpoint);
  SocksPeerChange change = SOCKS_PEER_CHANGE_NONE;

  if (peer == NULL)
    {
      peer = g_new0 (SocksPeer, 1);
      peer->endpoint = *endpoint;
      g_hash_table_insert (table->peers, &peer->endpoint, peer);
      table->counts[SOCKS_STATUS_UNPROBED]++;
      change = SOCKS_PEER_CHANGE_ANY | SOCKS_PEER_CHANGE_COUNTS;
    }

  *out_first_time = !peer->announced;
  peer->announced = TRUE;
  peer->rounds_missed = 0;
  return change;
}

/**
 * socks_peer_table_end_round:
 * @table: a table
 *
 * Forgets each peer that the second whole round in a row did not announce. To be called
 * only when every source has answered: what a silent source would have named is unknown.
 *
 * Returns: what changed
 */
SocksPeerChange
socks_peer_table_end_round (SocksPeerTable *table)
{
  SocksPeerChange change = SOCKS_PEER_CHANGE_NONE;
  GHashTableIter iter;
  SocksPeer *peer;

  g_hash_table_iter_init (&iter, table->peers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &peer))
    {
      if (peer->announced || ++peer->rounds_missed < ROUNDS_MISSED_MAX ||
          (table->has_kept && socks_endpoint_equal (&table->kept, &peer->endpoint)))
        continue;

      change |= SOCKS_PEER_CHANGE_ANY | SOCKS_PEER_CHANGE_COUNTS;
      if (is_proxy (peer->verdict.status))
        change |= SOCKS_PEER_CHANGE_PROXIES;
      table->counts[peer->verdict.status]--;
      g_hash_table_iter_remove (&iter);
    }
  return change;
}

/**
 * socks_peer_table_keep:
 * @table: a table
 * @endpoint: (nullable): the one peer that is not forgotten though no source names it any
 *   more, in place of the one before; copied
 */
void
socks_peer_table_keep (SocksPeerTable *table, const SocksEndpoint *endpoint)
{
  table->has_kept = endpoint != NULL;
  if (endpoint != NULL)
    table->kept = *endpoint;
}

/**
 * socks_peer_table_record:
 * @table: a table
 * @endpoint: who was probed
 * @verdict: the result
 * @now_us: the time, microseconds since the Unix epoch
 *
 * Notes the result of a probe. A peer that was forgotten meanwhile stays so.
 *
 * Returns: what changed
 */
SocksPeerChange
socks_peer_table_record (SocksPeerTable *table,
                         const SocksEndpoint *endpoint,
                         const SocksVerdict *verdict,
                         gint64 now_us)
{
  SocksPeer *peer = g_hash_table_lookup (table->peers, endpoint);
  SocksPeerChange change = SOCKS_PEER_CHANGE_ANY;
  SocksStatus old_status;

  if (peer == NULL)
    return SOCKS_PEER_CHANGE_NONE;

  old_status = peer->verdict.status;
  peer->verdict = *verdict;
  peer->last_probed_us = now_us;
  if (verdict->status != SOCKS_STATUS_NOT_LISTENING)
    peer->last_seen_us = now_us;

  if (is_proxy (old_status) || is_proxy (verdict->status))
    change |= SOCKS_PEER_CHANGE_PROXIES;
  if (old_status != verdict->status)
    {
      table->counts[old_status]--;
      table->counts[verdict->status]++;
      change |= SOCKS_PEER_CHANGE_COUNTS;
      if (verdict->status == SOCKS_STATUS_VALID)
        change |= SOCKS_PEER_CHANGE_NEW_VALID;
    }
  return change;
}

/**
 * socks_peer_table_count:
 * @table: a table
 * @status: a status
 *
 * Returns: how many peers have it
 */
guint
socks_peer_table_count (SocksPeerTable *table, SocksStatus status)
{
  g_return_val_if_fail ((guint) status < SOCKS_N_STATUSES, 0);
  return table->counts[status];
}

/**
 * socks_peer_table_lookup:
 * @table: a table
 * @endpoint: an endpoint
 *
 * Returns: (transfer none) (nullable): the peer, valid until the table changes
 */
const SocksPeer *
socks_peer_table_lookup (SocksPeerTable *table, const SocksEndpoint *endpoint)
{
  return g_hash_table_lookup (table->peers, endpoint);
}

/* Valid first, those that have not been asked last; then by latency, then by address. */
static int
compare_peers (gconstpointer a, gconstpointer b)
{
  static const int rank[SOCKS_N_STATUSES] = {
    [SOCKS_STATUS_VALID] = 0,
    [SOCKS_STATUS_AUTHENTICATION_REQUIRED] = 1,
    [SOCKS_STATUS_NOT_A_PROXY] = 2,
    [SOCKS_STATUS_NOT_LISTENING] = 3,
    [SOCKS_STATUS_UNPROBED] = 4,
  };
  const SocksPeer *left = a;
  const SocksPeer *right = b;

  if (left->verdict.status != right->verdict.status)
    return rank[left->verdict.status] - rank[right->verdict.status];
  if (left->verdict.latency_us != right->verdict.latency_us)
    return left->verdict.latency_us < right->verdict.latency_us ? -1 : 1;
  return socks_endpoint_compare (&left->endpoint, &right->endpoint);
}

static GArray *
list_sorted (SocksPeerTable *table, gboolean proxies_only)
{
  GArray *list = g_array_new (FALSE /* zero-terminated */, FALSE /* clear */,
                              sizeof (SocksPeer));
  GHashTableIter iter;
  SocksPeer *peer;

  g_hash_table_iter_init (&iter, table->peers);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &peer))
    if (!proxies_only || is_proxy (peer->verdict.status))
      g_array_append_val (list, *peer);
  g_array_sort (list, compare_peers);
  return list;
}

/**
 * socks_peer_table_list_all:
 * @table: a table
 *
 * Returns: (transfer full) (element-type SocksPeer): copies of all peers: Valid first,
 *   then those that need a login, then the others; inside these by latency, then by
 *   address
 */
GArray *
socks_peer_table_list_all (SocksPeerTable *table)
{
  return list_sorted (table, FALSE);
}

/**
 * socks_peer_table_list_proxies:
 * @table: a table
 *
 * Returns: (transfer full) (element-type SocksPeer): copies of the proxies alone, in the
 *   order of socks_peer_table_list_all()
 */
GArray *
socks_peer_table_list_proxies (SocksPeerTable *table)
{
  return list_sorted (table, TRUE);
}
