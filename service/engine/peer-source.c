/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface of everything that peers come from. */

#include "engine/peer-source.h"

G_DEFINE_INTERFACE (SocksPeerSource, socks_peer_source, G_TYPE_OBJECT)

static void
socks_peer_source_default_init (SocksPeerSourceInterface *iface)
{
}

/**
 * socks_peer_source_fetch_async:
 * @self: a peer source
 * @cancellable: (nullable): ends the question
 * @callback: called when the answer is there
 * @user_data: for @callback
 *
 * Asks for the peers that exist now.
 */
void
socks_peer_source_fetch_async (SocksPeerSource *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  SOCKS_PEER_SOURCE_GET_IFACE (self)->fetch_async (self, cancellable, callback,
                                                   user_data);
}

/**
 * socks_peer_source_fetch_finish:
 * @self: a peer source
 * @result: what the callback was given
 * @error: return location for a %SOCKS_ERROR_NODE or a %G_IO_ERROR_CANCELLED
 *
 * Returns: (transfer full) (element-type SocksEndpoint): the peers, each once, in no
 *   order; %NULL on failure, which says nothing about the peers known before
 */
GArray *
socks_peer_source_fetch_finish (SocksPeerSource *self,
                                GAsyncResult *result,
                                GError **error)
{
  return SOCKS_PEER_SOURCE_GET_IFACE (self)->fetch_finish (self, result, error);
}
