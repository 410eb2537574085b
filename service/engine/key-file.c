/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Key files of bounded size, whatever stands at their path, and their text made fit for
 * a message. What the keys mean is the caller's. Any thread; reads the disk. */

#include "engine/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
set_file_error (GError **error, int error_number)
{
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (error_number),
                       g_strerror (error_number));
  return FALSE;
}

/* Reads up to @max_bytes; a longer file is an error, so that a device that never ends is
 * one too. */
static gboolean
read_all (int fd, gsize max_bytes, GByteArray *contents, GError **error)
{
  for (;;)
    {
      guint8 buffer[4096];
      gssize n_read = read (fd, buffer, sizeof buffer);

      if (n_read == 0)
        return TRUE;
      if (n_read > 0)
        g_byte_array_append (contents, buffer, (guint) n_read);
      else if (errno != EINTR)
        return set_file_error (error, errno);

      if (contents->len > max_bytes)
        {
          g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                       "the file is larger than %" G_GSIZE_FORMAT " bytes", max_bytes);
          return FALSE;
        }
    }
}

/**
 * socks_key_file_load:
 * @path: a path
 * @max_bytes: how long the file may be
 * @error: return location for a #GFileError (%G_FILE_ERROR_NOENT for a missing file) or
 *   a #GKeyFileError; its message does not name the file and is fit to be shown
 *
 * Reads a key file. Unlike g_key_file_load_from_file() it bounds what it reads, does not
 * wait for a writer on a FIFO, and refuses a NUL byte, after which GLib would ignore the
 * rest of the line.
 *
 * Returns: (transfer full): the key file; %NULL on failure
 */
GKeyFile *
socks_key_file_load (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GByteArray) contents = g_byte_array_new ();
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  g_autoptr (GError) syntax_error = NULL;
  gboolean was_read;
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);

  if (fd < 0)
    {
      set_file_error (error, errno);
      return NULL;
    }
  was_read = read_all (fd, max_bytes, contents, error);
  close (fd);
  if (!was_read)
    return NULL;

  /* GLib refuses to read nothing at all, and the array of an empty file has no data. */
  g_byte_array_append (contents, (const guint8 *) "\n", 1);
  if (memchr (contents->data, '\0', contents->len) != NULL)
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
                           "the file holds a NUL byte");
      return NULL;
    }

  /* With translations kept, “Key[de]” is an unknown key in every locale alike. */
  if (!g_key_file_load_from_data (key_file, (const char *) contents->data, contents->len,
                                  G_KEY_FILE_KEEP_TRANSLATIONS, &syntax_error))
    {
      g_autofree char *shown = socks_key_file_show (syntax_error->message, 200);

      g_set_error_literal (error, syntax_error->domain, syntax_error->code, shown);
      return NULL;
    }
  return g_steal_pointer (&key_file);
}

/**
 * socks_key_file_show:
 * @text: what stands in a file, in whatever encoding
 * @max_bytes: how much of it is of interest
 *
 * Makes text from a file fit for a message: cut, valid UTF-8, and with everything that
 * could move the cursor or turn the direction of writing replaced by `\x{…}`.
 *
 * Returns: (transfer full): the text to show
 */
char *
socks_key_file_show (const char *text, gsize max_bytes)
{
  g_autofree char *cut = g_strndup (text, max_bytes);
  g_autofree char *valid = g_utf8_make_valid (cut, -1);
  GString *shown = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isprint (character))
        g_string_append_unichar (shown, character);
      else
        g_string_append_printf (shown, "\\x{%02x}", character);
    }
  if (strnlen (text, max_bytes + 1) > max_bytes)
    g_string_append (shown, "…");
  return g_string_free (shown, FALSE);
}
