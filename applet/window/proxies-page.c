/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The page of the proxies. The list in the .ui is the client's, sorted and filtered; while
 * the pointer is over it, it is not sorted anew. Main thread. */

#include "window/proxies-page.h"

#include "window/address-bar.h"
#include "window/calm-order.h"
#include "window/empty-page.h"
#include "window/proxy-row.h"
#include "window/sweep-bar.h"

struct _SocksProxiesPage
{
  SocksClientBin parent_instance;

  SocksOrder order;
  gboolean has_pointer; /* over the list */

  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  SocksEmptyPage *empty_page;
  GtkWidget *nothing_found;
  GtkWidget *list;
  GtkListView *list_view;
  GtkFilterListModel *found;
  SocksCalmOrder *sorter;
  SocksAddressBar *address_bar;
};

G_DEFINE_FINAL_TYPE (SocksProxiesPage, socks_proxies_page, SOCKS_TYPE_CLIENT_BIN)

typedef enum
{
  PROP_ORDER = 1,
} Property;

static GParamSpec *properties[PROP_ORDER + 1];

static void
settle (SocksProxiesPage *self)
{
  SocksClient *client = socks_client_bin_get_client (SOCKS_CLIENT_BIN (self));

  if (client != NULL && !self->has_pointer)
    socks_calm_order_settle (self->sorter,
                             G_LIST_MODEL (socks_client_get_proxies (client)),
                             self->order);
}

/* The list, why it is empty, or that nothing in it was found. */
static void
show (SocksProxiesPage *self)
{
  SocksClient *client = socks_client_bin_get_client (SOCKS_CLIENT_BIN (self));
  gboolean has_proxies, has_found;

  if (client == NULL)
    return;
  has_proxies =
      g_list_model_get_n_items (G_LIST_MODEL (socks_client_get_proxies (client))) > 0;
  has_found = g_list_model_get_n_items (G_LIST_MODEL (self->found)) > 0;
  if (!has_proxies)
    {
      SocksSituation situation =
          socks_snapshot_get_situation (socks_client_get_snapshot (client));

      /* Counts and list may come in two messages. */
      if (situation == SOCKS_SITUATION_PROXIES)
        situation = SOCKS_SITUATION_LOOKING;
      socks_empty_page_set_situation (self->empty_page, situation);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->empty_page), !has_proxies);
  gtk_widget_set_visible (self->nothing_found, has_proxies && !has_found);
  gtk_widget_set_visible (self->list, has_found);
}

static void
socks_proxies_page_update (SocksClientBin *bin,
                           const SocksSnapshot *snapshot,
                           SocksSnapshotField changed)
{
  SocksProxiesPage *self = SOCKS_PROXIES_PAGE (bin);

  if ((changed & SOCKS_SNAPSHOT_PROXIES) != 0)
    settle (self);
  show (self);
}

/* The list keeps what is at its top in place, and so would hide what comes before that. Who
 * has not scrolled wants to see the first ones. */
static void
found_changed_cb (SocksProxiesPage *self)
{
  GtkAdjustment *place = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->list_view));

  show (self);
  if (gtk_adjustment_get_value (place) == 0 &&
      g_list_model_get_n_items (G_LIST_MODEL (self->found)) > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u",
                                0);
}

static void
pointer_entered_cb (SocksProxiesPage *self)
{
  self->has_pointer = TRUE;
}

static void
pointer_left_cb (SocksProxiesPage *self)
{
  self->has_pointer = FALSE;
  settle (self);
}

static void
activated_cb (SocksProxiesPage *self, guint position)
{
  g_autoptr (SocksProxyItem) item =
      g_list_model_get_item (G_LIST_MODEL (self->found), position);

  gtk_widget_activate_action (GTK_WIDGET (self), "app.connect", "s",
                              socks_proxy_item_get_address (item));
}

/* The row that has the focus: it is inside of the list's own widget for it. */
static SocksProxyRow *
get_focused_row (SocksProxiesPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focused = gtk_root_get_focus (root);
  GtkWidget *row = focused != NULL ? gtk_widget_get_first_child (focused) : NULL;

  return SOCKS_IS_PROXY_ROW (row) ? SOCKS_PROXY_ROW (row) : NULL;
}

static gboolean
key_pressed_cb (SocksProxiesPage *self,
                guint key,
                guint code,
                GdkModifierType state,
                GtkEventControllerKey *controller)
{
  GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();
  SocksProxyRow *row = get_focused_row (self);

  if (row == NULL)
    return FALSE;
  if ((key == GDK_KEY_Menu && modifiers == 0) ||
      (key == GDK_KEY_F10 && modifiers == GDK_SHIFT_MASK))
    socks_proxy_row_open_menu (row);
  else if (key == GDK_KEY_F2 && modifiers == 0)
    gtk_widget_activate_action (
        GTK_WIDGET (self), "app.name", "s",
        socks_proxy_item_get_address (socks_proxy_row_get_item (row)));
  else
    return FALSE;
  return TRUE;
}

static void
socks_proxies_page_root (GtkWidget *widget)
{
  SocksProxiesPage *self = SOCKS_PROXIES_PAGE (widget);

  GTK_WIDGET_CLASS (socks_proxies_page_parent_class)->root (widget);
  gtk_search_bar_set_key_capture_widget (self->search_bar, widget);
}

static void
socks_proxies_page_get_property (GObject *object,
                                 guint id,
                                 GValue *value,
                                 GParamSpec *spec)
{
  SocksProxiesPage *self = SOCKS_PROXIES_PAGE (object);

  switch ((Property) id)
    {
    case PROP_ORDER:
      g_value_set_enum (value, self->order);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

/* Whoever asks for another order gets it, wherever the pointer is. */
static void
set_order (SocksProxiesPage *self, SocksOrder order)
{
  gboolean has_pointer = self->has_pointer;

  if (self->order == order)
    return;
  self->order = order;
  self->has_pointer = FALSE;
  settle (self);
  self->has_pointer = has_pointer;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ORDER]);
}

static void
socks_proxies_page_set_property (GObject *object,
                                 guint id,
                                 const GValue *value,
                                 GParamSpec *spec)
{
  switch ((Property) id)
    {
    case PROP_ORDER:
      set_order (SOCKS_PROXIES_PAGE (object), g_value_get_enum (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_proxies_page_class_init (SocksProxiesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = socks_proxies_page_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_proxies_page_set_property;
  widget_class->root = socks_proxies_page_root;
  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_proxies_page_update;

  properties[PROP_ORDER] =
      g_param_spec_enum ("order", NULL, NULL, SOCKS_TYPE_ORDER, SOCKS_ORDER_BEST,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  g_type_ensure (SOCKS_TYPE_ADDRESS_BAR);
  g_type_ensure (SOCKS_TYPE_CALM_ORDER);
  g_type_ensure (SOCKS_TYPE_EMPTY_PAGE);
  g_type_ensure (SOCKS_TYPE_PROXY_ITEM);
  g_type_ensure (SOCKS_TYPE_PROXY_ROW);
  g_type_ensure (SOCKS_TYPE_SWEEP_BAR);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/proxies-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, search_bar);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, nothing_found);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, list);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, list_view);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, found);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, sorter);
  gtk_widget_class_bind_template_child (widget_class, SocksProxiesPage, address_bar);
  gtk_widget_class_bind_template_callback (widget_class, found_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, pointer_entered_cb);
  gtk_widget_class_bind_template_callback (widget_class, pointer_left_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
}

static void
socks_proxies_page_init (SocksProxiesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* It finds one by itself only where that is its own child. */
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
}

/**
 * socks_proxies_page_toggle_search:
 * @self: the page
 *
 * Opens the search, or closes and forgets it.
 */
void
socks_proxies_page_toggle_search (SocksProxiesPage *self)
{
  gboolean opens = !gtk_search_bar_get_search_mode (self->search_bar);

  gtk_search_bar_set_search_mode (self->search_bar, opens);
  if (opens)
    gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/**
 * socks_proxies_page_enter_address:
 * @self: the page
 *
 * Puts the focus where an address can be entered.
 */
void
socks_proxies_page_enter_address (SocksProxiesPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->address_bar));
}
