/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be done with one proxy, as a menu of the application's actions. Any thread. */

#include "config.h"

#include "window/row-menu.h"

#include <glib/gi18n-lib.h>

static void
add (GMenu *menu, const char *label, const char *action, SocksProxyItem *item)
{
  g_autoptr (GMenuItem) entry = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (entry, action, "s",
                                     socks_proxy_item_get_address (item));
  g_menu_append_item (menu, entry);
}

static void
add_section (GMenu *menu, GMenu *section)
{
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

/**
 * socks_row_menu_new:
 * @item: a proxy
 *
 * Returns: (transfer full): its menu, as it is to be now
 */
GMenuModel *
socks_row_menu_new (SocksProxyItem *item)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) use = g_menu_new ();
  g_autoptr (GMenu) keep = g_menu_new ();
  g_autoptr (GMenu) look = g_menu_new ();

  add (use, _ ("_Connect"), "app.connect", item);
  add_section (menu, use);
  add (keep, socks_proxy_item_get_name (item) != NULL ? _ ("Re_name…") : _ ("_Name…"),
       "app.name", item);
  add (keep, socks_proxy_item_is_pinned (item) ? _ ("Un_pin") : _ ("_Pin to the Top"),
       "app.pin", item);
  add_section (menu, keep);
  add (look, _ ("Copy _Address"), "app.copy-address", item);
  add (look, _ ("_Why Not?"), "app.why-not", item);
  add_section (menu, look);
  return G_MENU_MODEL (menu);
}
