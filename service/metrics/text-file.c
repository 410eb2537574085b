/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a file is written that a collector may read at any time: it is there whole, or not
 * at all. Runs in the thread of the file's keeper.
 *
 * Nothing is forced to the disk: after a crash of the machine the service, too, counts
 * from 0 again. */

#include "metrics/text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Collectors read the names that end in “.prom”. */
#define UNFINISHED_SUFFIX ".new"

#define FILE_MODE 0644

static gboolean
write_all (int fd, const char *text, GError **error)
{
  gsize n_left = strlen (text);

  while (n_left > 0)
    {
      gssize n_written = write (fd, text, n_left);

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written < 0)
        return socks_file_set_errno_error (error);
      text += n_written;
      n_left -= (gsize) n_written;
    }
  return TRUE;
}

static gboolean
write_unfinished (const char *path, const char *contents, GError **error)
{
  gboolean is_written;
  int fd;

  /* Of a service that was killed, or planted; in neither case is it written to, and a
   * link is not followed: the file that is opened is always a new one. */
  g_unlink (path);
  fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
  if (fd < 0)
    return socks_file_set_errno_error (error);

  /* For the collector, which is another user, in spite of our umask. */
  is_written = (fchmod (fd, FILE_MODE) == 0 || socks_file_set_errno_error (error)) &&
               write_all (fd, contents, error);
  if (close (fd) < 0 && is_written)
    is_written = socks_file_set_errno_error (error);
  return is_written;
}

/* Where the new text can't be written the old one goes: better nothing than what is not
 * so any more. */
static gboolean
write_text_file (const char *path, const char *contents, GError **error)
{
  g_autofree char *unfinished = g_strconcat (path, UNFINISHED_SUFFIX, NULL);

  if (contents == NULL)
    return g_unlink (path) == 0 || errno == ENOENT || socks_file_set_errno_error (error);

  if (write_unfinished (unfinished, contents, error) &&
      (g_rename (unfinished, path) == 0 || socks_file_set_errno_error (error)))
    return TRUE;
  g_unlink (unfinished);
  g_unlink (path);
  return FALSE;
}

static void
tell (const char *path, const GError *error)
{
  if (error != NULL)
    g_warning ("The metrics can't be written to %s: %s; mend that, or see at TextFile= in "
               "the configuration where this service may write",
               path, error->message);
  else
    g_message ("The metrics are written to %s again", path);
}

const SocksFileKind socks_text_file = { write_text_file, tell };
