/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is remembered over a restart: a file that is accepted is written back to the same,
 * and one that is not is one warning. */

#include "target.h"

#include "engine/memory.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder; /* (owned): of this process alone */
static char *path;   /* (owned): in it */

static void
remove_files (void)
{
  g_remove (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
}

static SocksMemory *
get_memory_to_write (void)
{
  static SocksMemory *memory;

  if (memory == NULL)
    {
      g_autoptr (GError) error = NULL;

      folder = g_dir_make_tmp ("fuzz-memory-XXXXXX", &error);
      g_assert_no_error (error);
      path = g_build_filename (folder, "selection", NULL);
      memory = socks_memory_new (path);
      atexit (remove_files);
    }
  return memory;
}

/* Lets it be written as it was read; returns the file. */
static char *
write_back (SocksSelection selection, const SocksEndpoint *remote)
{
  SocksMemory *memory = get_memory_to_write ();
  g_autoptr (GError) error = NULL;
  char *contents;

  socks_memory_save (memory, selection, remote->port != 0 ? remote : NULL);
  socks_memory_flush (memory);
  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  return contents;
}

static SocksSelection
load (const void *data, gsize n_bytes, SocksEndpoint *out_remote)
{
  static SocksMemory *memory;
  const char *input_path = target_write_file (data, n_bytes);
  SocksSelection selection;

  if (memory == NULL)
    memory = socks_memory_new (input_path);
  selection = socks_memory_load (memory, out_remote);
  g_assert_cmpuint (target_count_warnings (), ==, selection == SOCKS_SELECTION_NONE);
  return selection;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  SocksEndpoint remote, untouched, again;
  SocksSelection selection;
  g_autofree char *written = NULL;
  g_autofree char *written_again = NULL;

  memset (&remote, 0x5a, sizeof remote);
  untouched = remote;
  selection = load (data, n_bytes, &remote);
  if (selection == SOCKS_SELECTION_NONE)
    {
      g_assert_cmpmem (&remote, sizeof remote, &untouched, sizeof untouched);
      return 0;
    }

  if (selection == SOCKS_SELECTION_MANUAL || remote.port != 0)
    g_assert_true (socks_endpoint_check_remote (&remote, 0, NULL, 0, NULL));
  written = write_back (selection, &remote);
  g_assert_cmpint (load (written, strlen (written), &again), ==, selection);
  g_assert_true (socks_endpoint_equal (&again, &remote));
  written_again = write_back (selection, &again);
  g_assert_cmpstr (written_again, ==, written);
  return 0;
}
