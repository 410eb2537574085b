/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

#include "relay/relay.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_RELAY_WATCH (socks_relay_watch_get_type ())
G_DECLARE_FINAL_TYPE (SocksRelayWatch, socks_relay_watch, SOCKS, RELAY_WATCH, GObject)

SocksRelayWatch *socks_relay_watch_new (SocksRelay *relay);

void socks_relay_watch_await_settled (SocksRelayWatch *self, GTask *task);

G_END_DECLS
