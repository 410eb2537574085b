/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pages for whatever there is in place of proxies: one widget, and a row of a table
 * for each. Main thread. */

#include "config.h"

#include "window/empty-page.h"

#include <glib/gi18n-lib.h>

#include "model/state-text.h"

struct _SocksEmptyPage
{
  AdwBin parent_instance;

  AdwStatusPage *status;
  GtkButton *button;
  GtkSpinner *spinner;
};

G_DEFINE_FINAL_TYPE (SocksEmptyPage, socks_empty_page, ADW_TYPE_BIN)

/* A page without an icon is about something that is going on. */
static const struct
{
  const char *icon_name;
  const char *action; /* (nullable) */
  const char *label;  /* (nullable) */
} pages[] = {
  [SOCKS_SITUATION_UNKNOWN] = { NULL },
  [SOCKS_SITUATION_NO_BUS] = { "network-error-symbolic" },
  [SOCKS_SITUATION_NOT_INSTALLED] = { "mycelium-socks-no-service-symbolic" },
  [SOCKS_SITUATION_NOT_RUNNING] = { "mycelium-socks-no-service-symbolic", "app.start",
                                    N_ ("Start the Service") },
  [SOCKS_SITUATION_STARTING] = { NULL },
  [SOCKS_SITUATION_NOT_ANSWERING] = { "dialog-warning-symbolic" },
  [SOCKS_SITUATION_NODE_DOWN] = { "network-offline-symbolic", "app.look-now",
                                  N_ ("Look Again") },
  [SOCKS_SITUATION_LOOKING] = { NULL },
  [SOCKS_SITUATION_NOT_LOOKING] = { "system-search-symbolic", "app.look-for-proxies",
                                    N_ ("Look for Proxies") },
  [SOCKS_SITUATION_NONE_FOUND] = { "system-search-symbolic", "app.look-now",
                                   N_ ("Look Again") },
  [SOCKS_SITUATION_PROXIES] = { NULL },
};

G_STATIC_ASSERT (G_N_ELEMENTS (pages) == SOCKS_N_SITUATIONS);

static void
socks_empty_page_class_init (SocksEmptyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/empty-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksEmptyPage, status);
  gtk_widget_class_bind_template_child (widget_class, SocksEmptyPage, button);
  gtk_widget_class_bind_template_child (widget_class, SocksEmptyPage, spinner);
}

static void
socks_empty_page_init (SocksEmptyPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * socks_empty_page_set_situation:
 * @self: the page
 * @situation: what is to be shown
 */
void
socks_empty_page_set_situation (SocksEmptyPage *self, SocksSituation situation)
{
  gboolean is_going_on = pages[situation].icon_name == NULL;
  gboolean has_button = pages[situation].action != NULL;

  adw_status_page_set_icon_name (self->status, pages[situation].icon_name);
  adw_status_page_set_title (self->status, socks_situation_text_title (situation));
  adw_status_page_set_description (self->status, socks_situation_text_advice (situation));
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_going_on);
  gtk_spinner_set_spinning (self->spinner, is_going_on);
  gtk_widget_set_visible (GTK_WIDGET (self->button), has_button);
  gtk_button_set_label (self->button, has_button ? _ (pages[situation].label) : "");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), pages[situation].action);
}
