/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "core/prefix.h"

G_BEGIN_DECLS

/**
 * SocksRelay:
 *
 * Forwards every connection to one local port to one remote, byte for byte.
 *
 * All functions are called from the one thread that made the relay and none of them but
 * socks_relay_free() waits: what is asked for is the relay's new desired state, and its
 * workers follow within a turn of their loops. socks_relay_is_settled() tells when they
 * have.
 *
 * Functions that can fail return 0 or a negative errno.
 */
typedef struct _SocksRelay SocksRelay;

/**
 * SocksRelayOptions:
 * @n_workers: threads; 0 for one per core, at most 4
 * @max_streams: more are accepted and closed at once
 * @local_only: bind the port to the loopback device, so that only this machine reaches it
 * @admitted: (array length=n_admitted): who may connect where @local_only is off, see
 *   socks_prefixes_admit(); copied. The remote itself may not, whoever is admitted
 * @n_admitted: how many
 * @dial_timeout_ms: how long a connect to the remote may take; 0 for 10 seconds
 * @half_closed_timeout_ms: how long a stream may stay after one side ended its half;
 *   0 for an hour
 */
typedef struct
{
  guint n_workers;
  guint max_streams;
  gboolean local_only;
  const SocksPrefix *admitted;
  gsize n_admitted;
  guint dial_timeout_ms;
  guint half_closed_timeout_ms;
} SocksRelayOptions;

/**
 * SocksRelayCounters:
 * @active_streams: streams that hold sockets now, dialling ones too
 * @total_streams: connections accepted to be forwarded
 * @refused_streams: connections accepted and closed at once: over the limit, not
 *   admitted, or no remote to forward to
 * @failed_dials: streams that ended because the remote could not be reached, for whatever
 *   reason
 * @bytes_sent: bytes handed to remotes
 * @bytes_received: bytes handed to local clients
 *
 * Numbers since the relay was made, but for the first.
 */
typedef struct
{
  guint active_streams;
  guint64 total_streams;
  guint64 refused_streams;
  guint64 failed_dials;
  guint64 bytes_sent;
  guint64 bytes_received;
} SocksRelayCounters;

/**
 * SocksRelayEvents:
 * @SOCKS_RELAY_EVENT_SETTLED: the workers have reached the desired state; comes after
 *   every change, see socks_relay_collect_events()
 * @SOCKS_RELAY_EVENT_DIAL_FAILED: since the last socks_relay_collect_events() a stream
 *   could not reach the present remote, by a fault that is not this machine's
 */
typedef enum
{
  SOCKS_RELAY_EVENT_SETTLED = 1 << 0,
  SOCKS_RELAY_EVENT_DIAL_FAILED = 1 << 1,
} SocksRelayEvents;

int socks_relay_new (const SocksRelayOptions *options, SocksRelay **out_relay);
void socks_relay_free (SocksRelay *relay);

int socks_relay_listen (SocksRelay *relay, const SocksEndpoint *local);
gboolean socks_relay_get_local (SocksRelay *relay, SocksEndpoint *out_local);
void socks_relay_forward_to (SocksRelay *relay, const SocksEndpoint *remote);
void socks_relay_refuse (SocksRelay *relay);
void socks_relay_close (SocksRelay *relay);

gboolean socks_relay_is_settled (SocksRelay *relay);
int socks_relay_get_event_fd (SocksRelay *relay);
SocksRelayEvents socks_relay_collect_events (SocksRelay *relay);
void socks_relay_get_counters (SocksRelay *relay, SocksRelayCounters *out_counters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksRelay, socks_relay_free)

G_END_DECLS
