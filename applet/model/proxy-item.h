/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/address-book.h"
#include "model/proxy-entry.h"

G_BEGIN_DECLS

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

#define SOCKS_TYPE_PROXY_BADGE (socks_proxy_badge_get_type ())

GType socks_proxy_badge_get_type (void);

/* How many latencies a proxy remembers. */
#define SOCKS_PROXY_HISTORY_MAX 32

/**
 * SocksProxyItem:
 *
 * One peer, for as long as it is listed. Properties, all read-only, with notifications of
 * real changes only: `address`, `short-address`, `status`, `status-text`, `reason`,
 * `badge`, `latency` (µs), `latency-text` ("42 ms", "" if not known), `last-probed`,
 * `last-seen`, `selected`, `name` (%NULL for none), `pinned`, and `n-samples` of the
 * history, which notifies with each new sample, also when the oldest was dropped for it.
 */
#define SOCKS_TYPE_PROXY_ITEM (socks_proxy_item_get_type ())
G_DECLARE_FINAL_TYPE (SocksProxyItem, socks_proxy_item, SOCKS, PROXY_ITEM, GObject)

SocksProxyItem *socks_proxy_item_new (const SocksProxyEntry *entry);
gboolean socks_proxy_item_update (SocksProxyItem *self, const SocksProxyEntry *entry);
void socks_proxy_item_look_up (SocksProxyItem *self, SocksAddressBook *book);

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
const char *socks_proxy_item_get_name (SocksProxyItem *self);
char *socks_proxy_item_dup_title (SocksProxyItem *self);
gboolean socks_proxy_item_is_pinned (SocksProxyItem *self);
guint socks_proxy_item_get_place (SocksProxyItem *self);
const guint *socks_proxy_item_get_history_us (SocksProxyItem *self, guint *out_n_samples);

G_END_DECLS
