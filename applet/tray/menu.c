/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the menu shows: a pure function of the snapshot, of the list of proxies, of
 * whether the desktop uses the local port, and of what a person looks at.
 *
 * The last one is there because nothing may move under the pointer: in a menu that is
 * open a proxy keeps its slot, whatever it does, until the menu is closed. One that is
 * gone stays where it was and can't be clicked; a new one is not shown. Only the notice
 * that there are no proxies, which can't be clicked either, gives its place to the first
 * one.
 *
 * Knows no GTK. Any thread. */

#include "config.h"

#include "tray/menu.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/state-text.h"

static gboolean
is_there_a_service (const SocksSnapshot *snapshot)
{
  switch (snapshot->availability)
    {
    case SOCKS_AVAILABILITY_NOT_RUNNING: /* a call starts it */
    case SOCKS_AVAILABILITY_STARTING:
    case SOCKS_AVAILABILITY_NOT_ANSWERING:
    case SOCKS_AVAILABILITY_PRESENT:
      return TRUE;
    case SOCKS_AVAILABILITY_UNKNOWN:
    case SOCKS_AVAILABILITY_NO_BUS:
    case SOCKS_AVAILABILITY_NOT_INSTALLED:
    default:
      return FALSE;
    }
}

static gboolean
is_shown (const SocksMenu *menu, SocksMenuSlot slot)
{
  return menu != NULL && menu->entries[slot].is_visible;
}

/* Takes @label. */
static void
show (SocksMenu *menu, SocksMenuSlot slot, char *label, gboolean is_sensitive)
{
  SocksMenuEntry *entry = &menu->entries[slot];

  entry->label = label;
  entry->is_visible = TRUE;
  entry->is_sensitive = is_sensitive;
}

static void
mark (SocksMenu *menu, SocksMenuSlot slot, gboolean is_marked)
{
  menu->entries[slot].is_marked = is_marked;
}

static char *
label_proxy (const char *title, guint latency_us)
{
  g_autofree char *latency = socks_latency_text (latency_us);

  if (*latency == '\0')
    return g_strdup (title);
  /* Translators: a proxy in the menu: its name or address, and how long its answers take,
   * as in "407:1f…9ab2 — 42 ms" */
  return g_strdup_printf (C_ ("proxy", "%s — %s"), title, latency);
}

/* @item is %NULL if the proxy is not listed (any more), and @title what it is called
 * then.
 */
static void
show_proxy (SocksMenu *menu,
            SocksMenuSlot slot,
            const char *address,
            SocksProxyItem *item,
            const char *title,
            const char *remote)
{
  SocksMenuEntry *entry = &menu->entries[slot];
  gboolean is_remote = g_str_equal (address, remote);
  guint latency_us = item != NULL ? socks_proxy_item_get_latency_us (item) : 0;

  entry->title = item != NULL ? socks_proxy_item_dup_title (item) : g_strdup (title);
  show (menu, slot, label_proxy (entry->title, latency_us), item != NULL || is_remote);
  mark (menu, slot, is_remote);
  entry->address = g_strdup (address);
  entry->badge =
      item != NULL ? socks_proxy_item_get_badge (item) : SOCKS_PROXY_BADGE_NONE;
  if (entry->badge != SOCKS_PROXY_BADGE_NONE)
    /* Translators: a proxy for a screen reader: the label in the menu, and whether it is
     * open or wants a login */
    entry->spoken = g_strdup_printf (C_ ("proxy", "%s, %s"), entry->label,
                                     socks_proxy_item_get_status_text (item));
}

static int
compare_places_cb (gconstpointer a, gconstpointer b)
{
  guint place_a = socks_proxy_item_get_place (*(SocksProxyItem *const *) a);
  guint place_b = socks_proxy_item_get_place (*(SocksProxyItem *const *) b);

  return place_a < place_b ? -1 : place_a > place_b;
}

/* Those that are pinned and were used last, then the others in the order of the service,
 * which is that of speed: the sort is stable. */
static GPtrArray *
sort (SocksProxyList *proxies)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (proxies));
  GPtrArray *items = g_ptr_array_new_full (n_items, g_object_unref);

  for (guint i = 0; i < n_items; i++)
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (proxies), i));
  g_ptr_array_sort (items, compare_places_cb);
  return items;
}

/* The remote, and then the others. */
static void
show_proxies_anew (SocksMenu *menu,
                   SocksProxyList *proxies,
                   const SocksSnapshot *snapshot,
                   guint n_slots)
{
  g_autoptr (GPtrArray) items = sort (proxies);
  const char *remote = snapshot->remote;
  SocksMenuSlot slot = SOCKS_MENU_PROXY;
  const SocksMenuSlot end = SOCKS_MENU_PROXY + n_slots;

  if (*remote != '\0')
    {
      g_autofree char *title = socks_state_text_remote (snapshot);

      show_proxy (menu, slot++, remote, socks_proxy_list_lookup (proxies, remote), title,
                  remote);
    }

  for (guint i = 0; i < items->len && slot < end; i++)
    {
      SocksProxyItem *item = g_ptr_array_index (items, i);
      const char *address = socks_proxy_item_get_address (item);

      if (!g_str_equal (address, remote))
        show_proxy (menu, slot++, address, item, NULL, remote);
    }
}

static void
show_proxies_again (SocksMenu *menu,
                    SocksProxyList *proxies,
                    const char *remote,
                    const SocksMenu *shown)
{
  for (guint slot = SOCKS_MENU_PROXY; slot < SOCKS_MENU_ALL; slot++)
    {
      const char *address = shown->entries[slot].address;

      if (is_shown (shown, slot))
        show_proxy (menu, slot, address, socks_proxy_list_lookup (proxies, address),
                    shown->entries[slot].title, remote);
    }
}

static void
show_proxies (SocksMenu *menu,
              const SocksSnapshot *snapshot,
              SocksProxyList *proxies,
              const SocksMenu *shown)
{
  const char *notice;

  if (shown == NULL)
    show_proxies_anew (menu, proxies, snapshot, SOCKS_MENU_MAX_PROXIES);
  else if (is_shown (shown, SOCKS_MENU_NOTICE))
    show_proxies_anew (menu, proxies, snapshot, 1);
  else
    show_proxies_again (menu, proxies, snapshot->remote, shown);

  if (is_shown (menu, SOCKS_MENU_PROXY))
    return;
  notice = socks_situation_text_title (socks_snapshot_get_situation (snapshot));
  /* Not to be said twice, unless that would move what is below. */
  if (shown != NULL ? is_shown (shown, SOCKS_MENU_NOTICE)
                    : !g_str_equal (notice, menu->entries[SOCKS_MENU_STATUS].label))
    show (menu, SOCKS_MENU_NOTICE, g_strdup (notice), FALSE);
}

/**
 * socks_menu_new:
 * @snapshot: what the service says of itself
 * @proxies: the proxies that it lists
 * @desktop: whether the desktop's proxy is to be the local port
 * @shown: (nullable): the menu that a person is looking at, of which nothing may move;
 *   %NULL if nobody looks
 *
 * Returns: (transfer full): what the menu shows
 */
SocksMenu *
socks_menu_new (const SocksSnapshot *snapshot,
                SocksProxyList *proxies,
                SocksMenuDesktop desktop,
                const SocksMenu *shown)
{
  SocksMenu *menu = g_new0 (SocksMenu, 1);
  gboolean is_service = is_there_a_service (snapshot);
  gboolean is_wanted = snapshot->state != SOCKS_CLIENT_DISCONNECTED;

  show (menu, SOCKS_MENU_STATUS, socks_state_text (snapshot), FALSE);
  show (menu, SOCKS_MENU_FASTEST, g_strdup (_ ("Connect to the fastest")), is_service);
  show_proxies (menu, snapshot, proxies, shown);
  show (menu, SOCKS_MENU_ALL, g_strdup (_ ("All proxies…")), TRUE);
  show (menu, SOCKS_MENU_DISCONNECT, g_strdup (_ ("Disconnect")), is_wanted);

  show (menu, SOCKS_MENU_PROBING, g_strdup (_ ("Look for proxies")), is_service);
  mark (menu, SOCKS_MENU_PROBING, snapshot->probing);
  show (menu, SOCKS_MENU_LOOK_NOW, g_strdup (_ ("Look now")),
        is_service && !snapshot->sweeping);

  if (desktop.is_supported)
    show (menu, SOCKS_MENU_DESKTOP, g_strdup (_ ("Use for this desktop")), TRUE);
  mark (menu, SOCKS_MENU_DESKTOP, desktop.is_enabled);
  show (menu, SOCKS_MENU_COPY, g_strdup (_ ("Copy address")),
        *snapshot->listening != '\0');
  show (menu, SOCKS_MENU_QUIT, g_strdup (_ ("Quit")), TRUE);
  return menu;
}

/**
 * socks_menu_free:
 * @menu: (transfer full): a menu
 */
void
socks_menu_free (SocksMenu *menu)
{
  for (guint slot = 0; slot < SOCKS_MENU_N_SLOTS; slot++)
    {
      g_free (menu->entries[slot].label);
      g_free (menu->entries[slot].title);
      g_free (menu->entries[slot].spoken);
      g_free (menu->entries[slot].address);
    }
  g_free (menu);
}

/**
 * socks_menu_slot_is_proxy:
 * @slot: a slot
 *
 * Returns: whether it is one of those for proxies
 */
gboolean
socks_menu_slot_is_proxy (SocksMenuSlot slot)
{
  return slot >= SOCKS_MENU_PROXY && slot < SOCKS_MENU_ALL;
}

/**
 * socks_menu_slot_get_mark:
 * @slot: a slot
 *
 * Returns: the kind of mark that it has
 */
SocksMenuMark
socks_menu_slot_get_mark (SocksMenuSlot slot)
{
  if (socks_menu_slot_is_proxy (slot))
    return SOCKS_MENU_MARK_RADIO;
  if (slot == SOCKS_MENU_PROBING || slot == SOCKS_MENU_DESKTOP)
    return SOCKS_MENU_MARK_CHECK;
  return SOCKS_MENU_MARK_NONE;
}

/**
 * socks_menu_slot_begins_group:
 * @slot: a slot
 *
 * Returns: whether a line stands above it
 */
gboolean
socks_menu_slot_begins_group (SocksMenuSlot slot)
{
  return slot == SOCKS_MENU_FASTEST || slot == SOCKS_MENU_DISCONNECT ||
         slot == SOCKS_MENU_PROBING || slot == SOCKS_MENU_DESKTOP ||
         slot == SOCKS_MENU_QUIT;
}
