/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/proxy-list.h"
#include "model/snapshot.h"

G_BEGIN_DECLS

/* How many proxies the menu shows. */
#define SOCKS_MENU_MAX_PROXIES 12

/**
 * SocksMenuSlot:
 * @SOCKS_MENU_STATUS: what is so, in a line
 * @SOCKS_MENU_FASTEST: Connect to the fastest
 * @SOCKS_MENU_NOTICE: why there are no proxies, in the place of the first
 * @SOCKS_MENU_PROXY: the first of %SOCKS_MENU_MAX_PROXIES proxies
 * @SOCKS_MENU_ALL: All proxies…
 * @SOCKS_MENU_DISCONNECT: Disconnect
 * @SOCKS_MENU_PROBING: Look for proxies
 * @SOCKS_MENU_LOOK_NOW: Look now
 * @SOCKS_MENU_DESKTOP: Use for this desktop
 * @SOCKS_MENU_COPY: Copy address
 * @SOCKS_MENU_QUIT: Quit
 *
 * The places of the menu, from top to bottom. They are always the same ones.
 */
typedef enum
{
  SOCKS_MENU_STATUS,
  SOCKS_MENU_FASTEST,
  SOCKS_MENU_NOTICE,
  SOCKS_MENU_PROXY,
  SOCKS_MENU_ALL = SOCKS_MENU_PROXY + SOCKS_MENU_MAX_PROXIES,
  SOCKS_MENU_DISCONNECT,
  SOCKS_MENU_PROBING,
  SOCKS_MENU_LOOK_NOW,
  SOCKS_MENU_DESKTOP,
  SOCKS_MENU_COPY,
  SOCKS_MENU_QUIT,
} SocksMenuSlot;

#define SOCKS_MENU_N_SLOTS (SOCKS_MENU_QUIT + 1)

/**
 * SocksMenuMark:
 *
 * What stands before the label of a slot, if anything does.
 */
typedef enum
{
  SOCKS_MENU_MARK_NONE,
  SOCKS_MENU_MARK_CHECK,
  SOCKS_MENU_MARK_RADIO,
} SocksMenuMark;

/**
 * SocksMenuEntry:
 * @label: (owned): the text, to be shown as it is
 * @spoken: (owned) (nullable): the text for screen readers, where the badge says what
 *   @label does not
 * @title: (owned) (nullable): of a proxy, what it is called
 * @address: (owned) (nullable): of a proxy, what a click connects to
 * @badge: the picture
 * @is_visible: it is there
 * @is_sensitive: it can be clicked
 * @is_marked: the mark is set
 *
 * What a slot shows.
 */
typedef struct
{
  char *label;
  char *spoken;
  char *title;
  char *address;
  SocksProxyBadge badge;
  gboolean is_visible;
  gboolean is_sensitive;
  gboolean is_marked;
} SocksMenuEntry;

/**
 * SocksMenuDesktop:
 * @is_supported: this desktop has a setting for its proxy
 * @is_enabled: it is set while something is forwarded
 *
 * What "Use for this desktop" has to show.
 */
typedef struct
{
  gboolean is_supported;
  gboolean is_enabled;
} SocksMenuDesktop;

/**
 * SocksMenu:
 * @entries: what each #SocksMenuSlot shows
 *
 * What the menu shows, as a plain value.
 */
typedef struct
{
  SocksMenuEntry entries[SOCKS_MENU_N_SLOTS];
} SocksMenu;

SocksMenu *socks_menu_new (const SocksSnapshot *snapshot,
                           SocksProxyList *proxies,
                           SocksMenuDesktop desktop,
                           const SocksMenu *shown);
void socks_menu_free (SocksMenu *menu);

SocksMenuMark socks_menu_slot_get_mark (SocksMenuSlot slot);
gboolean socks_menu_slot_is_proxy (SocksMenuSlot slot);
gboolean socks_menu_slot_begins_group (SocksMenuSlot slot);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksMenu, socks_menu_free)

G_END_DECLS
