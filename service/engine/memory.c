/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was chosen, remembered over a restart of the service or the machine. When it is
 * remembered and what comes of it is the engine's.
 *
 * Main thread, but for the writing, which is done where a #SocksFileKeeper does it: an
 * fsync can take seconds on a busy disk. */

#include "engine/memory.h"

#include "core/error.h"
#include "engine/file-keeper.h"
#include "engine/key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE_BYTES 4096

#define GROUP "Selection"

struct _SocksMemory
{
  GObject parent_instance;

  SocksFileKeeper *file; /* (owned) */
};

G_DEFINE_FINAL_TYPE (SocksMemory, socks_memory, G_TYPE_OBJECT)

/* A name that came or went is on the disk only when its directory is. */
static gboolean
sync_directory_of (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  int fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  gboolean is_synced;

  if (fd < 0)
    return socks_file_set_errno_error (error);
  is_synced = fsync (fd) == 0 || socks_file_set_errno_error (error);
  close (fd);
  return is_synced;
}

static gboolean
write_file (const char *path, const char *contents, GError **error)
{
  if (contents != NULL)
    {
      if (!g_file_set_contents_full (
              path, contents, -1,
              G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error))
        return FALSE;
    }
  else if (g_unlink (path) != 0)
    return errno == ENOENT || socks_file_set_errno_error (error);

  return sync_directory_of (path, error);
}

static void
tell (const char *path, const GError *error)
{
  if (error != NULL)
    g_warning ("What is chosen can't be remembered in %s and will not be restored after a "
               "restart: %s",
               path, error->message);
  else
    g_message ("What is chosen is remembered in %s again", path);
}

static const SocksFileKind durable_file = { write_file, tell };

static void
socks_memory_finalize (GObject *object)
{
  SocksMemory *self = SOCKS_MEMORY (object);

  socks_file_keeper_free (self->file);

  G_OBJECT_CLASS (socks_memory_parent_class)->finalize (object);
}

static void
socks_memory_class_init (SocksMemoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_memory_finalize;
}

static void
socks_memory_init (SocksMemory *self)
{
}

/**
 * socks_memory_new:
 * @path: where to remember, a file in a directory that exists; the file need not
 *
 * Nothing is read or written yet. The last reference waits for the last save, as
 * socks_memory_flush() does.
 *
 * Returns: (transfer full): a new memory
 */
SocksMemory *
socks_memory_new (const char *path)
{
  SocksMemory *self = g_object_new (SOCKS_TYPE_MEMORY, NULL);

  self->file = socks_file_keeper_new (&durable_file, path, "socks-memory");
  return self;
}

/* Returns whether @file says something that save() could have written. */
static gboolean
read_selection (GKeyFile *file,
                SocksSelection *out_selection,
                SocksEndpoint *out_remote,
                GError **error)
{
  g_autofree char *mode = g_key_file_get_value (file, GROUP, "Mode", error);
  g_autofree char *remote_text = NULL;
  SocksSelection selection;
  SocksEndpoint remote = { 0 };

  if (mode == NULL)
    return FALSE;
  if (strcmp (mode, "automatic") == 0)
    selection = SOCKS_SELECTION_AUTOMATIC;
  else if (strcmp (mode, "manual") == 0)
    selection = SOCKS_SELECTION_MANUAL;
  else
    {
      g_autofree char *shown = socks_key_file_show (mode, 64);

      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_FAILED, "“%s” is no Mode", shown);
      return FALSE;
    }

  remote_text = g_key_file_get_value (file, GROUP, "Remote", error);
  if (remote_text == NULL)
    return FALSE;
  if ((*remote_text != '\0' || selection == SOCKS_SELECTION_MANUAL) &&
      (!socks_endpoint_parse (remote_text, &remote, error) ||
       !socks_endpoint_check_remote (&remote, 0 /* the engine knows its port */,
                                     NULL /* own addresses */, 0, error)))
    return FALSE;

  *out_selection = selection;
  *out_remote = remote;
  return TRUE;
}

/**
 * socks_memory_load:
 * @self: a memory
 * @out_remote: (out): the remote that was chosen; where an automatic choice had not been
 *   made yet, all zero (a remote never has port 0); untouched if nothing is remembered
 *
 * Reads what was remembered when the program ended, however it ended. Call it before the
 * first socks_memory_save(). It reads a small file and may wait for the disk.
 *
 * A missing file is nothing remembered. So is a damaged one, with one warning: not a key
 * file, over 4 KiB, not readable, or holding what socks_memory_save() does not write. It
 * stays where it is until the next save. A remote was one that may be a remote as far as
 * that can be told without knowing this machine's addresses and port; check it again.
 *
 * Returns: how the remote was chosen; %SOCKS_SELECTION_NONE if nothing is remembered
 */
SocksSelection
socks_memory_load (SocksMemory *self, SocksEndpoint *out_remote)
{
  const char *path = socks_file_keeper_get_path (self->file);
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file = socks_key_file_load (path, MAX_FILE_BYTES, &error);
  SocksSelection selection = SOCKS_SELECTION_NONE;

  if (file != NULL)
    read_selection (file, &selection, out_remote, &error);
  else if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    g_clear_error (&error);

  if (error != NULL)
    g_warning ("What was chosen before is not restored, because %s is damaged: %s",
               path, error->message);
  return selection;
}

/**
 * socks_memory_save:
 * @self: a memory
 * @selection: how @remote was chosen; %SOCKS_SELECTION_NONE forgets what is remembered
 * @remote: (nullable): what was chosen; %NULL with %SOCKS_SELECTION_NONE, never with
 *   %SOCKS_SELECTION_MANUAL, and with %SOCKS_SELECTION_AUTOMATIC if nobody was found yet
 *
 * Remembers a choice, and returns at once: a thread writes it, atomically and down to the
 * disk. Saves take effect in the order of the calls, and one that is overtaken by the
 * next before it was begun is left out, so that the newest always stands in the end.
 *
 * If it can't be written, that is one warning for all saves until one succeeds, and what
 * was remembered before remains.
 */
void
socks_memory_save (SocksMemory *self,
                   SocksSelection selection,
                   const SocksEndpoint *remote)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];
  char *contents = NULL;

  g_return_if_fail (selection != SOCKS_SELECTION_NONE || remote == NULL);
  g_return_if_fail (selection != SOCKS_SELECTION_MANUAL || remote != NULL);

  if (selection != SOCKS_SELECTION_NONE)
    contents = g_strdup_printf (
        "# Written by mycelium-socksd, which takes this up again when it starts.\n"
        "[" GROUP "]\n"
        "Mode=%s\n"
        "Remote=%s\n",
        selection == SOCKS_SELECTION_MANUAL ? "manual" : "automatic",
        remote != NULL ? socks_endpoint_write (remote, text) : "");

  socks_file_keeper_write (self->file, contents);
}

/**
 * socks_memory_flush:
 * @self: a memory
 *
 * Waits until the last save is on the disk or has failed. For the end of the program:
 * it can take as long as the disk does.
 */
void
socks_memory_flush (SocksMemory *self)
{
  socks_file_keeper_flush (self->file);
}
