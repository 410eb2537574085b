/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person calls an address. The name that there is can be changed; with their own
 * taken away, the machine's is seen again. Main thread. */

#include "config.h"

#include "window/name-dialog.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"

struct _SocksNameDialog
{
  AdwMessageDialog parent_instance;

  SocksAddressBook *book; /* (owned) */
  char *key;              /* (owned): the address, or every port of it */

  GtkEntry *entry;
  GtkRevealer *revealer;
  GtkLabel *message;
};

G_DEFINE_FINAL_TYPE (SocksNameDialog, socks_name_dialog, ADW_TYPE_MESSAGE_DIALOG)

enum
{
  NAMED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static char *
dup_name (SocksNameDialog *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
}

static void
typed_cb (SocksNameDialog *self)
{
  g_autofree char *name = dup_name (self);
  g_autofree char *judgement =
      socks_address_book_judge_name (self->book, self->key, name);
  gboolean is_fine = *judgement == '\0';
  /* Who has written nothing is not wrong yet. */
  gboolean is_wrong = !is_fine && *name != '\0';

  if (is_wrong)
    gtk_label_set_label (self->message, judgement);
  gtk_revealer_set_reveal_child (self->revealer, is_wrong);
  if (is_wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (
      GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID,
      is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
  adw_message_dialog_set_response_enabled (ADW_MESSAGE_DIALOG (self), "save", is_fine);
}

/* Whoever leaves the name as it is gives none: the machine's of every port would become
 * the person's, and of this one alone. */
static void
socks_name_dialog_response (AdwMessageDialog *dialog, const char *response)
{
  SocksNameDialog *self = SOCKS_NAME_DIALOG (dialog);
  g_autofree char *name = dup_name (self);
  const char *name_before = socks_address_book_get_name (self->book, self->key);

  if (g_str_equal (response, "save") && g_strcmp0 (name, name_before) != 0)
    g_signal_emit (self, signals[NAMED], 0, self->key, name);
  else if (g_str_equal (response, "remove"))
    g_signal_emit (self, signals[NAMED], 0, self->key, NULL);
}

static void
socks_name_dialog_finalize (GObject *object)
{
  SocksNameDialog *self = SOCKS_NAME_DIALOG (object);

  g_clear_object (&self->book);
  g_free (self->key);

  G_OBJECT_CLASS (socks_name_dialog_parent_class)->finalize (object);
}

static void
socks_name_dialog_class_init (SocksNameDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = socks_name_dialog_finalize;
  ADW_MESSAGE_DIALOG_CLASS (klass)->response = socks_name_dialog_response;

  signals[NAMED] =
      g_signal_new ("named", SOCKS_TYPE_NAME_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/name-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksNameDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, SocksNameDialog, revealer);
  gtk_widget_class_bind_template_child (widget_class, SocksNameDialog, message);
  gtk_widget_class_bind_template_callback (widget_class, typed_cb);
}

static void
socks_name_dialog_init (SocksNameDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static gboolean
has_own_name (SocksNameDialog *self)
{
  return socks_address_lines_find (socks_address_book_get_own_names (self->book),
                                   self->key) != NULL;
}

/**
 * socks_name_dialog_new:
 * @parent: the window that it belongs to
 * @book: where names are
 * @address: what is to have one
 *
 * Returns: (transfer none): a dialog, not yet shown
 */
SocksNameDialog *
socks_name_dialog_new (GtkWindow *parent, SocksAddressBook *book, const char *address)
{
  SocksNameDialog *self =
      g_object_new (SOCKS_TYPE_NAME_DIALOG, "transient-for", parent, NULL);
  const char *name = socks_address_book_get_name (book, address);
  g_autofree char *text = NULL;

  self->book = g_object_ref (book);
  self->key = socks_address_book_dup_own_key (book, address);
  text = socks_address_text_full (self->key);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (self), text);
  if (has_own_name (self))
    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (self), "remove", _ ("_Remove"));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (self), "save", _ ("_Save"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (self), "save",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (self), "save");
  gtk_editable_set_text (GTK_EDITABLE (self->entry), name != NULL ? name : "");
  typed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  return self;
}
