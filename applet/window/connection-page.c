/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The page of the connection. Main thread. */

#include "config.h"

#include "window/connection-page.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/name-text.h"
#include "model/port-text.h"
#include "window/traffic-card.h"

struct _SocksConnectionPage
{
  SocksClientBin parent_instance;

  AdwActionRow *port_row;
  AdwActionRow *remote_row;
  AdwActionRow *probing_row;
  AdwActionRow *node_row;
};

G_DEFINE_FINAL_TYPE (SocksConnectionPage, socks_connection_page, SOCKS_TYPE_CLIENT_BIN)

static const char *
text_of_selection (const SocksSnapshot *snapshot)
{
  switch (snapshot->selection)
    {
    case SOCKS_CLIENT_SELECTION_AUTOMATIC:
      return _ ("The fastest. If it stops answering, the next one takes its place.");
    case SOCKS_CLIENT_SELECTION_MANUAL:
      return _ ("Chosen by you. It stays until you choose another one.");
    case SOCKS_CLIENT_SELECTION_NONE:
    default:
      return _ ("Connect to the fastest, or choose one from the list.");
    }
}

static void
show_remote (SocksConnectionPage *self, const SocksSnapshot *snapshot)
{
  g_autofree char *address = socks_address_text_full (snapshot->remote);
  g_autofree char *title = socks_name_text (snapshot->remote_name);
  const char *selection = text_of_selection (snapshot);
  gboolean has_name = *snapshot->remote_name != '\0';
  g_autofree char *subtitle =
      has_name ? g_strconcat (address, "\n", selection, NULL) : g_strdup (selection);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->remote_row),
                                 has_name                    ? title
                                 : *snapshot->remote != '\0' ? address
                                                             : _ ("None chosen"));
  adw_action_row_set_subtitle (self->remote_row, subtitle);
}

static void
show_probing (SocksConnectionPage *self, const SocksSnapshot *snapshot)
{
  guint interval_s = snapshot->probe_interval_s;
  g_autofree char *text = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "Asks every address on the network each second",
                   "Asks every address on the network every %u seconds", interval_s),
      interval_s);

  adw_action_row_set_subtitle (self->probing_row, text);
}

static void
show_node (SocksConnectionPage *self, const SocksSnapshot *snapshot)
{
  g_autofree char *address = socks_address_text_full (snapshot->node_address);
  const char *text = "";

  if (snapshot->node == SOCKS_CLIENT_NODE_DOWN)
    text = _ ("Not running on this computer");
  else if (*snapshot->node_address != '\0')
    text = address;
  else if (snapshot->node == SOCKS_CLIENT_NODE_UP)
    text = _ ("Running on this computer");
  else
    text = _ ("Not asked yet");
  adw_action_row_set_subtitle (self->node_row, text);
}

static void
socks_connection_page_update (SocksClientBin *bin,
                              const SocksSnapshot *snapshot,
                              SocksSnapshotField changed)
{
  SocksConnectionPage *self = SOCKS_CONNECTION_PAGE (bin);
  g_autofree char *url = socks_port_text_url (snapshot);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->port_row), url);
  adw_action_row_set_subtitle (self->port_row, socks_port_text_reach (snapshot));
  show_remote (self, snapshot);
  show_probing (self, snapshot);
  show_node (self, snapshot);
}

static void
socks_connection_page_class_init (SocksConnectionPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_connection_page_update;

  g_type_ensure (SOCKS_TYPE_TRAFFIC_CARD);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/connection-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksConnectionPage, port_row);
  gtk_widget_class_bind_template_child (widget_class, SocksConnectionPage, remote_row);
  gtk_widget_class_bind_template_child (widget_class, SocksConnectionPage, probing_row);
  gtk_widget_class_bind_template_child (widget_class, SocksConnectionPage, node_row);
}

static void
socks_connection_page_init (SocksConnectionPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
