/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/connection.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define SOCKS_TYPE_PEER_PUBLISHER (socks_peer_publisher_get_type ())
G_DECLARE_FINAL_TYPE (SocksPeerPublisher,
                      socks_peer_publisher,
                      SOCKS,
                      PEER_PUBLISHER,
                      GObject)

SocksPeerPublisher *socks_peer_publisher_new (GDBusInterfaceSkeleton *object,
                                              SocksClock *clock,
                                              SocksConnection *connection,
                                              SocksSweeper *sweeper);

GVariant *socks_peer_publisher_get_proxies (SocksPeerPublisher *self);
GVariant *socks_peer_publisher_get_counts (SocksPeerPublisher *self);

G_END_DECLS
