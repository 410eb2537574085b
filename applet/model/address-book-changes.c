/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person changes in their address book: names, pins, and what they used last. Main
 * thread; the files are written in another. */

#include "config.h"

#include "model/address-book-part.h"

#include <glib/gi18n-lib.h>

#include "model/address-key.h"
#include "model/address-text.h"
#include "model/name-text.h"

/**
 * socks_address_book_judge_name:
 * @self: a book
 * @key: an address, from socks_address_key()
 * @name: what is to become its name, without blanks around it
 *
 * Returns: (transfer full): a sentence on why it can't, "" if it can
 */
char *
socks_address_book_judge_name (SocksAddressBook *self, const char *key, const char *name)
{
  SocksNameVerdict verdict = socks_name_check (name);
  g_autofree char *other = NULL;
  g_autofree char *text = NULL;
  SocksNameMatch match;

  if (verdict != SOCKS_NAME_FINE)
    return g_strdup (socks_name_verdict_text (verdict));
  match = socks_address_book_find (self, name, &other);
  if (match == SOCKS_NAME_MATCH_SEVERAL)
    return g_strdup (_ ("More than one address has this name already."));
  if (match != SOCKS_NAME_MATCH_ONE || socks_address_keys_meet (other, key))
    return g_strdup ("");
  text = socks_address_text_full (other);
  /* Translators: %s is an address */
  return g_strdup_printf (_ ("This is the name of %s already."), text);
}

/* A change, for the thread in which it is made. */
typedef struct
{
  char *key;  /* (owned) */
  char *name; /* (owned) (nullable): NULL to take it out */
} Change;

static Change *
change_new (const char *key, const char *name)
{
  Change *change = g_new (Change, 1);

  change->key = g_strdup (key);
  change->name = g_strdup (name);
  return change;
}

static void
change_free (gpointer data)
{
  Change *change = data;

  g_free (change->key);
  g_free (change->name);
  g_free (change);
}

/* Of a file that is full the last line would not be read. */
static char *
put (const char *text, const Change *change, GError **error)
{
  g_autofree char *after = socks_address_lines_put (text, change->key, change->name);
  g_autoptr (SocksAddressLines) lines =
      socks_address_lines_parse (after, *change->name != '\0');

  if (socks_address_lines_find (lines, change->key) != NULL)
    return g_steal_pointer (&after);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
               /* Translators: the name of a file stands before it */
               _ ("it is full, for it can have no more than %d addresses"),
               SOCKS_ADDRESS_LINES_MAX);
  return NULL;
}

static char *
put_edit (const char *text, gpointer data, GError **error)
{
  const Change *change = data;

  return change->name != NULL ? put (text, change, error)
                              : socks_address_lines_take_out (text, change->key);
}

/* The last one first, and no more than are needed. */
static char *
use_edit (const char *text, gpointer data, GError **error)
{
  const Change *change = data;
  g_autoptr (SocksAddressLines) lines = socks_address_lines_parse (text, FALSE);
  GString *result = g_string_new (change->key);
  guint n_lines = 1;

  g_string_append_c (result, '\n');
  for (guint i = 0; i < lines->lines->len && n_lines < SOCKS_ADDRESS_BOOK_N_RECENT; i++)
    {
      const char *key = socks_address_lines_get (lines, i)->key;

      if (g_str_equal (key, change->key))
        continue;
      g_string_append_printf (result, "%s\n", key);
      n_lines++;
    }
  return g_string_free (result, FALSE);
}

static void
edited_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (socks_text_file_edit_finish (SOCKS_TEXT_FILE (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @address may come from anywhere; nothing but an address gets into a file. */
static void
edit_async (SocksAddressBook *self,
            SocksAddressBookPart part,
            SocksTextEdit edit,
            const char *address,
            const char *name,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  GTask *task = g_task_new (self, NULL /* cancellable */, callback, user_data);
  g_autofree char *key = socks_address_key (address);

  g_task_set_source_tag (task, edit_async);
  if (key != NULL)
    {
      socks_text_file_edit_async (socks_address_book_get_file (self, part), edit,
                                  change_new (key, name), change_free, edited_cb, task);
      return;
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "This is no address");
  g_object_unref (task);
}

/**
 * socks_address_book_set_name_async:
 * @self: a book
 * @key: an address
 * @name: (nullable): a name that socks_address_book_judge_name() says nothing against;
 *   %NULL for none, which lets the machine's be seen again
 * @callback: called when it is written
 * @user_data: for @callback
 *
 * Gives it a name of the person's.
 */
void
socks_address_book_set_name_async (SocksAddressBook *self,
                                   const char *key,
                                   const char *name,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  edit_async (self, SOCKS_ADDRESS_BOOK_OWN_NAMES, put_edit, key, name, callback,
              user_data);
}

/**
 * socks_address_book_set_pinned_async:
 * @self: a book
 * @address: an address as the service writes it
 * @is_pinned: whether it is to be
 * @callback: (nullable): called when it is written
 * @user_data: for @callback
 *
 * Pins it, behind those that are pinned already, or does so no longer.
 */
void
socks_address_book_set_pinned_async (SocksAddressBook *self,
                                     const char *address,
                                     gboolean is_pinned,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  edit_async (self, SOCKS_ADDRESS_BOOK_PINS, put_edit, address, is_pinned ? "" : NULL,
              callback, user_data);
}

/**
 * socks_address_book_add_use_async:
 * @self: a book
 * @address: an address as the service writes it
 * @callback: (nullable): called when it is written
 * @user_data: for @callback
 *
 * Remembers that the person has used it.
 */
void
socks_address_book_add_use_async (SocksAddressBook *self,
                                  const char *address,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  edit_async (self, SOCKS_ADDRESS_BOOK_RECENT, use_edit, address, NULL, callback,
              user_data);
}

/**
 * socks_address_book_finish:
 * @self: a book
 * @result: what the callback of a change was given
 * @error: return location for a #GFileError, or %G_IO_ERROR_INVALID_ARGUMENT for what is
 * no address
 *
 * Returns: whether it is written; by then the book is the new one
 */
gboolean
socks_address_book_finish (SocksAddressBook *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
is_changing (SocksAddressBook *self)
{
  for (SocksAddressBookPart part = 0; part < SOCKS_ADDRESS_BOOK_N_PARTS; part++)
    if (socks_text_file_is_changing (socks_address_book_get_file (self, part)))
      return TRUE;
  return FALSE;
}

static gboolean
over_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/**
 * socks_address_book_settle:
 * @self: a book
 * @patience_ms: how long to wait for a disk that does not answer
 *
 * Runs the main context until every change that was begun is written, or could not be: for
 * the end of a program, which would end them.
 *
 * Returns: whether none is under way any more
 */
gboolean
socks_address_book_settle (SocksAddressBook *self, guint patience_ms)
{
  gboolean is_over = FALSE;
  guint timeout_id = g_timeout_add (patience_ms, over_cb, &is_over);

  while (!is_over && is_changing (self))
    g_main_context_iteration (NULL /* default */, TRUE);
  if (!is_over)
    g_source_remove (timeout_id);
  return !is_changing (self);
}
