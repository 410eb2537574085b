/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The field for an address of one's own, or the name of one. Blanks around it, as a
 * copied text often has them, are no mistake. Main thread. */

#include "config.h"

#include "window/address-bar.h"

#include <glib/gi18n-lib.h>

#include "model/address-check.h"

struct _SocksAddressBar
{
  SocksClientBin parent_instance;

  GtkEntry *entry;
  GtkButton *button;
  GtkButton *check_button;
  GtkRevealer *revealer;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (SocksAddressBar, socks_address_bar, SOCKS_TYPE_CLIENT_BIN)

static char *
dup_text (SocksAddressBar *self)
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
show_judgement (SocksAddressBar *self,
                const char *text,
                gboolean is_fine,
                gboolean is_wrong)
{
  /* What was said stays readable while it is folded away. */
  if (*text != '\0')
    gtk_label_set_label (self->message, text);
  gtk_revealer_set_reveal_child (self->revealer, *text != '\0');
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), is_fine);
  gtk_widget_set_sensitive (GTK_WIDGET (self->check_button), is_fine);
  mark_wrong (self, is_wrong);
}

static void
judge (SocksAddressBar *self)
{
  SocksClient *client = socks_client_bin_get_client (SOCKS_CLIENT_BIN (self));
  g_autofree char *text = dup_text (self);
  SocksAddressVerdict verdict;

  if (client == NULL)
    return;
  switch (socks_address_book_find (socks_client_get_book (client), text, NULL))
    {
    case SOCKS_NAME_MATCH_ONE:
      show_judgement (self, "", TRUE, FALSE);
      return;
    case SOCKS_NAME_MATCH_SEVERAL:
      show_judgement (self, _ ("More than one address has this name. Write the address."),
                      FALSE, TRUE);
      return;
    case SOCKS_NAME_MATCH_BEGINNING:
      show_judgement (self, "", FALSE, FALSE);
      return;
    case SOCKS_NAME_MATCH_NONE:
    default:
      break;
    }
  verdict = socks_address_check (text, socks_client_get_snapshot (client));
  show_judgement (self, socks_address_verdict_text (verdict),
                  verdict == SOCKS_ADDRESS_FINE,
                  !socks_address_verdict_may_become_fine (verdict));
}

static void
socks_address_bar_update (SocksClientBin *bin,
                          const SocksSnapshot *snapshot,
                          SocksSnapshotField changed)
{
  /* Names come with the list. */
  if ((changed & (SOCKS_SNAPSHOT_LISTENING | SOCKS_SNAPSHOT_NODE_ADDRESS |
                  SOCKS_SNAPSHOT_PROXIES)) != 0)
    judge (SOCKS_ADDRESS_BAR (bin));
}

static void
typed_cb (SocksAddressBar *self)
{
  judge (self);
}

static void
connect_cb (SocksAddressBar *self)
{
  g_autofree char *text = dup_text (self);

  if (gtk_widget_get_sensitive (GTK_WIDGET (self->button)))
    gtk_widget_activate_action (GTK_WIDGET (self), "app.connect", "s", text);
}

static void
check_cb (SocksAddressBar *self)
{
  g_autofree char *text = dup_text (self);

  gtk_widget_activate_action (GTK_WIDGET (self), "app.why-not", "s", text);
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
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, check_button);
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, SocksAddressBar, message);
  gtk_widget_class_bind_template_callback (widget_class, typed_cb);
  gtk_widget_class_bind_template_callback (widget_class, connect_cb);
  gtk_widget_class_bind_template_callback (widget_class, check_cb);
}

static void
socks_address_bar_init (SocksAddressBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* An address is written from left to right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self->entry), GTK_TEXT_DIR_LTR);
}
