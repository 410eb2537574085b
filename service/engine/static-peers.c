/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Peers that the configuration file names, which need no node. Main thread. */

#include "engine/static-peers.h"

#include "engine/local-port.h"

struct _SocksStaticPeers
{
  GObject parent_instance;

  GArray *endpoints; /* (owned): of SocksEndpoint, each once */
  guint16 listening_port;
};

static void peer_source_init (SocksPeerSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksStaticPeers,
                               socks_static_peers,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_PEER_SOURCE,
                                                      peer_source_init))

static void
socks_static_peers_fetch_async (SocksPeerSource *source,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  SocksStaticPeers *self = SOCKS_STATIC_PEERS (source);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GArray *peers = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));

  g_task_set_source_tag (task, socks_static_peers_fetch_async);
  for (guint i = 0; i < self->endpoints->len; i++)
    {
      SocksEndpoint *endpoint = &g_array_index (self->endpoints, SocksEndpoint, i);

      if (socks_local_port_check_remote (endpoint, self->listening_port,
                                         NULL /* node_address */, NULL /* error */))
        g_array_append_val (peers, *endpoint);
    }
  g_task_return_pointer (task, peers, (GDestroyNotify) g_array_unref);
}

static GArray *
socks_static_peers_fetch_finish (SocksPeerSource *source,
                                 GAsyncResult *result,
                                 GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
peer_source_init (SocksPeerSourceInterface *iface)
{
  iface->fetch_async = socks_static_peers_fetch_async;
  iface->fetch_finish = socks_static_peers_fetch_finish;
}

static void
socks_static_peers_finalize (GObject *object)
{
  SocksStaticPeers *self = SOCKS_STATIC_PEERS (object);

  g_clear_pointer (&self->endpoints, g_array_unref);

  G_OBJECT_CLASS (socks_static_peers_parent_class)->finalize (object);
}

static void
socks_static_peers_class_init (SocksStaticPeersClass *class)
{
  G_OBJECT_CLASS (class)->finalize = socks_static_peers_finalize;
}

static void
socks_static_peers_init (SocksStaticPeers *self)
{
  self->endpoints = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));
}

static gboolean
contains (const GArray *endpoints, const SocksEndpoint *endpoint)
{
  for (guint i = 0; i < endpoints->len; i++)
    if (socks_endpoint_equal (&g_array_index (endpoints, SocksEndpoint, i), endpoint))
      return TRUE;
  return FALSE;
}

/**
 * socks_static_peers_new:
 * @endpoints: (element-type SocksEndpoint): the peers, with their ports; copied
 * @listening_port: the port that this service listens on
 *
 * Makes a #SocksPeerSource that always answers, and always with the same peers, but for
 * those that are this service itself by an address that the machine has at the time: its
 * own port answers as a proxy as soon as it leads to one.
 *
 * Returns: (transfer full): the source
 */
SocksStaticPeers *
socks_static_peers_new (const GArray *endpoints, guint16 listening_port)
{
  SocksStaticPeers *self = g_object_new (SOCKS_TYPE_STATIC_PEERS, NULL);

  self->listening_port = listening_port;
  for (guint i = 0; i < endpoints->len; i++)
    {
      SocksEndpoint endpoint = g_array_index (endpoints, SocksEndpoint, i);

      if (!contains (self->endpoints, &endpoint))
        g_array_append_val (self->endpoints, endpoint);
    }
  return self;
}
