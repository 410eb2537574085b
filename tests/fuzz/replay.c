/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Feeds a fuzz target the files of its corpus, each as one test, in every build: what
 * fuzzing has found once is not forgotten where there is no fuzzer. */

#include "target.h"

#include <stdio.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

static GPtrArray *
list_files (const char *folder_path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = g_dir_open (folder_path, 0, &error);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = NULL;

  g_assert_cmpint (argc, ==, 2);
  names = list_files (argv[1]);
  LLVMFuzzerInitialize (&argc, &argv);

  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *contents = NULL;
      g_autoptr (GError) error = NULL;
      gsize n_bytes;

      g_file_get_contents (path, &contents, &n_bytes, &error);
      g_assert_no_error (error);
      printf ("# %s\n", name);
      fflush (stdout);
      LLVMFuzzerTestOneInput ((const guint8 *) contents, n_bytes);
      printf ("ok %u %s\n", i + 1, name);
    }

  printf ("1..%u\n", names->len);
  return names->len > 0 ? 0 : 1;
}
