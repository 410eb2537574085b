/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/backend.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksPlasmaBackend:
 *
 * Plasma's proxy: the file `kioslaverc`.
 */
#define SOCKS_TYPE_PLASMA_BACKEND (socks_plasma_backend_get_type ())
G_DECLARE_FINAL_TYPE (SocksPlasmaBackend,
                      socks_plasma_backend,
                      SOCKS,
                      PLASMA_BACKEND,
                      GObject)

SocksDesktopBackend *socks_plasma_backend_new (GDBusConnection *session_bus);

G_END_DECLS
