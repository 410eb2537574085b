/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "core/prefix.h"

G_BEGIN_DECLS

/**
 * SocksSettings:
 * @node_url: (owned): where the Mycelium node's HTTP API answers
 * @probing_enabled: whether the service probes from its start on
 * @probe_interval_s: seconds from the start of a sweep to the start of the next
 * @probe_timeout_s: seconds that one probe may take in all
 * @probe_port: where the node's peers are asked for a proxy
 * @parallel_probes: how many probes may be in flight
 * @static_peers: (owned) (element-type SocksEndpoint): peers that need no node
 * @listen_address: the local port
 * @listen_local_only: whether only this machine can reach the local port
 * @allow_from: (owned) (element-type SocksPrefix): who may, where others can
 * @failover: whether an automatic choice that died is replaced
 * @restore: whether the last choice is taken up again at the start
 * @max_connections: how many streams are forwarded at once
 * @n_threads: workers that forward; 0 for automatic
 * @metrics_path: (owned) (nullable): the file of metrics; %NULL for none
 *
 * What the configuration file says, or the defaults.
 */
typedef struct
{
  char *node_url;
  gboolean probing_enabled;
  guint probe_interval_s;
  guint probe_timeout_s;
  guint16 probe_port;
  guint parallel_probes;
  GArray *static_peers;
  SocksEndpoint listen_address;
  gboolean listen_local_only;
  GArray *allow_from;
  gboolean failover;
  gboolean restore;
  guint max_connections;
  guint n_threads;
  char *metrics_path;
} SocksSettings;

SocksSettings *socks_settings_new_defaults (void);
SocksSettings *socks_settings_load (const char *path,
                                    gboolean may_be_missing,
                                    GError **error);
void socks_settings_free (SocksSettings *settings);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksSettings, socks_settings_free)

G_END_DECLS
