/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/bus-link.h"
#include "model/snapshot.h"

G_BEGIN_DECLS

#define SOCKS_SERVICE_NAME "org.mycelium.Socks"
#define SOCKS_SERVICE_PATH "/org/mycelium/Socks"
#define SOCKS_SERVICE_INTERFACE "org.mycelium.Socks"

/**
 * SocksServiceWatch:
 *
 * Whether the service is there, and what it sends.
 *
 * Signals: `availability-changed`; `properties` (#GVariant `a{sv}`), all of them when the
 * service has become %SOCKS_AVAILABILITY_PRESENT (then without `availability-changed`),
 * later those that changed; `remote-changed` (#GVariant `(sss)`).
 */
#define SOCKS_TYPE_SERVICE_WATCH (socks_service_watch_get_type ())
G_DECLARE_FINAL_TYPE (SocksServiceWatch,
                      socks_service_watch,
                      SOCKS,
                      SERVICE_WATCH,
                      GObject)

SocksServiceWatch *socks_service_watch_new (SocksBusLink *link);

SocksAvailability socks_service_watch_get_availability (SocksServiceWatch *self);

gboolean socks_service_watch_begin_start (SocksServiceWatch *self);
void socks_service_watch_end_start (SocksServiceWatch *self);

G_END_DECLS
