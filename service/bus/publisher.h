/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/connection.h"
#include "engine/node-client.h"
#include "socks-dbus.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_PUBLISHER (socks_publisher_get_type ())
G_DECLARE_FINAL_TYPE (SocksPublisher, socks_publisher, SOCKS, PUBLISHER, GObject)

SocksPublisher *socks_publisher_new (SocksDBusSocks *object,
                                     const SocksSettings *settings,
                                     SocksClock *clock,
                                     SocksConnection *connection,
                                     SocksSweeper *sweeper,
                                     SocksNodeClient *node,
                                     SocksRelay *relay);

GVariant *socks_publisher_get_fresh (SocksPublisher *self, const char *property_name);

G_END_DECLS
