/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One proxy in the list: its badge, its name or address, how fast it is and was, whether
 * it is the one in use or pinned, and its menu. The button of the menu can't have the
 * focus, or the row could not have it; by the keyboard the list opens the menu.
 *
 * How fast it is changes all the time, and is shown with the next frame, however much
 * changes before. A window that is minimised has no frames, and a row that is scrolled away
 * waits until it is seen. What it is changes rarely, and is shown at once: assistive
 * technology finds the rows that are scrolled away, too. Main thread. */

#include "config.h"

#include "window/proxy-row.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/name-text.h"
#include "window/graph.h"
#include "window/row-layout.h"
#include "window/row-menu.h"

/* As much of an address as tells it from others; with less room the row takes more lines. A
 * name is as wide as it is, with the pin beside it. */
#define ADDRESS_CHARS 10

struct _SocksProxyRow
{
  AdwBin parent_instance;

  SocksProxyItem *item; /* (owned) (nullable) */
  char *name;           /* (owned) (nullable): as assistive technology has it */
  char *range;          /* (owned) (nullable): of the history, in words */
  gboolean is_stale;    /* the item is another than what is shown */
  guint frame_id;       /* 0: no frame is waited for */

  GtkImage *badge;
  GtkLabel *title;
  GtkImage *pin;
  GtkImage *mark;
  GtkLabel *address;
  GtkLabel *status;
  SocksGraph *history;
  GtkLabel *latency;
  GtkMenuButton *menu_button;
};

G_DEFINE_FINAL_TYPE (SocksProxyRow, socks_proxy_row, ADW_TYPE_BIN)

typedef enum
{
  PROP_ITEM = 1,
} Property;

static GParamSpec *properties[PROP_ITEM + 1];

static const struct
{
  const char *icon_name;   /* (nullable) */
  const char *style_class; /* (nullable) */
} badges[] = {
  [SOCKS_PROXY_BADGE_NONE] = { NULL, NULL },
  [SOCKS_PROXY_BADGE_OPEN] = { "mycelium-socks-open-symbolic", "open" },
  [SOCKS_PROXY_BADGE_LOCK] = { "mycelium-socks-lock-symbolic", "lock" },
};

static void
show_badge (SocksProxyRow *self)
{
  SocksProxyBadge badge = socks_proxy_item_get_badge (self->item);

  for (guint i = 0; i < G_N_ELEMENTS (badges); i++)
    if (badges[i].style_class != NULL && i != badge)
      gtk_widget_remove_css_class (GTK_WIDGET (self->badge), badges[i].style_class);
  if (badges[badge].style_class != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->badge), badges[badge].style_class);
  gtk_image_set_from_icon_name (self->badge, badges[badge].icon_name);
}

static void
show_history (SocksProxyRow *self)
{
  double values[SOCKS_PROXY_HISTORY_MAX];
  guint n_values, low = G_MAXUINT, high = 0;
  const guint *history_us = socks_proxy_item_get_history_us (self->item, &n_values);
  g_autofree char *low_text = NULL, *high_text = NULL;

  for (guint i = 0; i < n_values; i++)
    {
      values[i] = history_us[i];
      low = MIN (low, history_us[i]);
      high = MAX (high, history_us[i]);
    }
  socks_graph_set_line (self->history, 0, values, n_values);

  g_clear_pointer (&self->range, g_free);
  if (n_values == 0)
    {
      gtk_accessible_reset_property (GTK_ACCESSIBLE (self->history),
                                     GTK_ACCESSIBLE_PROPERTY_LABEL);
      return;
    }
  low_text = socks_latency_text (low);
  high_text = socks_latency_text (high);
  /* Translators: two times, as in "From 40 ms to 52 ms lately" */
  self->range = g_strdup_printf (_ ("From %s to %s lately"), low_text, high_text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->history),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, self->range, -1);
}

/* Asked for, not set: with each text that is set GTK asks the display where the pointer is,
 * and waits for the answer. */
static gboolean
query_address_cb (SocksProxyRow *self,
                  int x,
                  int y,
                  gboolean is_by_keyboard,
                  GtkTooltip *tooltip)
{
  gtk_tooltip_set_text (tooltip, gtk_label_get_label (self->address));
  return TRUE;
}

/* What to do about it; "" for nothing. */
static const char *
get_advice (SocksProxyRow *self)
{
  if (socks_proxy_item_get_status (self->item) != SOCKS_PROXY_AUTHENTICATION_REQUIRED)
    return "";
  return _ ("Your applications must log in to this proxy themselves.");
}

static gboolean
query_status_cb (SocksProxyRow *self,
                 int x,
                 int y,
                 gboolean is_by_keyboard,
                 GtkTooltip *tooltip)
{
  const char *advice = get_advice (self);

  gtk_tooltip_set_text (tooltip, advice);
  return *advice != '\0';
}

static gboolean
query_history_cb (SocksProxyRow *self,
                  int x,
                  int y,
                  gboolean is_by_keyboard,
                  GtkTooltip *tooltip)
{
  gtk_tooltip_set_text (tooltip, self->range);
  return self->range != NULL;
}

/* What is focused is the list's own widget around this one: it has to say it all. */
static void
name_row (SocksProxyRow *self, const char *title, const char *status, const char *latency)
{
  GtkWidget *around = gtk_widget_get_parent (GTK_WIDGET (self));
  gboolean is_pinned = socks_proxy_item_is_pinned (self->item);
  g_autofree char *all_status = NULL;
  g_autofree char *name = NULL;

  if (around == NULL)
    return;
  /* Translators: what a proxy is, as in "Open", and that it is pinned to the top */
  all_status = is_pinned ? g_strdup_printf (_ ("%s, pinned"), status) : g_strdup (status);
  /* Translators: a name or an address, what it is, and how fast: "407:1f…9ab2, Open, 42
   * ms" */
  name = g_strdup_printf (_ ("%s, %s, %s"), title, all_status, latency);
  /* Each update goes over a bus, also one with what is there already. */
  if (g_strcmp0 (name, self->name) == 0)
    return;
  g_free (self->name);
  self->name = g_strdup (name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (around), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  get_advice (self), -1);
}

static void
show_state (SocksProxyRow *self)
{
  gboolean is_selected = socks_proxy_item_is_selected (self->item);
  const char *name = socks_proxy_item_get_name (self->item);
  g_autofree char *address =
      socks_address_text_full (socks_proxy_item_get_address (self->item));
  g_autofree char *latency =
      socks_latency_text (socks_proxy_item_get_latency_us (self->item));
  const char *status_text = socks_proxy_item_get_status_text (self->item);
  g_autofree char *title = name != NULL ? socks_name_text (name) : g_strdup (address);
  g_autofree char *status = NULL;

  /* Translators: what a proxy is, as in "Open", and that it is in use */
  status = is_selected ? g_strdup_printf (_ ("%s, in use"), status_text)
                       : g_strdup (status_text);
  show_badge (self);
  gtk_label_set_label (self->title, title);
  gtk_label_set_width_chars (self->title, name == NULL ? ADDRESS_CHARS : -1);
  gtk_label_set_label (self->address, address);
  gtk_widget_set_visible (GTK_WIDGET (self->address), name != NULL);
  gtk_label_set_label (self->status, status);
  gtk_label_set_label (self->latency, latency);
  gtk_widget_set_visible (GTK_WIDGET (self->pin),
                          socks_proxy_item_is_pinned (self->item));
  gtk_widget_set_visible (GTK_WIDGET (self->mark), is_selected);
  if (is_selected)
    gtk_widget_add_css_class (GTK_WIDGET (self), "in-use");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "in-use");
  name_row (self, title, status, latency);
}

static void
show (SocksProxyRow *self)
{
  self->is_stale = FALSE;
  if (self->item == NULL)
    return;
  show_history (self);
  show_state (self);
}

static gboolean
frame_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SocksProxyRow *self = SOCKS_PROXY_ROW (widget);

  self->frame_id = 0;
  if (self->is_stale)
    show (self);
  return G_SOURCE_REMOVE;
}

static void
notify_cb (SocksProxyItem *item, GParamSpec *spec, SocksProxyRow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->is_stale = TRUE;
  if (g_str_equal (spec->name, "status") || g_str_equal (spec->name, "selected") ||
      g_str_equal (spec->name, "name") || g_str_equal (spec->name, "pinned"))
    show (self);
  else if (self->frame_id == 0 && gtk_widget_get_mapped (widget))
    self->frame_id = gtk_widget_add_tick_callback (widget, frame_cb, NULL, NULL);
}

static void
socks_proxy_row_map (GtkWidget *widget)
{
  SocksProxyRow *self = SOCKS_PROXY_ROW (widget);

  if (self->is_stale)
    show (self);
  GTK_WIDGET_CLASS (socks_proxy_row_parent_class)->map (widget);
}

static void
set_item (SocksProxyRow *self, SocksProxyItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, notify_cb, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;
  g_signal_connect_object (item, "notify", G_CALLBACK (notify_cb), self, 0);
  show (self);
}

/* As it is to be now. */
static void
create_menu (GtkMenuButton *button, gpointer row)
{
  g_autoptr (GMenuModel) menu = socks_row_menu_new (SOCKS_PROXY_ROW (row)->item);

  gtk_menu_button_set_menu_model (button, menu);
}

static void
menu_asked_for_cb (SocksProxyRow *self)
{
  socks_proxy_row_open_menu (self);
}

static void
socks_proxy_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksProxyRow *self = SOCKS_PROXY_ROW (object);

  switch ((Property) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, self->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_proxy_row_set_property (GObject *object,
                              guint id,
                              const GValue *value,
                              GParamSpec *spec)
{
  SocksProxyRow *self = SOCKS_PROXY_ROW (object);

  switch ((Property) id)
    {
    case PROP_ITEM:
      set_item (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_proxy_row_dispose (GObject *object)
{
  set_item (SOCKS_PROXY_ROW (object), NULL);

  G_OBJECT_CLASS (socks_proxy_row_parent_class)->dispose (object);
}

static void
socks_proxy_row_finalize (GObject *object)
{
  SocksProxyRow *self = SOCKS_PROXY_ROW (object);

  g_free (self->range);
  g_free (self->name);

  G_OBJECT_CLASS (socks_proxy_row_parent_class)->finalize (object);
}

static void
socks_proxy_row_class_init (SocksProxyRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = socks_proxy_row_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_proxy_row_set_property;
  G_OBJECT_CLASS (klass)->dispose = socks_proxy_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_proxy_row_finalize;
  widget_class->map = socks_proxy_row_map;

  properties[PROP_ITEM] =
      g_param_spec_object ("item", NULL, NULL, SOCKS_TYPE_PROXY_ITEM,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  g_type_ensure (SOCKS_TYPE_GRAPH);
  g_type_ensure (SOCKS_TYPE_ROW_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "proxyrow");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/proxy-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, badge);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, title);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, pin);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, address);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, status);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, history);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, latency);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, mark);
  gtk_widget_class_bind_template_child (widget_class, SocksProxyRow, menu_button);
  gtk_widget_class_bind_template_callback (widget_class, menu_asked_for_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_address_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_status_cb);
  gtk_widget_class_bind_template_callback (widget_class, query_history_cb);
}

static void
socks_proxy_row_init (SocksProxyRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_menu_button_set_create_popup_func (self->menu_button, create_menu, self,
                                         NULL /* destroy */);
}

/**
 * socks_proxy_row_get_item:
 * @self: a row
 *
 * Returns: (transfer none) (nullable): the proxy that it shows
 */
SocksProxyItem *
socks_proxy_row_get_item (SocksProxyRow *self)
{
  return self->item;
}

/**
 * socks_proxy_row_open_menu:
 * @self: a row
 *
 * Shows what can be done with its proxy.
 */
void
socks_proxy_row_open_menu (SocksProxyRow *self)
{
  gtk_menu_button_popup (self->menu_button);
}
