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

#define SOCKS_TYPE_PROXY_REASON (socks_proxy_reason_get_type ())

GType socks_proxy_reason_get_type (void);

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

gboolean socks_proxy_entry_read (GVariant *dictionary, SocksProxyEntry *out_entry);

G_END_DECLS
