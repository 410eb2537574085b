/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sends Proxies and PeerCounts: at most twice a second, and only when they differ from
 * what was sent last, or from what somebody who asked has seen since then.
 *
 * They do not go through the generated object, which would compare every new list with
 * the old one, twice, in their packed forms. Ten thousand proxies are some hundred
 * milliseconds of packing; so what is to be sent is copied in the main thread, and packed
 * and sent in another, one packet after the other. */

#include "bus/peer-publisher.h"

#include <string.h>

#include "bus/peer-variant.h"
#include "engine/pacer.h"

#define INTERVAL_US (G_USEC_PER_SEC / 2)

/* The peers as clients are told of them. Immutable once it is sent. */
typedef struct
{
  GArray *proxies;       /* (owned): of SocksPeer */
  gboolean has_selected; /* the remote is one of them */
  SocksEndpoint selected;
  guint counts[SOCKS_N_STATUSES];
} Packet;

/* One signal on its way, in the other thread. */
typedef struct
{
  Packet *packet; /* (owned) */
  gboolean has_new_proxies;
  gboolean has_new_counts;
  GList *buses;      /* (owned): of GDBusConnection */
  char *object_path; /* (owned) */
  char *interface;   /* (owned) */
} Delivery;

struct _SocksPeerPublisher
{
  GObject parent_instance;

  GDBusInterfaceSkeleton *object; /* (unowned) (nullable): owns the publisher */
  SocksConnection *connection;    /* (owned) */
  SocksSweeper *sweeper;          /* (owned) */
  SocksPacer pacer;
  Packet *sent; /* (owned): what clients know */
  /* But for those that have asked since then, and got something else. */
  gboolean has_shown_other_proxies;
  gboolean has_shown_other_counts;
  gboolean is_sending;
  gboolean is_asked_again; /* while it was sending */
};

G_DEFINE_FINAL_TYPE (SocksPeerPublisher, socks_peer_publisher, G_TYPE_OBJECT)

static void
packet_clear (gpointer data)
{
  g_array_unref (((Packet *) data)->proxies);
}

static void
packet_unref (Packet *packet)
{
  g_atomic_rc_box_release_full (packet, packet_clear);
}

static void
delivery_free (Delivery *delivery)
{
  packet_unref (delivery->packet);
  g_list_free_full (delivery->buses, g_object_unref);
  g_free (delivery->object_path);
  g_free (delivery->interface);
  g_free (delivery);
}

static Packet *
pack (SocksPeerPublisher *self)
{
  SocksPeerTable *table = socks_sweeper_get_table (self->sweeper);
  const SocksEndpoint *remote = socks_connection_get_remote (self->connection);
  Packet *packet = g_atomic_rc_box_new0 (Packet);

  packet->proxies = socks_peer_table_list_proxies (table);
  for (guint i = 0; i < packet->proxies->len && remote != NULL; i++)
    if (socks_endpoint_equal (&g_array_index (packet->proxies, SocksPeer, i).endpoint,
                              remote))
      {
        packet->has_selected = TRUE;
        packet->selected = *remote;
      }
  for (guint status = 0; status < SOCKS_N_STATUSES; status++)
    packet->counts[status] = socks_peer_table_count (table, status);
  return packet;
}

/* Whether the proxies of two packets look the same to a client. */
static gboolean
have_same_proxies (const Packet *a, const Packet *b)
{
  if (a->proxies->len != b->proxies->len || a->has_selected != b->has_selected ||
      (a->has_selected && !socks_endpoint_equal (&a->selected, &b->selected)))
    return FALSE;

  for (guint i = 0; i < a->proxies->len; i++)
    {
      const SocksPeer *left = &g_array_index (a->proxies, SocksPeer, i);
      const SocksPeer *right = &g_array_index (b->proxies, SocksPeer, i);

      if (!socks_endpoint_equal (&left->endpoint, &right->endpoint) ||
          left->verdict.status != right->verdict.status ||
          left->verdict.latency_us != right->verdict.latency_us ||
          left->last_probed_us != right->last_probed_us ||
          left->last_seen_us != right->last_seen_us)
        return FALSE;
    }
  return TRUE;
}

static gboolean
have_same_counts (const Packet *a, const Packet *b)
{
  return memcmp (a->counts, b->counts, sizeof a->counts) == 0;
}

static GVariant *
new_proxies (const Packet *packet)
{
  return socks_peer_variant_new_list (packet->proxies,
                                      packet->has_selected ? &packet->selected : NULL);
}

static void
deliver_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Delivery *delivery = data;
  g_autoptr (GVariant) parameters = NULL;
  GVariantDict changed;

  g_variant_dict_init (&changed, NULL);
  if (delivery->has_new_counts)
    g_variant_dict_insert_value (
        &changed, "PeerCounts", socks_peer_variant_new_counts (delivery->packet->counts));
  if (delivery->has_new_proxies)
    g_variant_dict_insert_value (&changed, "Proxies", new_proxies (delivery->packet));
  parameters = g_variant_ref_sink (
      g_variant_new ("(s@a{sv}@as)", delivery->interface, g_variant_dict_end (&changed),
                     g_variant_new_strv (NULL, 0) /* invalidated */));

  for (GList *bus = delivery->buses; bus != NULL; bus = bus->next)
    g_dbus_connection_emit_signal (bus->data, NULL /* to everyone */,
                                   delivery->object_path,
                                   "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                   parameters, NULL /* error: that bus is gone */);
  g_task_return_boolean (task, TRUE);
}

static void publish_cb (gpointer data);

static void
delivered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  SocksPeerPublisher *self = SOCKS_PEER_PUBLISHER (source);

  self->is_sending = FALSE;
  if (self->is_asked_again && self->object != NULL)
    publish_cb (self);
}

static void
publish_cb (gpointer data)
{
  SocksPeerPublisher *self = data;
  g_autoptr (GTask) task = NULL;
  Delivery *delivery;

  self->is_asked_again = self->is_sending;
  if (self->is_sending)
    return;

  delivery = g_new0 (Delivery, 1);
  delivery->packet = pack (self);
  delivery->has_new_proxies =
      self->has_shown_other_proxies || !have_same_proxies (delivery->packet, self->sent);
  delivery->has_new_counts =
      self->has_shown_other_counts || !have_same_counts (delivery->packet, self->sent);
  delivery->buses = g_dbus_interface_skeleton_get_connections (self->object);
  delivery->object_path = g_strdup (g_dbus_interface_skeleton_get_object_path (self->object));
  delivery->interface = g_strdup (g_dbus_interface_skeleton_get_info (self->object)->name);

  packet_unref (self->sent);
  self->sent = g_atomic_rc_box_acquire (delivery->packet);
  self->has_shown_other_proxies = self->has_shown_other_counts = FALSE;
  if (delivery->buses == NULL || !(delivery->has_new_proxies || delivery->has_new_counts))
    {
      delivery_free (delivery);
      return;
    }

  self->is_sending = TRUE;
  task = g_task_new (self, NULL /* cancellable */, delivered_cb, NULL);
  g_task_set_source_tag (task, publish_cb);
  g_task_set_task_data (task, delivery, (GDestroyNotify) delivery_free);
  g_task_run_in_thread (task, deliver_in_thread);
}

static void
peers_changed_cb (SocksSweeper *sweeper, guint change, gpointer data)
{
  SocksPeerPublisher *self = data;

  if ((change & (SOCKS_PEER_CHANGE_PROXIES | SOCKS_PEER_CHANGE_COUNTS)) != 0)
    socks_pacer_ask (&self->pacer);
}

static void
connection_changed_cb (SocksConnection *connection, gpointer data)
{
  SocksPeerPublisher *self = data;

  /* Another one may be Selected. */
  socks_pacer_ask (&self->pacer);
}

static void
socks_peer_publisher_dispose (GObject *object)
{
  SocksPeerPublisher *self = SOCKS_PEER_PUBLISHER (object);

  self->object = NULL;
  socks_pacer_clear (&self->pacer);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->sent, packet_unref);

  G_OBJECT_CLASS (socks_peer_publisher_parent_class)->dispose (object);
}

static void
socks_peer_publisher_class_init (SocksPeerPublisherClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_peer_publisher_dispose;
}

static void
socks_peer_publisher_init (SocksPeerPublisher *self)
{
}

/**
 * socks_peer_publisher_new:
 * @object: whose properties; owns the publisher and disposes of it
 * @clock: the time
 * @connection: who is the remote
 * @sweeper: who is known
 *
 * Returns: (transfer full): a publisher
 */
SocksPeerPublisher *
socks_peer_publisher_new (GDBusInterfaceSkeleton *object,
                          SocksClock *clock,
                          SocksConnection *connection,
                          SocksSweeper *sweeper)
{
  SocksPeerPublisher *self = g_object_new (SOCKS_TYPE_PEER_PUBLISHER, NULL);

  self->object = object;
  self->connection = g_object_ref (connection);
  self->sweeper = g_object_ref (sweeper);
  self->sent = pack (self);
  socks_pacer_init (&self->pacer, clock, INTERVAL_US, publish_cb, self);
  g_signal_connect_object (connection, "changed", G_CALLBACK (connection_changed_cb), self,
                           0);
  g_signal_connect_object (sweeper, "peers-changed", G_CALLBACK (peers_changed_cb), self,
                           0);
  return self;
}

/**
 * socks_peer_publisher_get_proxies:
 * @self: a publisher
 *
 * Returns: (transfer floating): Proxies as they are now
 */
GVariant *
socks_peer_publisher_get_proxies (SocksPeerPublisher *self)
{
  Packet *packet = pack (self);
  GVariant *proxies = new_proxies (packet);

  self->has_shown_other_proxies |= !have_same_proxies (packet, self->sent);
  packet_unref (packet);
  return proxies;
}

/**
 * socks_peer_publisher_get_counts:
 * @self: a publisher
 *
 * Returns: (transfer floating): PeerCounts as they are now
 */
GVariant *
socks_peer_publisher_get_counts (SocksPeerPublisher *self)
{
  Packet *packet = pack (self);
  GVariant *counts = socks_peer_variant_new_counts (packet->counts);

  self->has_shown_other_counts |= !have_same_counts (packet, self->sent);
  packet_unref (packet);
  return counts;
}
