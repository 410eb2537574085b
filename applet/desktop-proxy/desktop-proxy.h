/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksDesktopProxy:
 *
 * “Use for this desktop”, as its faces see it.
 *
 * The work is done by a program of its own, `mycelium-socks-desktop-proxy`, that the
 * session bus starts when it is switched on and that ends when it is switched off. So the
 * tray and the window show the same, and neither has to run for it.
 *
 * Properties, read-only, that notify of real changes: `supported`, whether this desktop
 * has a setting for it (else don't offer it; never changes); `enabled`, whether it is
 * switched on: what a check mark shows; `active`, whether the desktop's proxy is set now:
 * when it is switched on and the service forwards.
 */
#define SOCKS_TYPE_DESKTOP_PROXY (socks_desktop_proxy_get_type ())
G_DECLARE_FINAL_TYPE (SocksDesktopProxy,
                      socks_desktop_proxy,
                      SOCKS,
                      DESKTOP_PROXY,
                      GObject)

SocksDesktopProxy *socks_desktop_proxy_new (GDBusConnection *session_bus);

gboolean socks_desktop_proxy_get_supported (SocksDesktopProxy *self);
gboolean socks_desktop_proxy_get_enabled (SocksDesktopProxy *self);
gboolean socks_desktop_proxy_get_active (SocksDesktopProxy *self);

/* Off is what Quit does too, and waits for. */
void socks_desktop_proxy_set_enabled_async (SocksDesktopProxy *self,
                                            gboolean enabled,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean socks_desktop_proxy_set_enabled_finish (SocksDesktopProxy *self,
                                                 GAsyncResult *result,
                                                 GError **error);

const char *socks_desktop_proxy_error_text (const GError *error);

G_END_DECLS
