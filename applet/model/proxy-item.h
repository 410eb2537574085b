/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/snapshot.h"

G_BEGIN_DECLS

/**
 * SocksProxyReason:
 *
 * Why a peer is no proxy.
 */
typedef enum
{
  SOCKS_PROXY_REASON_NONE,
  SOCKS_PROXY_REASON_REFUSED,
  SOCKS_PROXY_REASON_UNREACHABLE,
  SOCKS_PROXY_REASON_TIMED_OUT,
  SOCKS_PROXY_REASON_RESET,
  SOCKS_PROXY_REASON_CLOSED,
  SOCKS_PROXY_REASON_NOT_SOCKS5,
  SOCKS_PROXY_REASON_BAD_METHOD,
} SocksProxyReason;

#define SOCKS_N_PROXY_REASONS (SOCKS_PROXY_REASON_BAD_METHOD + 1)

/**
 * SocksProxyBadge:
 * @SOCKS_PROXY_BADGE_NONE: no proxy
 * @SOCKS_PROXY_BADGE_OPEN: a proxy for everyone
 * @SOCKS_PROXY_BADGE_LOCK: a proxy that wants a login
 *
 * The picture beside a peer.
 */
typedef enum
{
  SOCKS_PROXY_BADGE_NONE,
  SOCKS_PROXY_BADGE_OPEN,
  SOCKS_PROXY_BADGE_LOCK,
} SocksProxyBadge;

#define SOCKS_TYPE_PROXY_REASON (socks_proxy_reason_get_type ())
#define SOCKS_TYPE_PROXY_BADGE (socks_proxy_badge_get_type ())
GType socks_proxy_reason_get_type (void);
GType socks_proxy_badge_get_type (void);

/* How many latencies a proxy remembers. */
#define SOCKS_PROXY_HISTORY_MAX 32

/**
 * SocksProxyEntry:
 * @address: the socket address; borrowed from where the entry was read
 * @status: what the last probe found
 * @reason: why it is no proxy
 * @latency_us: from connect to reply; 0 for not known
 * @last_probed_us: microseconds since the Unix epoch; 0 for never
 * @last_seen_us: when it last answered anything, as above
 * @is_selected: it is the remote
 *
 * One entry of Proxies or ListPeers as a plain value.
 */
typedef struct
{
  const char *address;
  SocksProxyStatus status;
  SocksProxyReason reason;
  guint latency_us;
  gint64 last_probed_us;
  gint64 last_seen_us;
  gboolean is_selected;
} SocksProxyEntry;

/**
 * SocksProxyItem:
 *
 * One peer, for as long as it is listed. Properties, all read-only, with notifications of
 * real changes only: `address`, `short-address`, `status`, `status-text`, `reason`,
 * `badge`, `latency` (µs), `latency-text` ("42 ms", "" if not known), `last-probed`,
 * `last-seen`, `selected`, and `n-samples` of the history, which notifies with each new
 * sample, also when the oldest was dropped for it.
 */
#define SOCKS_TYPE_PROXY_ITEM (socks_proxy_item_get_type ())
G_DECLARE_FINAL_TYPE (SocksProxyItem, socks_proxy_item, SOCKS, PROXY_ITEM, GObject)

gboolean socks_proxy_entry_read (GVariant *dictionary, SocksProxyEntry *out_entry);

SocksProxyItem *socks_proxy_item_new (const SocksProxyEntry *entry);
gboolean socks_proxy_item_update (SocksProxyItem *self, const SocksProxyEntry *entry);

const char *socks_proxy_item_get_address (SocksProxyItem *self);
const char *socks_proxy_item_get_short_address (SocksProxyItem *self);
SocksProxyStatus socks_proxy_item_get_status (SocksProxyItem *self);
const char *socks_proxy_item_get_status_text (SocksProxyItem *self);
SocksProxyReason socks_proxy_item_get_reason (SocksProxyItem *self);
SocksProxyBadge socks_proxy_item_get_badge (SocksProxyItem *self);
guint socks_proxy_item_get_latency_us (SocksProxyItem *self);
gint64 socks_proxy_item_get_last_probed_us (SocksProxyItem *self);
gint64 socks_proxy_item_get_last_seen_us (SocksProxyItem *self);
gboolean socks_proxy_item_is_selected (SocksProxyItem *self);
const guint *socks_proxy_item_get_history_us (SocksProxyItem *self, guint *out_n_samples);

G_END_DECLS
