/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/finding.h"
#include "model/proxy-list.h"
#include "model/snapshot.h"

G_BEGIN_DECLS

/**
 * SocksClientChange:
 * @SOCKS_CLIENT_CHANGE_AUTOMATIC: somebody asked for the fastest
 * @SOCKS_CLIENT_CHANGE_USER: somebody named the remote, or disconnected
 * @SOCKS_CLIENT_CHANGE_FAILOVER: an automatic choice died
 * @SOCKS_CLIENT_CHANGE_RESTORED: taken up again after a restart of the service
 * @SOCKS_CLIENT_CHANGE_SHUTDOWN: the service stops
 * @SOCKS_CLIENT_CHANGE_OTHER: a reason that a later service knows
 *
 * Why the remote is another one.
 */
typedef enum
{
  SOCKS_CLIENT_CHANGE_AUTOMATIC,
  SOCKS_CLIENT_CHANGE_USER,
  SOCKS_CLIENT_CHANGE_FAILOVER,
  SOCKS_CLIENT_CHANGE_RESTORED,
  SOCKS_CLIENT_CHANGE_SHUTDOWN,
  SOCKS_CLIENT_CHANGE_OTHER,
} SocksClientChange;

#define SOCKS_TYPE_CLIENT_CHANGE (socks_client_change_get_type ())
GType socks_client_change_get_type (void);

/**
 * SocksTraffic:
 * @active_connections: local connections that are forwarded now
 * @total_connections: local connections forwarded since the service started
 * @refused_connections: local connections closed at once since then
 * @bytes_sent: bytes forwarded towards remotes since then
 * @bytes_received: bytes forwarded from remotes since then
 *
 * What is counted but not signalled.
 */
typedef struct
{
  guint active_connections;
  guint64 total_connections;
  guint64 refused_connections;
  guint64 bytes_sent;
  guint64 bytes_received;
} SocksTraffic;

/**
 * SocksClient:
 *
 * The service as its faces see it: properties that are true, a list of the proxies, and
 * its methods.
 *
 * It lives on signals and asks for nothing while nothing changes. Looking never starts
 * the service; calling a method that changes something does. A face that a person opened
 * in order to see proxies starts it with socks_client_start_async().
 *
 * All properties are read-only and notify when, and only when, their value changes; they
 * are named after the D-Bus properties: `availability`, `state`, `selection`, `remote`,
 * `remote-latency`, `remote-status`, `listening`, `open-to-others`, `probing`,
 * `sweeping`, `sweep-progress` (a double from 0 to 1), `last-sweep`, `probe-interval`,
 * `peer-counts` (`a{su}`), `node`, `node-address`, `last-error` (its name; see the
 * snapshot for the message), `version`; and `proxies`, which stays the same list. For a
 * picture in which all fits together wait for `changed`.
 *
 * Signals: `changed` (%SocksSnapshotField fields), once after the notifications of one
 * batch of changes, the list of proxies included; `remote-changed` (string old_remote,
 * string new_remote, %SocksClientChange reason), one for each RemoteChanged.
 */
#define SOCKS_TYPE_CLIENT (socks_client_get_type ())
G_DECLARE_FINAL_TYPE (SocksClient, socks_client, SOCKS, CLIENT, GObject)

SocksClient *socks_client_new (const char *bus_address);
void socks_client_set_book (SocksClient *self, SocksAddressBook *book);
SocksAddressBook *socks_client_get_book (SocksClient *self);

const SocksSnapshot *socks_client_get_snapshot (SocksClient *self);
SocksProxyList *socks_client_get_proxies (SocksClient *self);

void socks_client_start_async (SocksClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean
socks_client_start_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_connect_async (SocksClient *self,
                                 const char *remote,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
char *
socks_client_connect_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_disconnect_async (SocksClient *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean
socks_client_disconnect_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_set_probing_async (SocksClient *self,
                                     gboolean probing,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
socks_client_set_probing_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_probe_now_async (SocksClient *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
socks_client_probe_now_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_list_peers_async (SocksClient *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
SocksProxyList *
socks_client_list_peers_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_check_async (SocksClient *self,
                               const char *remote,
                               const char *target,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GArray *
socks_client_check_finish (SocksClient *self, GAsyncResult *result, GError **error);

void socks_client_get_traffic_async (SocksClient *self,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean socks_client_get_traffic_finish (SocksClient *self,
                                          GAsyncResult *result,
                                          SocksTraffic *out_traffic,
                                          GError **error);

G_END_DECLS
