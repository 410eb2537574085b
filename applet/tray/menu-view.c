/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The menu's items, a fixed pool of them, and whether somebody has the menu open.
 *
 * The panel draws the menu, from what libdbusmenu tells it about these items, which never
 * appear anywhere themselves. A panel closes an open menu (LXQt) or gives it arrows to
 * scroll by (XFCE) when items come and go, so they only change. libdbusmenu takes a
 * mark or a picture from them, not both; hence the badges are given to it by hand, as
 * pixels, for the panel may have another icon theme.
 *
 * Whether the menu is open is known from the panel's messages, and those differ. GNOME is
 * about to show it at all times, but tells of each opening and closing. LXQt says that it
 * was closed, and only then that something was clicked in it: so for a moment after that
 * the slots keep what the person saw in them. XFCE says that it is about to show it, and
 * nothing when it is closed without a click: there it counts as open for a while. Not
 * until it is shown again, for lines that come and go then are too late for XFCE. */

#include "tray/menu-view.h"

#include <libdbusmenu-glib/dbusmenu-glib.h>
#include <libdbusmenu-gtk/menuitem.h>
#include <libdbusmenu-gtk/parser.h>

/* From a menu's end to the click that ended it. */
#define CLICK_MS 1000
/* As long as a person may look at a menu. */
#define LOOK_MS 30000

#define BADGE_RESOURCE "/org/mycelium/Socks/Tray/badges/"

static const char *const badge_files[] = {
  [SOCKS_PROXY_BADGE_OPEN] = BADGE_RESOURCE "open.png",
  [SOCKS_PROXY_BADGE_LOCK] = BADGE_RESOURCE "lock.png",
};

struct _SocksMenuView
{
  GObject parent_instance;

  GtkMenu *menu;                                 /* (owned) */
  DbusmenuMenuitem *root;                        /* (owned): of what panels see */
  GtkMenuItem *items[SOCKS_MENU_N_SLOTS];        /* (unowned): in the menu */
  GdkPixbuf *badges[G_N_ELEMENTS (badge_files)]; /* (owned) (nullable) */
  SocksMenu *shown;                              /* (owned) */
  gboolean is_open;
  gboolean is_opening_told; /* by this panel */
  guint closing_id;         /* until it counts as closed; 0 for not by itself */
};

G_DEFINE_FINAL_TYPE (SocksMenuView, socks_menu_view, G_TYPE_OBJECT)

enum
{
  CHOSEN,
  RELEASED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void activated_cb (GtkMenuItem *item, SocksMenuView *self);

/* A check item also activates itself when its mark is set. */
static void
set_mark (SocksMenuView *self, GtkMenuItem *item, gboolean is_marked)
{
  GtkCheckMenuItem *check = GTK_CHECK_MENU_ITEM (item);

  if (!gtk_check_menu_item_get_active (check) == !is_marked)
    return;
  g_signal_handlers_block_by_func (item, activated_cb, self);
  gtk_check_menu_item_set_active (check, is_marked);
  g_signal_handlers_unblock_by_func (item, activated_cb, self);
}

/* Nobody looks any more. */
static void
release (SocksMenuView *self)
{
  g_clear_handle_id (&self->closing_id, g_source_remove);
  self->is_open = FALSE;
  g_signal_emit (self, signals[RELEASED], 0);
}

static void
activated_cb (GtkMenuItem *item, SocksMenuView *self)
{
  SocksMenuSlot slot = SOCKS_MENU_STATUS;
  g_autofree char *address = NULL;

  while (self->items[slot] != item)
    slot++;

  /* The click has set the mark. Only the service can. */
  if (GTK_IS_CHECK_MENU_ITEM (item))
    set_mark (self, item, self->shown->entries[slot].is_marked);

  address = g_strdup (self->shown->entries[slot].address);
  g_signal_emit (self, signals[CHOSEN], 0, (guint) slot, address);
  release (self);
}

static gboolean
closed_cb (gpointer data)
{
  SocksMenuView *self = data;

  self->closing_id = 0;
  release (self);
  return G_SOURCE_REMOVE;
}

static void
close_in (SocksMenuView *self, guint interval_ms)
{
  g_clear_handle_id (&self->closing_id, g_source_remove);
  self->closing_id = g_timeout_add (interval_ms, closed_cb, self);
}

static void
about_to_show_cb (DbusmenuMenuitem *root, SocksMenuView *self)
{
  if (self->is_opening_told)
    return;
  self->is_open = TRUE;
  close_in (self, LOOK_MS);
}

static gboolean
event_cb (DbusmenuMenuitem *root,
          const char *name,
          GVariant *value,
          guint timestamp,
          SocksMenuView *self)
{
  if (g_str_equal (name, DBUSMENU_MENUITEM_EVENT_OPENED))
    {
      /* What was closed a moment ago may change before it is seen again. */
      if (self->is_opening_told && self->closing_id != 0)
        release (self);
      g_clear_handle_id (&self->closing_id, g_source_remove);
      self->is_open = self->is_opening_told = TRUE;
    }
  else if (g_str_equal (name, DBUSMENU_MENUITEM_EVENT_CLOSED) && self->is_open)
    close_in (self, CLICK_MS);
  return FALSE;
}

static void
socks_menu_view_dispose (GObject *object)
{
  SocksMenuView *self = SOCKS_MENU_VIEW (object);

  g_clear_handle_id (&self->closing_id, g_source_remove);
  if (self->root != NULL)
    g_signal_handlers_disconnect_by_data (self->root, self);
  g_clear_object (&self->root);
  if (self->menu != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->menu));
  g_clear_object (&self->menu);

  G_OBJECT_CLASS (socks_menu_view_parent_class)->dispose (object);
}

static void
socks_menu_view_finalize (GObject *object)
{
  SocksMenuView *self = SOCKS_MENU_VIEW (object);

  for (guint badge = 0; badge < G_N_ELEMENTS (badge_files); badge++)
    g_clear_object (&self->badges[badge]);
  socks_menu_free (self->shown);

  G_OBJECT_CLASS (socks_menu_view_parent_class)->finalize (object);
}

static void
socks_menu_view_class_init (SocksMenuViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_menu_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_menu_view_finalize;

  signals[CHOSEN] =
      g_signal_new ("chosen", SOCKS_TYPE_MENU_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[RELEASED] = g_signal_new ("released", SOCKS_TYPE_MENU_VIEW, G_SIGNAL_RUN_LAST,
                                    0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkMenuItem *
new_item (SocksMenuMark mark)
{
  GtkWidget *item;

  /* Never with a mnemonic: addresses come from the network. */
  if (mark == SOCKS_MENU_MARK_NONE)
    return GTK_MENU_ITEM (gtk_menu_item_new_with_label (""));
  item = gtk_check_menu_item_new_with_label ("");
  gtk_check_menu_item_set_draw_as_radio (GTK_CHECK_MENU_ITEM (item),
                                         mark == SOCKS_MENU_MARK_RADIO);
  return GTK_MENU_ITEM (item);
}

static void
append (SocksMenuView *self, GtkWidget *item)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (self->menu), item);
}

static void
socks_menu_view_init (SocksMenuView *self)
{
  self->menu = GTK_MENU (g_object_ref_sink (gtk_menu_new ()));
  self->shown = g_new0 (SocksMenu, 1);

  for (guint slot = 0; slot < SOCKS_MENU_N_SLOTS; slot++)
    {
      GtkMenuItem *item = new_item (socks_menu_slot_get_mark (slot));

      if (socks_menu_slot_begins_group (slot))
        {
          GtkWidget *line = gtk_separator_menu_item_new ();

          gtk_widget_show (line);
          append (self, line);
        }
      append (self, GTK_WIDGET (item));
      g_signal_connect (item, "activate", G_CALLBACK (activated_cb), self);
      self->items[slot] = item;
    }

  for (guint badge = 0; badge < G_N_ELEMENTS (badge_files); badge++)
    if (badge_files[badge] != NULL)
      self->badges[badge] = gdk_pixbuf_new_from_resource (badge_files[badge], NULL);

  self->root = dbusmenu_gtk_parse_menu_structure (GTK_WIDGET (self->menu));
  g_signal_connect (self->root, DBUSMENU_MENUITEM_SIGNAL_ABOUT_TO_SHOW,
                    G_CALLBACK (about_to_show_cb), self);
  g_signal_connect (self->root, DBUSMENU_MENUITEM_SIGNAL_EVENT, G_CALLBACK (event_cb),
                    self);
}

/**
 * socks_menu_view_new:
 *
 * Returns: (transfer full): a menu that shows nothing yet
 */
SocksMenuView *
socks_menu_view_new (void)
{
  return g_object_new (SOCKS_TYPE_MENU_VIEW, NULL);
}

/**
 * socks_menu_view_get_menu:
 * @self: a view
 *
 * Returns: (transfer none): the widget
 */
GtkMenu *
socks_menu_view_get_menu (SocksMenuView *self)
{
  return self->menu;
}

static void
set_badge (SocksMenuView *self, DbusmenuMenuitem *seen, SocksProxyBadge badge)
{
  if (self->badges[badge] != NULL)
    dbusmenu_menuitem_property_set_image (seen, DBUSMENU_MENUITEM_PROP_ICON_DATA,
                                          self->badges[badge]);
  else
    dbusmenu_menuitem_property_remove (seen, DBUSMENU_MENUITEM_PROP_ICON_DATA);
}

/* An underscore would be taken for the mark of a key, unless there are two. */
static void
set_label (GtkMenuItem *item, const char *label)
{
  g_autoptr (GString) text = g_string_new (label);

  g_string_replace (text, "_", "__", 0 /* all of them */);
  gtk_menu_item_set_label (item, text->str);
}

static void
show_entry (SocksMenuView *self,
            GtkMenuItem *item,
            const SocksMenuEntry *before,
            const SocksMenuEntry *now)
{
  DbusmenuMenuitem *seen = dbusmenu_gtk_parse_get_cached_item (GTK_WIDGET (item));

  if (g_strcmp0 (before->label, now->label) != 0)
    set_label (item, now->label);
  if (g_strcmp0 (before->spoken, now->spoken) != 0)
    dbusmenu_menuitem_property_set (seen, DBUSMENU_MENUITEM_PROP_ACCESSIBLE_DESC,
                                    now->spoken);
  if (before->badge != now->badge)
    set_badge (self, seen, now->badge);
  if (GTK_IS_CHECK_MENU_ITEM (item))
    set_mark (self, item, now->is_marked);
  gtk_widget_set_sensitive (GTK_WIDGET (item), now->is_sensitive);
  gtk_widget_set_visible (GTK_WIDGET (item), now->is_visible);
}

/**
 * socks_menu_view_show:
 * @self: a view
 * @menu: (transfer full): what it is to show
 *
 * Changes what differs from what it shows.
 */
void
socks_menu_view_show (SocksMenuView *self, SocksMenu *menu)
{
  g_autoptr (SocksMenu) before = self->shown;

  self->shown = menu;
  for (guint slot = 0; slot < SOCKS_MENU_N_SLOTS; slot++)
    show_entry (self, self->items[slot], &before->entries[slot], &menu->entries[slot]);
}

/**
 * socks_menu_view_get_looked_at:
 * @self: a view
 *
 * Returns: (transfer none) (nullable): what it shows, if the menu is open
 */
const SocksMenu *
socks_menu_view_get_looked_at (SocksMenuView *self)
{
  return self->is_open ? self->shown : NULL;
}
