/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files of names, pins and of what was used last, in a temporary place, and a book that
 * is made of them. Main thread. */

#include "book-world.h"

#include <glib/gstdio.h>

#include "run-until.h"

static void
changed_cb (SocksAddressBook *book, BookWorld *world)
{
  world->n_changes++;
}

void
book_world_open (BookWorld *world)
{
  g_clear_object (&world->book);
  world->book = socks_address_book_new_in (world->machine, world->config, world->state);
  g_signal_connect (world->book, "changed", G_CALLBACK (changed_cb), world);
}

void
book_world_set_up (BookWorld *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  world->root = g_dir_make_tmp ("socks-book-XXXXXX", &error);
  g_assert_no_error (error);
  world->machine = g_build_filename (world->root, "etc", NULL);
  world->config =
      g_build_filename (world->root, "home", "config", "mycelium-socks", NULL);
  world->state = g_build_filename (world->root, "home", "state", "mycelium-socks", NULL);
  g_assert_cmpint (g_mkdir (world->machine, 0755), ==, 0);
  book_world_open (world);
}

void
book_world_remove_tree (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      book_world_remove_tree (child);
    }
  g_remove (path);
}

void
book_world_tear_down (BookWorld *world, gconstpointer unused)
{
  g_clear_object (&world->book);
  book_world_remove_tree (world->root);
  g_free (world->state);
  g_free (world->config);
  g_free (world->machine);
  g_free (world->root);
}

/* Writes a file as somebody else does. */
void
book_world_write (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

void
book_world_expect_file (const char *directory, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *found = NULL;

  if (text == NULL)
    {
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
      return;
    }
  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
}

const char *
book_world_get_name (BookWorld *world, const char *address)
{
  return socks_address_book_get_name (world->book, address);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BookWorld *world = data;
  g_autoptr (GError) error = NULL;

  socks_address_book_finish (SOCKS_ADDRESS_BOOK (source), result, &error);
  g_assert_no_error (error);
  world->n_pending--;
}

void
book_world_set_name (BookWorld *world, const char *key, const char *name)
{
  world->n_pending++;
  socks_address_book_set_name_async (world->book, key, name, done_cb, world);
}

void
book_world_set_pinned (BookWorld *world, const char *address, gboolean is_pinned)
{
  world->n_pending++;
  socks_address_book_set_pinned_async (world->book, address, is_pinned, done_cb, world);
}

void
book_world_use (BookWorld *world, const char *address)
{
  world->n_pending++;
  socks_address_book_add_use_async (world->book, address, done_cb, world);
}

void
book_world_finish (BookWorld *world)
{
  RUN_UNTIL (world->n_pending == 0);
}
