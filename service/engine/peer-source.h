/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SOCKS_TYPE_PEER_SOURCE (socks_peer_source_get_type ())
G_DECLARE_INTERFACE (SocksPeerSource, socks_peer_source, SOCKS, PEER_SOURCE, GObject)

/**
 * SocksPeerSourceInterface:
 * @fetch_async: starts to find out who could be a proxy
 * @fetch_finish: gives the peers, or why they are not known
 *
 * Somewhere that peers come from: the Mycelium node, the configuration file, a test.
 * Called from the main thread. A source may be asked again once it has answered or the
 * question before was cancelled, though the answer to that may still be on its way.
 */
struct _SocksPeerSourceInterface
{
  GTypeInterface g_iface;

  void (*fetch_async) (SocksPeerSource *self,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  GArray *(*fetch_finish) (SocksPeerSource *self, GAsyncResult *result, GError **error);
};

void socks_peer_source_fetch_async (SocksPeerSource *self,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
GArray *socks_peer_source_fetch_finish (SocksPeerSource *self,
                                        GAsyncResult *result,
                                        GError **error);

G_END_DECLS
