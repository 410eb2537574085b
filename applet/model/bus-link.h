/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksBusLink:
 *
 * A connection to the system bus that comes back when it was lost.
 *
 * Signal `changed`: there is another connection, or none any more, or the first attempt
 * to get one has failed.
 */
#define SOCKS_TYPE_BUS_LINK (socks_bus_link_get_type ())
G_DECLARE_FINAL_TYPE (SocksBusLink, socks_bus_link, SOCKS, BUS_LINK, GObject)

SocksBusLink *socks_bus_link_new (const char *address);

GDBusConnection *socks_bus_link_get (SocksBusLink *self);
void socks_bus_link_wait_async (SocksBusLink *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
GDBusConnection *
socks_bus_link_wait_finish (SocksBusLink *self, GAsyncResult *result, GError **error);

G_END_DECLS
