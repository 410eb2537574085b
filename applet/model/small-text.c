/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a small text file and puts another in its place. Any thread; waits for the disk.
 */

#include "model/small-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/**
 * socks_small_text_replace:
 * @path: where it is to be; its folder is made where there is none
 * @text: what is to be in it
 * @error: return location for a #GFileError
 *
 * Whoever reads it finds what was in it or what is, and nothing between. Where it is a
 * link, what that leads to is replaced.
 *
 * Returns: whether it is done; nothing has changed otherwise
 */
gboolean
socks_small_text_replace (const char *path, const char *text, GError **error)
{
  g_autofree char *target = realpath (path, NULL);
  const char *place = target != NULL ? target : path;
  g_autofree char *folder = g_path_get_dirname (place);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return set_errno_error (error, folder, errno) != NULL;
  return g_file_set_contents_full (place, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                                   error);
}
