/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus/authority.h"
#include "engine/clock.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_GATEKEEPER (socks_gatekeeper_get_type ())
G_DECLARE_FINAL_TYPE (SocksGatekeeper, socks_gatekeeper, SOCKS, GATEKEEPER, GObject)

SocksGatekeeper *socks_gatekeeper_new (SocksAuthority *authority, SocksClock *clock);

void socks_gatekeeper_admit_async (SocksGatekeeper *self,
                                   GDBusMethodInvocation *invocation,
                                   const char *action,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean socks_gatekeeper_admit_finish (SocksGatekeeper *self,
                                        GAsyncResult *result,
                                        guint32 *out_user,
                                        GError **error);
GCancellable *socks_gatekeeper_get_closed (SocksGatekeeper *self);
void socks_gatekeeper_close_async (SocksGatekeeper *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
void socks_gatekeeper_close_finish (SocksGatekeeper *self, GAsyncResult *result);

G_END_DECLS
