/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lets one program at a time change a text file. What is locked is the file itself: it is
 * the same one through a link and from another home, and nothing is left lying beside it.
 * The folder would not do: that of the state is locked for as long as somebody looks
 * after the desktop's proxy.
 *
 * Whoever changes the file puts another in its place, so a lock is one only while the
 * path still leads to what is locked. It ends with the program, however that ends; but
 * one that is stopped keeps it, so nobody waits for ever. Any thread; waits. */

#include "config.h"

#include "model/text-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far less than a change takes, which waits for the disk. */
#define INTERVAL_MS 2

#define FLAGS (O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

/* Returns a descriptor, or -1 with errno. */
static int
open_to_lock (const char *path)
{
  /* Over NFS nothing else can be locked but what may be written. */
  int fd = g_open (path, O_RDWR | O_CREAT | FLAGS, 0600);
  int error_number = errno;

  /* What can't be written may well be replaced. */
  if (fd < 0 && error_number == EACCES)
    fd = g_open (path, O_RDONLY | FLAGS, 0);
  errno = error_number;
  return fd;
}

/* Returns whether nobody else has it. Tries are counted, and not the time: who has been
 * stopped meanwhile, perhaps together with the other one, has not waited. */
static gboolean
wait_for_lock (int fd, guint patience_ms)
{
  for (guint waited_ms = 0; flock (fd, LOCK_EX | LOCK_NB) != 0; waited_ms += INTERVAL_MS)
    {
      /* A file system without locks is no reason to write nothing. */
      if (errno != EWOULDBLOCK && errno != EINTR)
        return TRUE;
      if (waited_ms >= patience_ms)
        return FALSE;
      g_usleep (INTERVAL_MS * 1000);
    }
  return TRUE;
}

static gboolean
leads_to (const char *path, int fd)
{
  struct stat there, locked;

  return stat (path, &there) == 0 && fstat (fd, &locked) == 0 &&
         there.st_dev == locked.st_dev && there.st_ino == locked.st_ino;
}

/**
 * socks_text_lock_take:
 * @path: where the file is; it is made, empty, where there is none
 * @patience_ms: how long to wait for one that has it and gets nothing done
 * @error: return location for a #GFileError
 *
 * Returns: the file, locked until it is closed; -1 where it can't be opened, or somebody
 *   else keeps it
 */
int
socks_text_lock_take (const char *path, guint patience_ms, GError **error)
{
  for (;;)
    {
      int fd = open_to_lock (path);

      if (fd < 0)
        {
          int error_number = errno;

          g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (error_number),
                       "%s: %s", path, g_strerror (error_number));
          return -1;
        }
      if (!wait_for_lock (fd, patience_ms))
        {
          close (fd);
          /* Translators: the name of a file stands before it */
          g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN, "%s: %s", path,
                       _ ("another program keeps it locked"));
          return -1;
        }
      if (leads_to (path, fd))
        return fd;
      close (fd);
    }
}
