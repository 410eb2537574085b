/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a small text file, and changes it while no other program does. Any thread; waits
 * for the disk, and for the others. */

#include "config.h"

#include "model/small-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/text-lock.h"

/* Enough for a slow disk. */
#define PATIENCE_MS (10 * 1000)

static char *
set_errno_error (GError **error, const char *path, int error_number)
{
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (error_number), "%s: %s",
               path, g_strerror (error_number));
  return NULL;
}

static char *
read_descriptor (int fd, const char *path, GError **error)
{
  g_autofree char *text = g_malloc (SOCKS_SMALL_TEXT_MAX_BYTES + 2);
  gsize length = 0;
  struct stat status;

  if (fstat (fd, &status) != 0)
    return set_errno_error (error, path, errno);
  if (!S_ISREG (status.st_mode))
    return set_errno_error (error, path, EINVAL);
  while (length <= SOCKS_SMALL_TEXT_MAX_BYTES)
    {
      gssize n_read = read (fd, text + length, SOCKS_SMALL_TEXT_MAX_BYTES + 1 - length);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        return set_errno_error (error, path, errno);
      if (n_read == 0)
        break;
      length += (gsize) n_read;
    }
  if (length > SOCKS_SMALL_TEXT_MAX_BYTES)
    return set_errno_error (error, path, EFBIG);
  text[length] = '\0';
  if (strlen (text) != length)
    return set_errno_error (error, path, EILSEQ);
  return g_realloc (g_steal_pointer (&text), length + 1);
}

/**
 * socks_small_text_read:
 * @path: where it is
 * @error: return location for a #GFileError
 *
 * Is not kept waiting by what is no file.
 *
 * Returns: (transfer full) (nullable): what is in it, "" where there is none; %NULL where
 *   it can't be read, is longer than %SOCKS_SMALL_TEXT_MAX_BYTES or is no text
 */
char *
socks_small_text_read (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  char *text;

  if (fd < 0)
    return errno == ENOENT || errno == ENOTDIR ? g_strdup ("")
                                               : set_errno_error (error, path, errno);
  text = read_descriptor (fd, path, error);
  close (fd);
  return text;
}

/* Where the file is that @path leads to, or is to be; its folder is made where there is
 * none. A link that leads nowhere is left alone: it may be to a disk that is not there
 * now. */
static char *
find_place (const char *path, GError **error)
{
  g_autofree char *place = realpath (path, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  if (place != NULL)
    return g_steal_pointer (&place);
  if (g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      /* Translators: the name of a file stands before it */
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: %s", path,
                   _ ("this is a link that leads nowhere"));
      return NULL;
    }
  if (g_mkdir_with_parents (folder, 0700) != 0)
    return set_errno_error (error, folder, errno);
  return g_strdup (path);
}

/* @out_after is NULL where nothing is to be changed. */
static gboolean
edit_text (const char *path,
           SocksTextEdit edit,
           gpointer data,
           char **out_after,
           GError **error)
{
  g_autofree char *before = socks_small_text_read (path, error);
  g_autofree char *after = NULL;

  if (before == NULL)
    return FALSE;
  after = edit (before, data, error);
  if (after != NULL && strlen (after) > SOCKS_SMALL_TEXT_MAX_BYTES)
    {
      g_clear_pointer (&after, g_free);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                   /* Translators: the name of a file stands before it */
                   _ ("it is full, for it can be no larger than %d KiB"),
                   SOCKS_SMALL_TEXT_MAX_BYTES / 1024);
    }
  if (after == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (!g_str_equal (before, after))
    *out_after = g_steal_pointer (&after);
  return TRUE;
}

/* With @mode, of which GLib would take the umask: others may read this file. */
static gboolean
replace (const char *path, const char *text, mode_t mode, GError **error)
{
  g_autofree char *temporary = g_strconcat (path, ".XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);

  if (fd < 0)
    return set_errno_error (error, path, errno) != NULL;
  close (fd);
  if (g_file_set_contents_full (temporary, text, -1, G_FILE_SET_CONTENTS_DURABLE, 0600,
                                error))
    {
      if (g_chmod (temporary, mode) == 0 && g_rename (temporary, path) == 0)
        return TRUE;
      set_errno_error (error, path, errno);
    }
  g_unlink (temporary);
  return FALSE;
}

/* @file is @path, locked. */
static gboolean
change_locked (int file,
               const char *path,
               SocksTextEdit edit,
               gpointer data,
               GError **error)
{
  g_autofree char *after = NULL;
  struct stat status;

  if (fstat (file, &status) != 0)
    return set_errno_error (error, path, errno) != NULL;
  return edit_text (path, edit, data, &after, error) &&
         (after == NULL || replace (path, after, status.st_mode & 0777, error));
}

/* Takes away what only the lock has made; an editor that knows of no locks may have put
 * something in its place. */
static void
remove_empty (const char *path)
{
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0)
    g_unlink (path);
}

/**
 * socks_small_text_change:
 * @path: where it is to be; its folder is made where there is none
 * @edit: makes the change
 * @data: for @edit
 * @error: return location for a #GFileError
 *
 * No two programs change it at once. Whoever reads it finds what was in it or what is,
 * and nothing between; whoever may read it still may. Where it is a link, what that leads
 * to is changed.
 *
 * Returns: whether it is done; nothing has changed otherwise
 */
gboolean
socks_small_text_change (const char *path,
                         SocksTextEdit edit,
                         gpointer data,
                         GError **error)
{
  g_autofree char *first = NULL;
  g_autofree char *place = NULL;
  gboolean was_there, is_done;
  int file;

  /* Nothing is made where there is nothing to be changed. */
  if (!edit_text (path, edit, data, &first, error))
    return FALSE;
  if (first == NULL)
    return TRUE;
  place = find_place (path, error);
  was_there = place != NULL && g_file_test (place, G_FILE_TEST_EXISTS);
  file = place != NULL ? socks_text_lock_take (place, PATIENCE_MS, error) : -1;
  if (file < 0)
    return FALSE;
  is_done = change_locked (file, place, edit, data, error);
  if (!is_done && !was_there)
    remove_empty (place);
  close (file);
  return is_done;
}
