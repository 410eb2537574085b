/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksTray:
 *
 * The tray: icon and menu of one client, and what a click does.
 *
 * Signal: `quit`, somebody wants it to end.
 */
#define SOCKS_TYPE_TRAY (socks_tray_get_type ())
G_DECLARE_FINAL_TYPE (SocksTray, socks_tray, SOCKS, TRAY, GObject)

SocksTray *socks_tray_new (GDBusConnection *session_bus);
void socks_tray_open_window (SocksTray *self);

G_END_DECLS
