/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the search for proxies goes on. Main thread. */

#include "config.h"

#include "window/sweep-bar.h"

#include <glib/gi18n-lib.h>

#include "model/state-text.h"

struct _SocksSweepBar
{
  SocksClientBin parent_instance;

  GtkLabel *title;
  GtkLabel *progress_text;
  GtkProgressBar *progress;
  GtkMenuButton *order_button;
};

G_DEFINE_FINAL_TYPE (SocksSweepBar, socks_sweep_bar, SOCKS_TYPE_CLIENT_BIN)

typedef enum
{
  PROP_ORDER_MENU = 1,
} Property;

static GParamSpec *properties[PROP_ORDER_MENU + 1];

static char *
new_title (const SocksSnapshot *snapshot)
{
  guint n = socks_snapshot_count_proxies (snapshot);

  if (n == 0)
    return g_strdup (_ ("No proxies"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u proxy", "%u proxies", n), n);
}

/* Between sweeps: when the last one was. */
static char *
new_progress_text (const SocksSnapshot *snapshot)
{
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *clock = NULL;

  if (snapshot->sweeping)
    return socks_state_text_progress (snapshot);
  if (snapshot->last_sweep_us == 0)
    return g_strdup (_ ("No search yet"));
  time = g_date_time_new_from_unix_local (snapshot->last_sweep_us / G_USEC_PER_SEC);
  if (time == NULL)
    return g_strdup ("");
  /* Translators: the time of day, as the language writes it without seconds: see
   * g_date_time_format() */
  clock = g_date_time_format (time, C_ ("time of day", "%H:%M"));
  /* Translators: a time of day */
  return g_strdup_printf (_ ("Last search: %s"), clock);
}

static void
socks_sweep_bar_update (SocksClientBin *bin,
                        const SocksSnapshot *snapshot,
                        SocksSnapshotField changed)
{
  SocksSweepBar *self = SOCKS_SWEEP_BAR (bin);
  g_autofree char *title = new_title (snapshot);
  g_autofree char *text = new_progress_text (snapshot);

  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->progress_text, text);
  gtk_progress_bar_set_fraction (self->progress, socks_snapshot_get_progress (snapshot));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), snapshot->sweeping);
}

static void
socks_sweep_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksSweepBar *self = SOCKS_SWEEP_BAR (object);

  switch ((Property) id)
    {
    case PROP_ORDER_MENU:
      g_value_set_object (value, gtk_menu_button_get_menu_model (self->order_button));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_sweep_bar_set_property (GObject *object,
                              guint id,
                              const GValue *value,
                              GParamSpec *spec)
{
  SocksSweepBar *self = SOCKS_SWEEP_BAR (object);

  switch ((Property) id)
    {
    case PROP_ORDER_MENU:
      gtk_menu_button_set_menu_model (self->order_button, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_sweep_bar_class_init (SocksSweepBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = socks_sweep_bar_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_sweep_bar_set_property;
  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_sweep_bar_update;

  properties[PROP_ORDER_MENU] =
      g_param_spec_object ("order-menu", NULL, NULL, G_TYPE_MENU_MODEL,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  gtk_widget_class_set_css_name (widget_class, "sweepbar");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/sweep-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksSweepBar, title);
  gtk_widget_class_bind_template_child (widget_class, SocksSweepBar, progress_text);
  gtk_widget_class_bind_template_child (widget_class, SocksSweepBar, progress);
  gtk_widget_class_bind_template_child (widget_class, SocksSweepBar, order_button);
}

static void
socks_sweep_bar_init (SocksSweepBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
