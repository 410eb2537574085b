/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the service says of itself, read from the properties as they come over the bus. The
 * interface's description is what types are held against: a value of another type, or a
 * word that is not known, is left out, and what was known stays. Any thread. */

#include "model/snapshot.h"

#include <string.h>

#include "model/word.h"
#include "socks-dbus.h"

G_DEFINE_ENUM_TYPE (SocksAvailability,
                    socks_availability,
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_NO_BUS, "no-bus"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_NOT_INSTALLED,
                                         "not-installed"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_NOT_RUNNING, "not-running"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_STARTING, "starting"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_NOT_ANSWERING,
                                         "not-answering"),
                    G_DEFINE_ENUM_VALUE (SOCKS_AVAILABILITY_PRESENT, "present"))

/* The nicks of these are the words on the bus. */
G_DEFINE_ENUM_TYPE (SocksClientState,
                    socks_client_state,
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_DISCONNECTED, "disconnected"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CONNECTED, "connected"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_FAILING, "failing"))

G_DEFINE_ENUM_TYPE (SocksClientSelection,
                    socks_client_selection,
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_SELECTION_NONE, ""),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_SELECTION_AUTOMATIC, "automatic"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_SELECTION_MANUAL, "manual"))

G_DEFINE_ENUM_TYPE (SocksClientNode,
                    socks_client_node,
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_NODE_UNKNOWN, "unknown"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_NODE_UP, "up"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_NODE_DOWN, "down"))

G_DEFINE_ENUM_TYPE (SocksProxyStatus,
                    socks_proxy_status,
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_UNPROBED, "Unprobed"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_VALID, "Valid"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_AUTHENTICATION_REQUIRED,
                                         "AuthenticationRequired"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_NOT_A_PROXY, "NotAProxy"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_NOT_LISTENING, "NotListening"))

/**
 * socks_snapshot_new:
 *
 * Returns: (transfer full): a snapshot of a service that nothing is known of
 */
SocksSnapshot *
socks_snapshot_new (void)
{
  SocksSnapshot *snapshot = g_new0 (SocksSnapshot, 1);

  snapshot->remote = g_strdup ("");
  snapshot->remote_name = g_strdup ("");
  snapshot->listening = g_strdup ("");
  snapshot->node_address = g_strdup ("");
  snapshot->last_error_name = g_strdup ("");
  snapshot->last_error_message = g_strdup ("");
  snapshot->version = g_strdup ("");
  return snapshot;
}

/**
 * socks_snapshot_free:
 * @snapshot: (transfer full): a snapshot
 */
void
socks_snapshot_free (SocksSnapshot *snapshot)
{
  g_free (snapshot->remote);
  g_free (snapshot->remote_name);
  g_free (snapshot->listening);
  g_free (snapshot->node_address);
  g_free (snapshot->last_error_name);
  g_free (snapshot->last_error_message);
  g_free (snapshot->version);
  g_free (snapshot);
}

/**
 * socks_snapshot_copy:
 * @snapshot: a snapshot
 *
 * Returns: (transfer full): another one like it
 */
SocksSnapshot *
socks_snapshot_copy (const SocksSnapshot *snapshot)
{
  SocksSnapshot *copy = g_memdup2 (snapshot, sizeof *snapshot);

  copy->remote = g_strdup (snapshot->remote);
  copy->remote_name = g_strdup (snapshot->remote_name);
  copy->listening = g_strdup (snapshot->listening);
  copy->node_address = g_strdup (snapshot->node_address);
  copy->last_error_name = g_strdup (snapshot->last_error_name);
  copy->last_error_message = g_strdup (snapshot->last_error_message);
  copy->version = g_strdup (snapshot->version);
  return copy;
}

static void
read_string (GVariant *value, char **text)
{
  g_free (*text);
  *text = g_variant_dup_string (value, NULL);
}

static void
read_error (GVariant *value, SocksSnapshot *snapshot)
{
  g_free (snapshot->last_error_name);
  g_free (snapshot->last_error_message);
  g_variant_get (value, "(ss)", &snapshot->last_error_name, &snapshot->last_error_message);
}

static void
read_counts (GVariant *value, SocksSnapshot *snapshot)
{
  g_autoptr (GEnumClass) words = g_type_class_ref (SOCKS_TYPE_PROXY_STATUS);

  for (guint status = 0; status < SOCKS_N_PROXY_STATUSES; status++)
    if (!g_variant_lookup (value, g_enum_get_value (words, status)->value_nick, "u",
                           &snapshot->n_peers[status]))
      snapshot->n_peers[status] = 0;
}

static void
read_words (SocksSnapshot *snapshot, const char *name, GVariant *value)
{
  int number;

  if (g_str_equal (name, "State") &&
      socks_word_read (value, SOCKS_TYPE_CLIENT_STATE, &number))
    snapshot->state = number;
  else if (g_str_equal (name, "Selection") &&
           socks_word_read (value, SOCKS_TYPE_CLIENT_SELECTION, &number))
    snapshot->selection = number;
  else if (g_str_equal (name, "NodeState") &&
           socks_word_read (value, SOCKS_TYPE_CLIENT_NODE, &number))
    snapshot->node = number;
}

/* @value has the type that the interface's description says. */
static void
read_property (SocksSnapshot *snapshot, const char *name, GVariant *value)
{
  if (g_str_equal (name, "Remote"))
    read_string (value, &snapshot->remote);
  else if (g_str_equal (name, "Listening"))
    read_string (value, &snapshot->listening);
  else if (g_str_equal (name, "ListenScope"))
    /* Of a scope that is not known people are rather warned. */
    snapshot->is_open_to_others =
        !g_str_equal (g_variant_get_string (value, NULL), "local");
  else if (g_str_equal (name, "Probing"))
    snapshot->probing = g_variant_get_boolean (value);
  else if (g_str_equal (name, "Sweeping"))
    snapshot->sweeping = g_variant_get_boolean (value);
  else if (g_str_equal (name, "SweepProgress"))
    g_variant_get (value, "(uu)", &snapshot->n_swept, &snapshot->n_to_sweep);
  else if (g_str_equal (name, "LastSweep"))
    snapshot->last_sweep_us = g_variant_get_int64 (value);
  else if (g_str_equal (name, "ProbeInterval"))
    snapshot->probe_interval_s = g_variant_get_uint32 (value);
  else if (g_str_equal (name, "PeerCounts"))
    read_counts (value, snapshot);
  else if (g_str_equal (name, "NodeAddress"))
    read_string (value, &snapshot->node_address);
  else if (g_str_equal (name, "LastError"))
    read_error (value, snapshot);
  else if (g_str_equal (name, "Version"))
    read_string (value, &snapshot->version);
  else
    read_words (snapshot, name, value);
}

/**
 * socks_snapshot_update:
 * @snapshot: a snapshot
 * @properties: an `a{sv}` of properties of the service, in part or whole
 *
 * Takes over what @properties says. Properties that are not known or of a wrong type, and
 * words that are not known, are ignored. Proxies is not part of a snapshot.
 */
void
socks_snapshot_update (SocksSnapshot *snapshot, GVariant *properties)
{
  GDBusInterfaceInfo *interface = socks_dbus_socks_interface_info ();
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      const GDBusPropertyInfo *property =
          g_dbus_interface_info_lookup_property (interface, name);

      if (property != NULL &&
          g_variant_is_of_type (value, G_VARIANT_TYPE (property->signature)))
        read_property (snapshot, name, value);
      g_variant_unref (value);
    }
}

/**
 * socks_snapshot_compare:
 * @a: a snapshot
 * @b: another
 *
 * Returns: in what they differ
 */
SocksSnapshotField
socks_snapshot_compare (const SocksSnapshot *a, const SocksSnapshot *b)
{
  SocksSnapshotField fields = 0;

#define COMPARE(is_equal, flag) fields |= (is_equal) ? 0 : (flag)
  COMPARE (a->availability == b->availability, SOCKS_SNAPSHOT_AVAILABILITY);
  COMPARE (a->state == b->state, SOCKS_SNAPSHOT_STATE);
  COMPARE (a->selection == b->selection, SOCKS_SNAPSHOT_SELECTION);
  COMPARE (g_str_equal (a->remote, b->remote), SOCKS_SNAPSHOT_REMOTE);
  COMPARE (a->remote_latency_us == b->remote_latency_us, SOCKS_SNAPSHOT_REMOTE_LATENCY);
  COMPARE (a->remote_status == b->remote_status, SOCKS_SNAPSHOT_REMOTE_STATUS);
  COMPARE (g_str_equal (a->listening, b->listening), SOCKS_SNAPSHOT_LISTENING);
  COMPARE (a->is_open_to_others == b->is_open_to_others, SOCKS_SNAPSHOT_OPEN_TO_OTHERS);
  COMPARE (a->probing == b->probing, SOCKS_SNAPSHOT_PROBING);
  COMPARE (a->sweeping == b->sweeping, SOCKS_SNAPSHOT_SWEEPING);
  COMPARE (a->n_swept == b->n_swept && a->n_to_sweep == b->n_to_sweep,
           SOCKS_SNAPSHOT_SWEEP_PROGRESS);
  COMPARE (a->last_sweep_us == b->last_sweep_us, SOCKS_SNAPSHOT_LAST_SWEEP);
  COMPARE (a->probe_interval_s == b->probe_interval_s, SOCKS_SNAPSHOT_PROBE_INTERVAL);
  COMPARE (memcmp (a->n_peers, b->n_peers, sizeof a->n_peers) == 0,
           SOCKS_SNAPSHOT_PEER_COUNTS);
  COMPARE (a->node == b->node, SOCKS_SNAPSHOT_NODE);
  COMPARE (g_str_equal (a->node_address, b->node_address), SOCKS_SNAPSHOT_NODE_ADDRESS);
  COMPARE (g_str_equal (a->last_error_name, b->last_error_name) &&
               g_str_equal (a->last_error_message, b->last_error_message),
           SOCKS_SNAPSHOT_LAST_ERROR);
  COMPARE (g_str_equal (a->version, b->version), SOCKS_SNAPSHOT_VERSION);
  COMPARE (g_str_equal (a->remote_name, b->remote_name), SOCKS_SNAPSHOT_REMOTE_NAME);
#undef COMPARE
  return fields;
}

/**
 * socks_snapshot_count_proxies:
 * @snapshot: a snapshot
 *
 * Returns: how many proxies there are, with a login and without
 */
guint
socks_snapshot_count_proxies (const SocksSnapshot *snapshot)
{
  return snapshot->n_peers[SOCKS_PROXY_VALID] +
         snapshot->n_peers[SOCKS_PROXY_AUTHENTICATION_REQUIRED];
}

/**
 * socks_snapshot_get_progress:
 * @snapshot: a snapshot
 *
 * Returns: how far the running or the last sweep is, from 0 to 1
 */
double
socks_snapshot_get_progress (const SocksSnapshot *snapshot)
{
  if (snapshot->n_to_sweep == 0)
    return 0;
  return MIN ((double) snapshot->n_swept / snapshot->n_to_sweep, 1);
}

/**
 * socks_snapshot_new_counts:
 * @snapshot: a snapshot
 *
 * Returns: (transfer floating): an `a{su}` of every status and how many peers have it
 */
GVariant *
socks_snapshot_new_counts (const SocksSnapshot *snapshot)
{
  g_autoptr (GEnumClass) words = g_type_class_ref (SOCKS_TYPE_PROXY_STATUS);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{su}"));
  for (guint status = 0; status < SOCKS_N_PROXY_STATUSES; status++)
    g_variant_builder_add (&builder, "{su}", g_enum_get_value (words, status)->value_nick,
                           snapshot->n_peers[status]);
  return g_variant_builder_end (&builder);
}

/**
 * socks_snapshot_get_situation:
 * @snapshot: a snapshot
 *
 * Returns: what a list of proxies has to show
 */
SocksSituation
socks_snapshot_get_situation (const SocksSnapshot *snapshot)
{
  switch (snapshot->availability)
    {
    case SOCKS_AVAILABILITY_UNKNOWN:
      return SOCKS_SITUATION_UNKNOWN;
    case SOCKS_AVAILABILITY_NO_BUS:
      return SOCKS_SITUATION_NO_BUS;
    case SOCKS_AVAILABILITY_NOT_INSTALLED:
      return SOCKS_SITUATION_NOT_INSTALLED;
    case SOCKS_AVAILABILITY_NOT_RUNNING:
      return SOCKS_SITUATION_NOT_RUNNING;
    case SOCKS_AVAILABILITY_STARTING:
      return SOCKS_SITUATION_STARTING;
    case SOCKS_AVAILABILITY_NOT_ANSWERING:
      return SOCKS_SITUATION_NOT_ANSWERING;
    case SOCKS_AVAILABILITY_PRESENT:
    default:
      break;
    }

  if (socks_snapshot_count_proxies (snapshot) > 0)
    return SOCKS_SITUATION_PROXIES;
  if (snapshot->node == SOCKS_CLIENT_NODE_DOWN)
    return SOCKS_SITUATION_NODE_DOWN;
  /* Later sweeps come every minute and must not change the page each time. */
  if (snapshot->last_sweep_us != 0)
    return SOCKS_SITUATION_NONE_FOUND;
  return snapshot->probing || snapshot->sweeping ? SOCKS_SITUATION_LOOKING
                                                 : SOCKS_SITUATION_NOT_LOOKING;
}
