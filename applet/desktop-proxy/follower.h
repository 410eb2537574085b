/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/setter.h"
#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksDesktopFollower:
 *
 * Keeps the desktop's proxy as the service is, while it is switched on.
 *
 * Properties, that notify of real changes: `enabled`, it is switched on; `active`, the
 * desktop's proxy is set.
 */
#define SOCKS_TYPE_DESKTOP_FOLLOWER (socks_desktop_follower_get_type ())
G_DECLARE_FINAL_TYPE (SocksDesktopFollower,
                      socks_desktop_follower,
                      SOCKS,
                      DESKTOP_FOLLOWER,
                      GObject)

SocksDesktopFollower *socks_desktop_follower_new (SocksClient *client,
                                                  SocksDesktopSetter *setter);

gboolean socks_desktop_follower_get_enabled (SocksDesktopFollower *self);
gboolean socks_desktop_follower_get_active (SocksDesktopFollower *self);

void socks_desktop_follower_enable_async (SocksDesktopFollower *self,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean socks_desktop_follower_enable_finish (SocksDesktopFollower *self,
                                               GAsyncResult *result,
                                               GError **error);
gboolean socks_desktop_follower_disable (SocksDesktopFollower *self, GError **error);

SocksDesktopTarget *socks_desktop_follower_choose (const SocksSnapshot *snapshot,
                                                   const SocksDesktopTarget *current);

G_END_DECLS
