/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts the headline on the screen. Main thread. */

#include "window/state-card.h"

#include "window/headline.h"

struct _SocksStateCard
{
  SocksClientBin parent_instance;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *detail;
  GtkLabel *note;
  GtkButton *button;
  GtkWidget *check_button;
};

G_DEFINE_FINAL_TYPE (SocksStateCard, socks_state_card, SOCKS_TYPE_CLIENT_BIN)

/* What the card may look like, and for which state. */
static const struct
{
  const char *style_class;
  const char *icon_name;
} looks[] = {
  [SOCKS_CLIENT_DISCONNECTED] = { "disconnected", "mycelium-socks-disconnected-symbolic" },
  [SOCKS_CLIENT_CONNECTING] = { "connecting", "mycelium-socks-connecting-symbolic" },
  [SOCKS_CLIENT_CONNECTED] = { "connected", "mycelium-socks-connected-symbolic" },
  [SOCKS_CLIENT_FAILING] = { "failing", "mycelium-socks-failing-symbolic" },
};

static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_label (label, text);
  gtk_widget_set_visible (GTK_WIDGET (label), *text != '\0');
}

static void
set_button (SocksStateCard *self, SocksHeadlineButton button)
{
  GtkWidget *widget = GTK_WIDGET (self->button);

  gtk_button_set_label (self->button, button.label);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), button.action);
  if (button.is_suggested)
    gtk_widget_add_css_class (widget, "suggested-action");
  else
    gtk_widget_remove_css_class (widget, "suggested-action");
}

static void
socks_state_card_update (SocksClientBin *bin,
                         const SocksSnapshot *snapshot,
                         SocksSnapshotField changed)
{
  SocksStateCard *self = SOCKS_STATE_CARD (bin);
  g_autofree char *detail = socks_headline_detail (snapshot);

  for (guint state = 0; state < G_N_ELEMENTS (looks); state++)
    gtk_widget_remove_css_class (GTK_WIDGET (self), looks[state].style_class);
  gtk_widget_add_css_class (GTK_WIDGET (self), looks[snapshot->state].style_class);
  gtk_image_set_from_icon_name (self->icon, looks[snapshot->state].icon_name);

  set_text (self->title, socks_headline_title (snapshot));
  set_text (self->detail, detail);
  /* With each text that is set GTK asks the display where the pointer is. */
  if ((changed & SOCKS_SNAPSHOT_REMOTE) != 0)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self->detail), snapshot->remote);
  set_text (self->note, socks_headline_note (snapshot));
  gtk_widget_set_visible (self->check_button, snapshot->state == SOCKS_CLIENT_FAILING);
  if ((changed & (SOCKS_SNAPSHOT_STATE | SOCKS_SNAPSHOT_PEER_COUNTS)) != 0)
    set_button (self, socks_headline_button (snapshot));
}

static gboolean
socks_state_card_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SOCKS_STATE_CARD (widget)->button));
}

static void
socks_state_card_class_init (SocksStateCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->grab_focus = socks_state_card_grab_focus;
  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_state_card_update;

  gtk_widget_class_set_css_name (widget_class, "statecard");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/state-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, icon);
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, title);
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, detail);
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, note);
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, button);
  gtk_widget_class_bind_template_child (widget_class, SocksStateCard, check_button);
}

static void
socks_state_card_init (SocksStateCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
