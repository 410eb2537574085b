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
 * @identify_async: see socks_authority_identify_async()
 * @identify_finish: see socks_authority_identify_finish()
 * @check_async: see socks_authority_check_async()
 * @check_finish: see socks_authority_check_finish()
 *
 * Who knows whose a caller is and what it may do: polkit, or a test. Main thread.
 */
struct _SocksAuthorityInterface
{
  GTypeInterface g_iface;

  void (*identify_async) (SocksAuthority *self,
                          const char *sender,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
  gboolean (*identify_finish) (SocksAuthority *self,
                               GAsyncResult *result,
                               guint32 *out_user,
                               GError **error);
  void (*check_async) (SocksAuthority *self,
                       const char *sender,
                       guint32 user,
                       const char *action,
                       gboolean may_interact,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*check_finish) (SocksAuthority *self, GAsyncResult *result, GError **error);
};

void socks_authority_identify_async (SocksAuthority *self,
                                     const char *sender,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean socks_authority_identify_finish (SocksAuthority *self,
                                          GAsyncResult *result,
                                          guint32 *out_user,
                                          GError **error);
void socks_authority_check_async (SocksAuthority *self,
                                  const char *sender,
                                  guint32 user,
                                  const char *action,
                                  gboolean may_interact,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean socks_authority_check_finish (SocksAuthority *self,
                                       GAsyncResult *result,
                                       GError **error);

G_END_DECLS
