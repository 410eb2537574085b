/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/backend.h"

G_BEGIN_DECLS

/**
 * SocksGnomeBackend:
 *
 * GNOME's `org.gnome.system.proxy`, that other desktops and many programs heed too.
 */
#define SOCKS_TYPE_GNOME_BACKEND (socks_gnome_backend_get_type ())
G_DECLARE_FINAL_TYPE (SocksGnomeBackend,
                      socks_gnome_backend,
                      SOCKS,
                      GNOME_BACKEND,
                      GObject)

SocksDesktopBackend *socks_gnome_backend_new (void);

G_END_DECLS
