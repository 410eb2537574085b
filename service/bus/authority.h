/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SOCKS_ACTION_PROBE "org.mycelium.Socks.probe"
#define SOCKS_ACTION_CONNECT "org.mycelium.Socks.connect"
#define SOCKS_ACTION_CONNECT_ELSEWHERE "org.mycelium.Socks.connect-elsewhere"

#define SOCKS_TYPE_AUTHORITY (socks_authority_get_type ())
G_DECLARE_INTERFACE (SocksAuthority, socks_authority, SOCKS, AUTHORITY, GObject)

/**
 * SocksAuthorityInterface:
 * @check_async: see socks_authority_check_async()
 * @check_finish: see socks_authority_check_finish()
 *
 * Who knows what a caller may do: polkit, or a test. Main thread.
 */
struct _SocksAuthorityInterface
{
  GTypeInterface g_iface;

  void (*check_async) (SocksAuthority *self,
                       const char *sender,
                       const char *action,
                       gboolean may_interact,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*check_finish) (SocksAuthority *self, GAsyncResult *result, GError **error);
};

void socks_authority_check_async (SocksAuthority *self,
                                  const char *sender,
                                  const char *action,
                                  gboolean may_interact,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean socks_authority_check_finish (SocksAuthority *self,
                                       GAsyncResult *result,
                                       GError **error);

G_END_DECLS
