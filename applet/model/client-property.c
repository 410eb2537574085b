/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The client's properties: what there are, and how each is read from a snapshot. Any
 * thread. */

#include "model/client-property.h"

#define FIELD_OF(name) SOCKS_CLIENT_PROPERTY_FIELD (SOCKS_CLIENT_PROPERTY_##name)

G_STATIC_ASSERT (FIELD_OF (AVAILABILITY) == SOCKS_SNAPSHOT_AVAILABILITY);
G_STATIC_ASSERT (FIELD_OF (PROBING) == SOCKS_SNAPSHOT_PROBING);
G_STATIC_ASSERT (FIELD_OF (PROXIES) == SOCKS_SNAPSHOT_PROXIES);

/* Fills @properties, each at its id. */
void
socks_client_property_make (GParamSpec *properties[SOCKS_CLIENT_N_PROPERTIES])
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

#define ENUM(id, name, type)                                                             \
  properties[id] = g_param_spec_enum (name, NULL, NULL, type, 0 /* default */, flags)
#define STRING(id, name)                                                                 \
  properties[id] = g_param_spec_string (name, NULL, NULL, "" /* default */, flags)
#define BOOLEAN(id, name)                                                                \
  properties[id] = g_param_spec_boolean (name, NULL, NULL, FALSE /* default */, flags)
#define UINT(id, name)                                                                   \
  properties[id] = g_param_spec_uint (name, NULL, NULL, 0, G_MAXUINT, 0, flags)
  ENUM (SOCKS_CLIENT_PROPERTY_AVAILABILITY, "availability", SOCKS_TYPE_AVAILABILITY);
  ENUM (SOCKS_CLIENT_PROPERTY_STATE, "state", SOCKS_TYPE_CLIENT_STATE);
  ENUM (SOCKS_CLIENT_PROPERTY_SELECTION, "selection", SOCKS_TYPE_CLIENT_SELECTION);
  STRING (SOCKS_CLIENT_PROPERTY_REMOTE, "remote");
  UINT (SOCKS_CLIENT_PROPERTY_REMOTE_LATENCY, "remote-latency");
  ENUM (SOCKS_CLIENT_PROPERTY_REMOTE_STATUS, "remote-status", SOCKS_TYPE_PROXY_STATUS);
  STRING (SOCKS_CLIENT_PROPERTY_LISTENING, "listening");
  BOOLEAN (SOCKS_CLIENT_PROPERTY_OPEN_TO_OTHERS, "open-to-others");
  BOOLEAN (SOCKS_CLIENT_PROPERTY_PROBING, "probing");
  BOOLEAN (SOCKS_CLIENT_PROPERTY_SWEEPING, "sweeping");
  properties[SOCKS_CLIENT_PROPERTY_SWEEP_PROGRESS] =
      g_param_spec_double ("sweep-progress", NULL, NULL, 0, 1, 0 /* default */, flags);
  properties[SOCKS_CLIENT_PROPERTY_LAST_SWEEP] = g_param_spec_int64 (
      "last-sweep", NULL, NULL, G_MININT64, G_MAXINT64, 0 /* default */, flags);
  UINT (SOCKS_CLIENT_PROPERTY_PROBE_INTERVAL, "probe-interval");
  properties[SOCKS_CLIENT_PROPERTY_PEER_COUNTS] = g_param_spec_variant (
      "peer-counts", NULL, NULL, G_VARIANT_TYPE ("a{su}"), NULL /* default */, flags);
  ENUM (SOCKS_CLIENT_PROPERTY_NODE, "node", SOCKS_TYPE_CLIENT_NODE);
  STRING (SOCKS_CLIENT_PROPERTY_NODE_ADDRESS, "node-address");
  STRING (SOCKS_CLIENT_PROPERTY_LAST_ERROR, "last-error");
  STRING (SOCKS_CLIENT_PROPERTY_VERSION, "version");
  properties[SOCKS_CLIENT_PROPERTY_PROXIES] =
      g_param_spec_object ("proxies", NULL, NULL, SOCKS_TYPE_PROXY_LIST, flags);
#undef UINT
#undef BOOLEAN
#undef STRING
#undef ENUM
}

/* All but the list of proxies. */
void
socks_client_property_read (const SocksSnapshot *snapshot, guint id, GValue *value)
{
  switch ((SocksClientProperty) id)
    {
    case SOCKS_CLIENT_PROPERTY_AVAILABILITY:
      g_value_set_enum (value, snapshot->availability);
      break;
    case SOCKS_CLIENT_PROPERTY_STATE:
      g_value_set_enum (value, snapshot->state);
      break;
    case SOCKS_CLIENT_PROPERTY_SELECTION:
      g_value_set_enum (value, snapshot->selection);
      break;
    case SOCKS_CLIENT_PROPERTY_REMOTE:
      g_value_set_string (value, snapshot->remote);
      break;
    case SOCKS_CLIENT_PROPERTY_REMOTE_LATENCY:
      g_value_set_uint (value, snapshot->remote_latency_us);
      break;
    case SOCKS_CLIENT_PROPERTY_REMOTE_STATUS:
      g_value_set_enum (value, snapshot->remote_status);
      break;
    case SOCKS_CLIENT_PROPERTY_LISTENING:
      g_value_set_string (value, snapshot->listening);
      break;
    case SOCKS_CLIENT_PROPERTY_OPEN_TO_OTHERS:
      g_value_set_boolean (value, snapshot->is_open_to_others);
      break;
    case SOCKS_CLIENT_PROPERTY_PROBING:
      g_value_set_boolean (value, snapshot->probing);
      break;
    case SOCKS_CLIENT_PROPERTY_SWEEPING:
      g_value_set_boolean (value, snapshot->sweeping);
      break;
    case SOCKS_CLIENT_PROPERTY_SWEEP_PROGRESS:
      g_value_set_double (value, socks_snapshot_get_progress (snapshot));
      break;
    case SOCKS_CLIENT_PROPERTY_LAST_SWEEP:
      g_value_set_int64 (value, snapshot->last_sweep_us);
      break;
    case SOCKS_CLIENT_PROPERTY_PROBE_INTERVAL:
      g_value_set_uint (value, snapshot->probe_interval_s);
      break;
    case SOCKS_CLIENT_PROPERTY_PEER_COUNTS:
      g_value_set_variant (value, socks_snapshot_new_counts (snapshot));
      break;
    case SOCKS_CLIENT_PROPERTY_NODE:
      g_value_set_enum (value, snapshot->node);
      break;
    case SOCKS_CLIENT_PROPERTY_NODE_ADDRESS:
      g_value_set_string (value, snapshot->node_address);
      break;
    case SOCKS_CLIENT_PROPERTY_LAST_ERROR:
      g_value_set_string (value, snapshot->last_error_name);
      break;
    case SOCKS_CLIENT_PROPERTY_VERSION:
      g_value_set_string (value, snapshot->version);
      break;
    case SOCKS_CLIENT_PROPERTY_PROXIES:
    default:
      g_assert_not_reached ();
    }
}
