/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksAvailability:
 * @SOCKS_AVAILABILITY_UNKNOWN: not asked yet; lasts milliseconds
 * @SOCKS_AVAILABILITY_NO_BUS: the system bus can't be reached
 * @SOCKS_AVAILABILITY_NOT_INSTALLED: the bus does not know the service
 * @SOCKS_AVAILABILITY_NOT_RUNNING: it does not run, and the next call starts it
 * @SOCKS_AVAILABILITY_STARTING: it was told to start, or has not told its properties yet
 * @SOCKS_AVAILABILITY_NOT_ANSWERING: it runs, but did not tell its properties when asked
 * @SOCKS_AVAILABILITY_PRESENT: it runs, and the snapshot is what it says
 *
 * Whether there is a service to talk to.
 */
typedef enum
{
  SOCKS_AVAILABILITY_UNKNOWN,
  SOCKS_AVAILABILITY_NO_BUS,
  SOCKS_AVAILABILITY_NOT_INSTALLED,
  SOCKS_AVAILABILITY_NOT_RUNNING,
  SOCKS_AVAILABILITY_STARTING,
  SOCKS_AVAILABILITY_NOT_ANSWERING,
  SOCKS_AVAILABILITY_PRESENT,
} SocksAvailability;

/**
 * SocksClientState:
 *
 * The property State.
 */
typedef enum
{
  SOCKS_CLIENT_DISCONNECTED,
  SOCKS_CLIENT_CONNECTING,
  SOCKS_CLIENT_CONNECTED,
  SOCKS_CLIENT_FAILING,
} SocksClientState;

/**
 * SocksClientSelection:
 *
 * The property Selection.
 */
typedef enum
{
  SOCKS_CLIENT_SELECTION_NONE,
  SOCKS_CLIENT_SELECTION_AUTOMATIC,
  SOCKS_CLIENT_SELECTION_MANUAL,
} SocksClientSelection;

/**
 * SocksClientNode:
 *
 * The property NodeState.
 */
typedef enum
{
  SOCKS_CLIENT_NODE_UNKNOWN,
  SOCKS_CLIENT_NODE_UP,
  SOCKS_CLIENT_NODE_DOWN,
} SocksClientNode;

/**
 * SocksProxyStatus:
 *
 * What the last probe of a peer found.
 */
typedef enum
{
  SOCKS_PROXY_UNPROBED,
  SOCKS_PROXY_VALID,
  SOCKS_PROXY_AUTHENTICATION_REQUIRED,
  SOCKS_PROXY_NOT_A_PROXY,
  SOCKS_PROXY_NOT_LISTENING,
} SocksProxyStatus;

#define SOCKS_N_PROXY_STATUSES (SOCKS_PROXY_NOT_LISTENING + 1)

/**
 * SocksSituation:
 * @SOCKS_SITUATION_UNKNOWN: not asked yet
 * @SOCKS_SITUATION_NO_BUS: there is no system bus
 * @SOCKS_SITUATION_NOT_INSTALLED: there is no service
 * @SOCKS_SITUATION_NOT_RUNNING: the service does not run
 * @SOCKS_SITUATION_STARTING: the service starts
 * @SOCKS_SITUATION_NOT_ANSWERING: the service does not answer
 * @SOCKS_SITUATION_NODE_DOWN: no proxies, for Mycelium does not run
 * @SOCKS_SITUATION_LOOKING: no proxies yet
 * @SOCKS_SITUATION_NOT_LOOKING: no proxies, and nobody looks for any
 * @SOCKS_SITUATION_NONE_FOUND: no proxies after a whole sweep
 * @SOCKS_SITUATION_PROXIES: there are proxies to be shown
 *
 * What a list of proxies has to show: the proxies, or why there are none.
 */
typedef enum
{
  SOCKS_SITUATION_UNKNOWN,
  SOCKS_SITUATION_NO_BUS,
  SOCKS_SITUATION_NOT_INSTALLED,
  SOCKS_SITUATION_NOT_RUNNING,
  SOCKS_SITUATION_STARTING,
  SOCKS_SITUATION_NOT_ANSWERING,
  SOCKS_SITUATION_NODE_DOWN,
  SOCKS_SITUATION_LOOKING,
  SOCKS_SITUATION_NOT_LOOKING,
  SOCKS_SITUATION_NONE_FOUND,
  SOCKS_SITUATION_PROXIES,
} SocksSituation;

#define SOCKS_N_SITUATIONS (SOCKS_SITUATION_PROXIES + 1)

#define SOCKS_TYPE_AVAILABILITY (socks_availability_get_type ())
#define SOCKS_TYPE_CLIENT_STATE (socks_client_state_get_type ())
#define SOCKS_TYPE_CLIENT_SELECTION (socks_client_selection_get_type ())
#define SOCKS_TYPE_CLIENT_NODE (socks_client_node_get_type ())
#define SOCKS_TYPE_PROXY_STATUS (socks_proxy_status_get_type ())

GType socks_availability_get_type (void);
GType socks_client_state_get_type (void);
GType socks_client_selection_get_type (void);
GType socks_client_node_get_type (void);
GType socks_proxy_status_get_type (void);

/**
 * SocksSnapshot:
 * @availability: whether there is a service; without one the rest is as if it had just
 *   started and done nothing
 * @state: whether something is forwarded
 * @selection: who chose the remote
 * @remote: (owned): the remote, or ""
 * @remote_name: (owned): what the person calls it, or ""; not from the service
 * @remote_latency_us: its latency by the last probe, 0 if not known
 * @remote_status: what the last probe of it found; Unprobed where it is none of the
 *   proxies listed
 * @listening: (owned): the local address bound, or ""
 * @is_open_to_others: whether other machines may use the local port, as the configuration
 *   says
 * @probing: a sweep starts every @probe_interval_s seconds
 * @sweeping: a sweep is running
 * @n_swept: peers done of the running or the last sweep
 * @n_to_sweep: peers of that sweep
 * @last_sweep_us: when a sweep last ended, microseconds since the Unix epoch; 0 for never
 * @probe_interval_s: seconds between sweeps
 * @n_peers: how many peers there are of each status
 * @node: whether the Mycelium node answers
 * @node_address: (owned): the node's overlay address, or ""
 * @last_error_name: (owned): D-Bus error name of what last went wrong, or ""
 * @last_error_message: (owned): what the service says of it, in English, or ""
 * @version: (owned): the version of the service, or ""
 *
 * What the service says of itself, as a plain value. No string is %NULL.
 */
typedef struct
{
  SocksAvailability availability;
  SocksClientState state;
  SocksClientSelection selection;
  char *remote;
  char *remote_name;
  guint remote_latency_us;
  SocksProxyStatus remote_status;
  char *listening;
  gboolean is_open_to_others;
  gboolean probing;
  gboolean sweeping;
  guint n_swept;
  guint n_to_sweep;
  gint64 last_sweep_us;
  guint probe_interval_s;
  guint n_peers[SOCKS_N_PROXY_STATUSES];
  SocksClientNode node;
  char *node_address;
  char *last_error_name;
  char *last_error_message;
  char *version;
} SocksSnapshot;

/**
 * SocksSnapshotField:
 *
 * What may differ between two snapshots, as a set of flags.
 * %SOCKS_SNAPSHOT_PROXIES stands for the list of proxies beside the snapshot.
 */
typedef enum
{
  SOCKS_SNAPSHOT_AVAILABILITY = 1 << 0,
  SOCKS_SNAPSHOT_STATE = 1 << 1,
  SOCKS_SNAPSHOT_SELECTION = 1 << 2,
  SOCKS_SNAPSHOT_REMOTE = 1 << 3,
  SOCKS_SNAPSHOT_REMOTE_LATENCY = 1 << 4,
  SOCKS_SNAPSHOT_REMOTE_STATUS = 1 << 5,
  SOCKS_SNAPSHOT_LISTENING = 1 << 6,
  SOCKS_SNAPSHOT_OPEN_TO_OTHERS = 1 << 7,
  SOCKS_SNAPSHOT_PROBING = 1 << 8,
  SOCKS_SNAPSHOT_SWEEPING = 1 << 9,
  SOCKS_SNAPSHOT_SWEEP_PROGRESS = 1 << 10,
  SOCKS_SNAPSHOT_LAST_SWEEP = 1 << 11,
  SOCKS_SNAPSHOT_PROBE_INTERVAL = 1 << 12,
  SOCKS_SNAPSHOT_PEER_COUNTS = 1 << 13,
  SOCKS_SNAPSHOT_NODE = 1 << 14,
  SOCKS_SNAPSHOT_NODE_ADDRESS = 1 << 15,
  SOCKS_SNAPSHOT_LAST_ERROR = 1 << 16,
  SOCKS_SNAPSHOT_VERSION = 1 << 17,
  SOCKS_SNAPSHOT_PROXIES = 1 << 18,
  SOCKS_SNAPSHOT_REMOTE_NAME = 1 << 19,
} SocksSnapshotField;

SocksSnapshot *socks_snapshot_new (void);
SocksSnapshot *socks_snapshot_copy (const SocksSnapshot *snapshot);
void socks_snapshot_free (SocksSnapshot *snapshot);

void socks_snapshot_update (SocksSnapshot *snapshot, GVariant *properties);
SocksSnapshotField socks_snapshot_compare (const SocksSnapshot *a, const SocksSnapshot *b);

guint socks_snapshot_count_proxies (const SocksSnapshot *snapshot);
double socks_snapshot_get_progress (const SocksSnapshot *snapshot);
GVariant *socks_snapshot_new_counts (const SocksSnapshot *snapshot);
SocksSituation socks_snapshot_get_situation (const SocksSnapshot *snapshot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksSnapshot, socks_snapshot_free)

G_END_DECLS
