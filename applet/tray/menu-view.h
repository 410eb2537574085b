/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "tray/menu.h"

G_BEGIN_DECLS

/**
 * SocksMenuView:
 *
 * The menu's items. All of them are made once; from then on none is added or removed.
 *
 * Signals: `chosen` (uint slot, string address), somebody clicked; `released`, nothing has
 * to keep its place any more, and what is shown should be brought up to date.
 */
#define SOCKS_TYPE_MENU_VIEW (socks_menu_view_get_type ())
G_DECLARE_FINAL_TYPE (SocksMenuView, socks_menu_view, SOCKS, MENU_VIEW, GObject)

SocksMenuView *socks_menu_view_new (void);

GtkMenu *socks_menu_view_get_menu (SocksMenuView *self);
void socks_menu_view_show (SocksMenuView *self, SocksMenu *menu);
const SocksMenu *socks_menu_view_get_looked_at (SocksMenuView *self);

G_END_DECLS
