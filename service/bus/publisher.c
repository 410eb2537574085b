/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps the properties of the D-Bus object true. What a person waits for (state, remote)
 * is sent at once and before the reply to the call that changed it; what changes with
 * every probe is sent at its pace, though who asks gets it fresh; and what only counts is
 * not sent at all. The lists of peers are the peer publisher's. Main thread. */

#include "config.h"

#include "bus/publisher.h"

#include "bus/error-name.h"
#include "bus/peer-publisher.h"
#include "engine/pacer.h"

#define PROGRESS_INTERVAL_US (G_USEC_PER_SEC / 4)

struct _SocksPublisher
{
  GObject parent_instance;

  SocksDBusSocks *object;      /* (unowned): owns the publisher */
  SocksConnection *connection; /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksNodeClient *node;       /* (owned) */
  SocksRelay *relay;           /* (unowned): outlives the object */
  SocksPeerPublisher *peers;   /* (owned) */

  SocksPacer progress_pacer;
};

G_DEFINE_FINAL_TYPE (SocksPublisher, socks_publisher, G_TYPE_OBJECT)

static const char *
selection_to_string (SocksSelection selection)
{
  switch (selection)
    {
    case SOCKS_SELECTION_NONE:
      return "";
    case SOCKS_SELECTION_AUTOMATIC:
      return "automatic";
    case SOCKS_SELECTION_MANUAL:
      return "manual";
    default:
      g_return_val_if_reached ("");
    }
}

static const char *
node_state_to_string (SocksNodeState state)
{
  switch (state)
    {
    case SOCKS_NODE_STATE_UNKNOWN:
      return "unknown";
    case SOCKS_NODE_STATE_UP:
      return "up";
    case SOCKS_NODE_STATE_DOWN:
      return "down";
    default:
      g_return_val_if_reached ("");
    }
}

static GVariant *
new_progress (SocksPublisher *self)
{
  guint done, total;

  socks_sweeper_get_progress (self->sweeper, &done, &total);
  return g_variant_new ("(uu)", done, total);
}

static GVariant *
new_last_error (SocksPublisher *self)
{
  const GError *error = socks_connection_get_status (self->connection)->last_error;
  g_autofree char *name = error != NULL ? socks_error_name_of (error) : NULL;

  return g_variant_new ("(ss)", name != NULL ? name : "",
                        error != NULL ? error->message : "");
}

static void
publish_progress (gpointer data)
{
  SocksPublisher *self = data;

  socks_dbus_socks_set_sweep_progress (self->object, new_progress (self));
}

static void
publish_connection (SocksPublisher *self)
{
  const SocksConnectionStatus *status = socks_connection_get_status (self->connection);
  const SocksEndpoint *remote = socks_connection_get_remote (self->connection);
  g_autofree char *remote_text = remote != NULL ? socks_endpoint_format (remote) : NULL;
  SocksEndpoint local;
  g_autofree char *local_text =
      socks_relay_get_local (self->relay, &local) ? socks_endpoint_format (&local) : NULL;

  socks_dbus_socks_set_state (self->object, socks_state_to_string (status->state));
  socks_dbus_socks_set_selection (self->object, selection_to_string (status->selection));
  socks_dbus_socks_set_remote (self->object, remote_text != NULL ? remote_text : "");
  socks_dbus_socks_set_listening (self->object, local_text != NULL ? local_text : "");
  socks_dbus_socks_set_last_error (self->object, new_last_error (self));

  /* Before any reply, and so that no state is skipped by a quick successor. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self->object));
}

static void
connection_changed_cb (SocksConnection *connection, gpointer data)
{
  publish_connection (data);
}

static void
remote_changed_cb (SocksConnection *connection,
                   const char *old_remote,
                   const char *new_remote,
                   guint reason,
                   gpointer data)
{
  SocksPublisher *self = data;

  socks_dbus_socks_emit_remote_changed (self->object, old_remote, new_remote,
                                        socks_change_reason_to_string (reason));
}

static void
sweeper_changed_cb (SocksSweeper *sweeper, gpointer data)
{
  SocksPublisher *self = data;
  gboolean is_sweeping = socks_sweeper_is_sweeping (sweeper);

  socks_dbus_socks_set_probing (self->object, socks_sweeper_is_probing (sweeper));
  socks_dbus_socks_set_last_sweep (self->object, socks_sweeper_get_last_sweep_us (sweeper));
  socks_pacer_ask (&self->progress_pacer);

  if (socks_dbus_socks_get_sweeping (self->object) != is_sweeping)
    {
      /* A sweep over few peers begins and ends in one turn of the loop: both are seen. */
      socks_dbus_socks_set_sweeping (self->object, is_sweeping);
      g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self->object));
    }
}

static void
node_changed_cb (SocksNodeClient *node, gpointer data)
{
  SocksPublisher *self = data;
  struct in6_addr address;
  g_autofree char *text = socks_node_client_get_address (node, &address)
                              ? socks_address_format (&address)
                              : NULL;

  socks_dbus_socks_set_node_state (
      self->object, node_state_to_string (socks_node_client_get_state (node)));
  socks_dbus_socks_set_node_address (self->object, text != NULL ? text : "");
}

static void
socks_publisher_dispose (GObject *object)
{
  SocksPublisher *self = SOCKS_PUBLISHER (object);

  socks_pacer_clear (&self->progress_pacer);
  if (self->peers != NULL)
    g_object_run_dispose (G_OBJECT (self->peers));
  g_clear_object (&self->peers);
  g_clear_object (&self->node);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (socks_publisher_parent_class)->dispose (object);
}

static void
socks_publisher_class_init (SocksPublisherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_publisher_dispose;
}

static void
socks_publisher_init (SocksPublisher *self)
{
}

/**
 * socks_publisher_new:
 * @object: whose properties; owns the publisher
 * @settings: what does not change
 * @clock: the time
 * @connection: what is so
 * @sweeper: who is known
 * @node: the Mycelium node
 * @relay: what was forwarded; outlives @object
 *
 * Returns: (transfer full): a publisher that has set all properties
 */
SocksPublisher *
socks_publisher_new (SocksDBusSocks *object,
                     const SocksSettings *settings,
                     SocksClock *clock,
                     SocksConnection *connection,
                     SocksSweeper *sweeper,
                     SocksNodeClient *node,
                     SocksRelay *relay)
{
  SocksPublisher *self = g_object_new (SOCKS_TYPE_PUBLISHER, NULL);

  self->object = object;
  self->connection = g_object_ref (connection);
  self->sweeper = g_object_ref (sweeper);
  self->node = g_object_ref (node);
  self->relay = relay;
  self->peers = socks_peer_publisher_new (G_DBUS_INTERFACE_SKELETON (object), clock,
                                          connection, sweeper);
  socks_pacer_init (&self->progress_pacer, clock, PROGRESS_INTERVAL_US, publish_progress,
                    self);

  g_signal_connect_object (connection, "changed", G_CALLBACK (connection_changed_cb), self,
                           0);
  g_signal_connect_object (connection, "remote-changed", G_CALLBACK (remote_changed_cb),
                           self, 0);
  g_signal_connect_object (sweeper, "changed", G_CALLBACK (sweeper_changed_cb), self, 0);
  g_signal_connect_object (node, "changed", G_CALLBACK (node_changed_cb), self, 0);

  socks_dbus_socks_set_version (object, PACKAGE_VERSION);
  socks_dbus_socks_set_probe_interval (object, socks_sweeper_get_interval_s (sweeper));
  socks_dbus_socks_set_listen_scope (object, settings->listen_local_only ? "local" : "any");
  publish_connection (self);
  publish_progress (self);
  sweeper_changed_cb (sweeper, self);
  node_changed_cb (node, self);
  return self;
}

/**
 * socks_publisher_get_fresh:
 * @self: a publisher
 * @property_name: a property's D-Bus name
 *
 * Returns: (transfer floating) (nullable): the present value of a property that is not
 *   published with each of its changes; %NULL for the others
 */
GVariant *
socks_publisher_get_fresh (SocksPublisher *self, const char *property_name)
{
  SocksRelayCounters counters;

  if (g_str_equal (property_name, "Proxies"))
    return socks_peer_publisher_get_proxies (self->peers);
  if (g_str_equal (property_name, "PeerCounts"))
    return socks_peer_publisher_get_counts (self->peers);
  if (g_str_equal (property_name, "SweepProgress"))
    return new_progress (self);

  socks_relay_get_counters (self->relay, &counters);
  if (g_str_equal (property_name, "ActiveConnections"))
    return g_variant_new_uint32 (counters.active_streams);
  if (g_str_equal (property_name, "TotalConnections"))
    return g_variant_new_uint64 (counters.total_streams);
  if (g_str_equal (property_name, "RefusedConnections"))
    return g_variant_new_uint64 (counters.refused_streams);
  if (g_str_equal (property_name, "BytesSent"))
    return g_variant_new_uint64 (counters.bytes_sent);
  if (g_str_equal (property_name, "BytesReceived"))
    return g_variant_new_uint64 (counters.bytes_received);
  return NULL;
}
