/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The field for an address of one's own. Blanks around it, as a copied text often has
 * them, are no mistake. Main thread. */

#include "window/address-bar.h"

#include "model/address-check.h"

struct _SocksAddressBar
{
  SocksClientBin parent_instance;

  GtkEntry *entry;
  GtkButton *button;
  GtkRevealer *revealer;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (SocksAddressBar, socks_address_bar, SOCKS_TYPE_CLIENT_BIN)

static char *
dup_address (SocksAddressBar *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
}

static void
mark_wrong (SocksAddressBar *self, gboolean is_wrong)
{
  GtkWidget *const widgets[] = { GTK_WIDGET (self->entry), GTK_WIDGET (self->message) };

  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    if (is_wrong)
      gtk_widget_add_css_class (widgets[i], "error");
    else
      gtk_widget_remove_css_class (widgets[i], "error");
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
      is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
judge (SocksAddressBar *self, const SocksSnapshot *snapshot)
{
  g_autofree char *address = dup_address (self);
  SocksAddressVerdict verdict = socks_address_check (address, snapshot);
  const char *text = socks_address_verdict_text (verdict);

  /* What was said stays readable while it is folded away. */
  if (*text != '\0')
    gtk_label_set_label (self->message, text);
  gtk_revealer_set_reveal_child (self->revealer, *text != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), verdict == SOCKS_ADDRESS_FINE);
  mark_wrong (self, !socks_address_verdict_may_become_fine (verdict));
}

static void
socks_address_bar_update (SocksClientBin *bin,
                          const SocksSnapshot *snapshot,
                          SocksSnapshotField changed)
{
  if ((changed & (SOCKS_SNAPSHOT_LISTENING | SOCKS_SNAPSHOT_NODE_ADDRESS)) != 0)
    judge (SOCKS_ADDRESS_BAR (bin), snapshot);
}

static void
typed_cb (SocksAddressBar *self)
{
  SocksClient *client = socks_client_bin_get_client (SOCKS_CLIENT_BIN (self));

  if (client != NULL)
    judge (self, socks_client_get_snapshot (client));
}

static void
connect_cb (SocksAddressBar *self)
{
  g_autofree char *address = dup_address (self);

  if (gtk_widget_get_sensitive (GTK_WIDGET (self->button)))
    gtk_widget_activate_action (GTK_WIDGET (self), "app.connect", "s", address);
}

static gboolean
socks_address_bar_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SOCKS_ADDRESS_BAR (widget)->entry));
}

static void
socks_address_bar_class_init (SocksAddressBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = socks_address_bar_grab_focus;
  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_address_bar_update;

  gtk_widget_class_set_css_name (widget_class, "addressbar");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/address-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, entry);
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, button);
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, message);
  gtk_widget_class_bind_template_callback (widget_class, typed_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
}

static void
socks_address_bar_init (SocksAddressBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* An address is written from left to right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self->entry), GTK_TEXT_DIR_LTR);
}
