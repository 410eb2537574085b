/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The actions that write something down about a proxy: its name, and that it is pinned.
 * They take a name for an address, as all others do. Main thread. */

#include "config.h"

#include "window/book-actions.h"

#include <glib/gi18n-lib.h>

#include "model/address-key.h"
#include "model/error-text.h"
#include "window/name-dialog.h"

static SocksAddressBook *
get_book (SocksApplication *application)
{
  return socks_client_get_book (socks_application_get_client (application));
}

/* The application lives on until it is written. */
static SocksApplication *
hold (SocksApplication *application)
{
  g_application_hold (G_APPLICATION (application));
  return g_object_ref (application);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksApplication) self = data;
  g_autoptr (GError) error = NULL;

  if (!socks_address_book_finish (SOCKS_ADDRESS_BOOK (source), result, &error))
    socks_application_report (self, _ ("This can’t be written down."), error->message,
                              NULL);
  g_application_release (G_APPLICATION (self));
}

/* The address that is meant; NULL, which is told, for what is neither one nor a name. */
static char *
resolve (SocksApplication *self, GVariant *parameter)
{
  g_autofree char *remote = socks_address_book_resolve (
      get_book (self), g_variant_get_string (parameter, NULL));
  g_autofree char *key = socks_address_key (remote);
  g_autofree char *details = g_strdup_printf ("“%s” is not an address", remote);

  if (key != NULL)
    return g_steal_pointer (&remote);
  socks_application_report (
      self, socks_error_text_of_name ("org.mycelium.Socks.Error.InvalidRemote"), details,
      NULL);
  return NULL;
}

static void
named_cb (SocksNameDialog *dialog,
          const char *key,
          const char *name,
          SocksApplication *self)
{
  socks_address_book_set_name_async (get_book (self), key, name, written_cb, hold (self));
}

static void
name_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *remote = resolve (data, parameter);
  SocksNameDialog *dialog;

  if (remote == NULL)
    return;
  dialog = socks_name_dialog_new (GTK_WINDOW (socks_application_show_window (data)),
                                  get_book (data), remote);
  g_signal_connect_object (dialog, "named", G_CALLBACK (named_cb), data, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Or no longer, if it is. */
static void
pin_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SocksAddressBook *book = get_book (data);
  g_autofree char *remote = resolve (data, parameter);

  if (remote != NULL)
    socks_address_book_set_pinned_async (book, remote,
                                         !socks_address_book_is_pinned (book, remote),
                                         written_cb, hold (data));
}

/**
 * socks_book_actions_add:
 * @application: an application that has its client
 *
 * Adds the actions.
 */
void
socks_book_actions_add (SocksApplication *application)
{
  const GActionEntry entries[] = {
    { .name = "name", .activate = name_cb, .parameter_type = "s" },
    { .name = "pin", .activate = pin_cb, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries,
                                   G_N_ELEMENTS (entries), application);
}
