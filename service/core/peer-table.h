/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "core/greeting.h"

G_BEGIN_DECLS

/**
 * SocksPeer:
 * @endpoint: where it may offer a proxy
 * @verdict: the result of its last probe
 * @last_probed_us: when that was, microseconds since the Unix epoch; 0 for never
 * @last_seen_us: when it last answered anything, microseconds since the Unix epoch; 0 for
 *   never
 * @announced: whether a source named it in this round
 * @rounds_missed: whole rounds in a row in which no source named it
 *
 * What is known of one peer.
 */
typedef struct
{
  SocksEndpoint endpoint;
  SocksVerdict verdict;
  gint64 last_probed_us;
  gint64 last_seen_us;
  gboolean announced;
  guint rounds_missed;
} SocksPeer;

/**
 * SocksPeerChange:
 * @SOCKS_PEER_CHANGE_NONE: nothing
 * @SOCKS_PEER_CHANGE_ANY: a record came, went or changed
 * @SOCKS_PEER_CHANGE_COUNTS: the number of peers of some status
 * @SOCKS_PEER_CHANGE_PROXIES: the list of proxies, or an entry of it
 * @SOCKS_PEER_CHANGE_NEW_VALID: a peer became %SOCKS_STATUS_VALID
 *
 * What a change to the table changed, as a set of flags.
 */
typedef enum
{
  SOCKS_PEER_CHANGE_NONE = 0,
  SOCKS_PEER_CHANGE_ANY = 1 << 0,
  SOCKS_PEER_CHANGE_COUNTS = 1 << 1,
  SOCKS_PEER_CHANGE_PROXIES = 1 << 2,
  SOCKS_PEER_CHANGE_NEW_VALID = 1 << 3,
} SocksPeerChange;

/**
 * SocksPeerTable:
 *
 * The peers by their endpoints. Belongs to one thread.
 */
typedef struct _SocksPeerTable SocksPeerTable;

SocksPeerTable *socks_peer_table_new (void);
void socks_peer_table_free (SocksPeerTable *table);

void socks_peer_table_begin_round (SocksPeerTable *table);
SocksPeerChange socks_peer_table_announce (SocksPeerTable *table,
                                           const SocksEndpoint *endpoint,
                                           gboolean *out_first_time);
SocksPeerChange socks_peer_table_end_round (SocksPeerTable *table);
void socks_peer_table_keep (SocksPeerTable *table, const SocksEndpoint *endpoint);
SocksPeerChange socks_peer_table_record (SocksPeerTable *table,
                                         const SocksEndpoint *endpoint,
                                         const SocksVerdict *verdict,
                                         gint64 now_us);

guint socks_peer_table_count (SocksPeerTable *table, SocksStatus status);
const SocksPeer *socks_peer_table_lookup (SocksPeerTable *table,
                                          const SocksEndpoint *endpoint);
GArray *socks_peer_table_list_all (SocksPeerTable *table);
GArray *socks_peer_table_list_proxies (SocksPeerTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksPeerTable, socks_peer_table_free)

G_END_DECLS
