/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window's frame: its bars, its pages and its messages. What is on the pages is in
 * widgets of their own. Main thread. */

#include "config.h"

#include "window/window.h"

#include <glib/gi18n-lib.h>

#include "window/connection-page.h"
#include "window/empty-page.h"
#include "window/proxies-page.h"
#include "window/state-card.h"

struct _SocksWindow
{
  AdwApplicationWindow parent_instance;

  SocksClient *client; /* (owned) */

  AdwToastOverlay *toasts;
  AdwViewSwitcherTitle *title;
  SocksEmptyPage *empty_page;
  GtkWidget *service_box;
  SocksStateCard *state_card;
  AdwViewStack *pages;
  SocksProxiesPage *proxies_page;
};

G_DEFINE_FINAL_TYPE (SocksWindow, socks_window, ADW_TYPE_APPLICATION_WINDOW)

typedef enum
{
  PROP_CLIENT = 1,
} Property;

static GParamSpec *properties[PROP_CLIENT + 1];

static void
update (SocksWindow *self)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (self->client);
  gboolean has_service = snapshot->availability == SOCKS_AVAILABILITY_PRESENT;

  if (!has_service)
    socks_empty_page_set_situation (self->empty_page,
                                    socks_snapshot_get_situation (snapshot));
  adw_view_switcher_title_set_view_switcher_enabled (self->title, has_service);
  /* No GtkStack: assistive technology would find the hidden page in it too. */
  gtk_widget_set_visible (GTK_WIDGET (self->empty_page), !has_service);
  gtk_widget_set_visible (self->service_box, has_service);
  if (has_service)
    gtk_widget_grab_focus (GTK_WIDGET (self->state_card));
}

static void
changed_cb (SocksClient *client, guint fields, SocksWindow *self)
{
  if ((fields & SOCKS_SNAPSHOT_AVAILABILITY) != 0)
    update (self);
}

static void
socks_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksWindow *self = SOCKS_WINDOW (object);

  switch ((Property) id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, self->client);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_window_set_property (GObject *object,
                           guint id,
                           const GValue *value,
                           GParamSpec *spec)
{
  SocksWindow *self = SOCKS_WINDOW (object);

  switch ((Property) id)
    {
    case PROP_CLIENT:
      self->client = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_window_constructed (GObject *object)
{
  SocksWindow *self = SOCKS_WINDOW (object);

  G_OBJECT_CLASS (socks_window_parent_class)->constructed (object);

  g_signal_connect_object (self->client, "changed", G_CALLBACK (changed_cb), self, 0);
  update (self);
}

static void
socks_window_dispose (GObject *object)
{
  SocksWindow *self = SOCKS_WINDOW (object);

  g_clear_object (&self->client);

  G_OBJECT_CLASS (socks_window_parent_class)->dispose (object);
}

/* Of the window, not of the application: there may be none. */
static void
add_actions (SocksWindow *self)
{
  g_autoptr (GPropertyAction) page =
      g_property_action_new ("page", self->pages, "visible-child-name");
  g_autoptr (GPropertyAction) order =
      g_property_action_new ("order", self->proxies_page, "order");

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (page));
  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (order));
}

static void
socks_window_class_init (SocksWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = socks_window_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_window_set_property;
  G_OBJECT_CLASS (klass)->constructed = socks_window_constructed;
  G_OBJECT_CLASS (klass)->dispose = socks_window_dispose;

  properties[PROP_CLIENT] = g_param_spec_object (
      "client", NULL, NULL, SOCKS_TYPE_CLIENT,
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  g_type_ensure (SOCKS_TYPE_CONNECTION_PAGE);
  g_type_ensure (SOCKS_TYPE_EMPTY_PAGE);
  g_type_ensure (SOCKS_TYPE_PROXIES_PAGE);
  g_type_ensure (SOCKS_TYPE_STATE_CARD);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/window.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, title);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, service_box);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, state_card);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, SocksWindow, proxies_page);
}

static void
socks_window_init (SocksWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  add_actions (self);
}

/**
 * socks_window_new:
 * @application: the application
 * @client: what is shown
 *
 * Returns: (transfer none): a window, not yet shown; it belongs to @application
 */
SocksWindow *
socks_window_new (GtkApplication *application, SocksClient *client)
{
  return g_object_new (SOCKS_TYPE_WINDOW, "application", application, "client", client,
                       NULL);
}

/* An AdwToast has one line and cuts the rest off; sentences need more. */
static AdwToast *
new_toast (const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  GtkWidget *label = g_object_new (
      GTK_TYPE_LABEL, "label", text, "wrap", TRUE, "wrap-mode", PANGO_WRAP_WORD_CHAR,
      "natural-wrap-mode", GTK_NATURAL_WRAP_NONE, "max-width-chars", 48, "xalign", 0.0,
      "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);

  adw_toast_set_custom_title (toast, label);
  return toast;
}

/**
 * socks_window_tell:
 * @self: the window
 * @text: a few words on what has happened
 */
void
socks_window_tell (SocksWindow *self, const char *text)
{
  adw_toast_overlay_add_toast (self->toasts, new_toast (text));
}

static void
why_not_cb (GtkWidget *dialog, const char *response, SocksWindow *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "app.why-not", "s",
                              g_object_get_data (G_OBJECT (dialog), "remote"));
}

static void
show_details_cb (AdwToast *toast, SocksWindow *self)
{
  const char *details = g_object_get_data (G_OBJECT (toast), "details");
  const char *remote = g_object_get_data (G_OBJECT (toast), "remote");
  GtkWidget *title = adw_toast_get_custom_title (toast);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self), gtk_label_get_label (GTK_LABEL (title)), details);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("Close"));
  if (remote != NULL)
    {
      adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "why-not",
                                       _ ("Why Not?"));
      g_object_set_data_full (G_OBJECT (dialog), "remote", g_strdup (remote), g_free);
      g_signal_connect_object (dialog, "response::why-not", G_CALLBACK (why_not_cb), self,
                               0);
    }
  gtk_window_present (GTK_WINDOW (dialog));
}

/**
 * socks_window_tell_error:
 * @self: the window
 * @text: a sentence on what is wrong and what to do
 * @details: what the service said of it
 * @remote: (nullable): the proxy that it is about, which can be checked
 */
void
socks_window_tell_error (SocksWindow *self,
                         const char *text,
                         const char *details,
                         const char *remote)
{
  AdwToast *toast = new_toast (text);

  adw_toast_set_button_label (toast, _ ("Details"));
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_timeout (toast, 10);
  g_object_set_data_full (G_OBJECT (toast), "details", g_strdup (details), g_free);
  g_object_set_data_full (G_OBJECT (toast), "remote", g_strdup (remote), g_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (show_details_cb), self, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

/**
 * socks_window_search:
 * @self: the window
 *
 * Opens the search for a proxy, or closes it.
 */
void
socks_window_search (SocksWindow *self)
{
  adw_view_stack_set_visible_child_name (self->pages, "proxies");
  socks_proxies_page_toggle_search (self->proxies_page);
}

/**
 * socks_window_enter_address:
 * @self: the window
 *
 * Goes to where an address can be entered.
 */
void
socks_window_enter_address (SocksWindow *self)
{
  adw_view_stack_set_visible_child_name (self->pages, "proxies");
  socks_proxies_page_enter_address (self->proxies_page);
}
