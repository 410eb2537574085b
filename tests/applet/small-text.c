/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Changes of a small text file: what becomes of the file, and of what others do to it. */

#include "model/small-text.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book-world.h"
#include "model/text-lock.h"

static char *
append (const char *text, gpointer line, GError **error)
{
  return g_strconcat (text, line, NULL);
}

static void
expect_mode (const char *path, mode_t mode)
{
  struct stat status;

  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, mode);
}

/* Fails to change it, and says so. */
static void
expect_failure (const char *path, const char *line, const char *sentence)
{
  g_autofree char *expected = g_strconcat (path, ": ", sentence, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (socks_small_text_change (path, append, (gpointer) line, &error));
  g_assert_cmpstr (error->message, ==, expected);
}

static void
change (const char *path, const char *line)
{
  g_autoptr (GError) error = NULL;

  socks_small_text_change (path, append, (gpointer) line, &error);
  g_assert_no_error (error);
}

static void
test_what_was_not_there_is_made_for_its_person_alone (BookWorld *world,
                                                      gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->config, "names", NULL);

  change (path, "");
  book_world_expect_file (world->config, "", NULL);
  change (path, "a\n");
  change (path, "b\n");
  book_world_expect_file (world->config, "names", "a\nb\n");
  expect_mode (path, 0600);
  expect_mode (world->config, 0700);
}

static void
test_whoever_may_read_it_still_may (BookWorld *world, gconstpointer unused)
{
  static const mode_t modes[] = { 0664, 0444, 0600 };
  g_autofree char *path = g_build_filename (world->root, "names", NULL);
  g_autofree char *link = g_build_filename (world->root, "link", NULL);
  mode_t umask_before = umask (077);

  book_world_write (world->root, "names", "");
  g_assert_cmpint (symlink ("names", link), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_assert_cmpint (g_chmod (path, modes[i]), ==, 0);
      change (link, "a\n");
      expect_mode (path, modes[i]);
    }
  umask (umask_before);
  book_world_expect_file (world->root, "names", "a\na\na\n");
}

/* As one does to a disk that is not there now. */
static void
test_a_link_that_leads_nowhere_is_left_alone (BookWorld *world, gconstpointer unused)
{
  g_autofree char *link = g_build_filename (world->root, "names", NULL);
  g_autofree char *target = NULL;

  g_assert_cmpint (symlink ("disk/names", link), ==, 0);
  expect_failure (link, "a\n", "this is a link that leads nowhere");
  target = g_file_read_link (link, NULL);
  g_assert_cmpstr (target, ==, "disk/names");
  book_world_expect_file (world->root, "disk", NULL);

  g_assert_cmpint (g_unlink (link), ==, 0);
  g_assert_cmpint (symlink ("names", link), ==, 0);
  expect_failure (link, "a\n", "Too many levels of symbolic links");
}

static void
test_nothing_is_written_that_would_not_be_read (BookWorld *world, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->root, "names", NULL);
  g_autofree char *text = g_strnfill (SOCKS_SMALL_TEXT_MAX_BYTES - 1, '#');
  g_autofree char *full = g_strconcat (text, "\n", NULL);

  book_world_write (world->root, "names", text);
  expect_failure (path, "\n\n", "it is full, for it can be no larger than 256 KiB");
  book_world_expect_file (world->root, "names", text);
  change (path, "\n");
  book_world_expect_file (world->root, "names", full);
}

/* A change that can be made until the file is locked, and no longer then. */
static char *
append_once (const char *text, gpointer n_calls, GError **error)
{
  if ((*(guint *) n_calls)++ == 0)
    return g_strconcat (text, "a\n", NULL);
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "not again");
  return NULL;
}

static void
fail_while_locked (const char *path)
{
  g_autoptr (GError) error = NULL;
  guint n_calls = 0;

  g_assert_false (socks_small_text_change (path, append_once, &n_calls, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
  g_assert_cmpuint (n_calls, ==, 2);
}

static void
test_what_fails_leaves_nothing_behind (BookWorld *world, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->root, "names", NULL);

  fail_while_locked (path);
  book_world_expect_file (world->root, "names", NULL);
  /* Nor takes anything away. */
  book_world_write (world->root, "names", "");
  fail_while_locked (path);
  book_world_expect_file (world->root, "names", "");
  change (path, "a\n");
  fail_while_locked (path);
  book_world_expect_file (world->root, "names", "a\n");
}

/* As a program that somebody has stopped. */
static void
test_nobody_waits_for_ever_for_what_is_locked (BookWorld *world, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->root, "names", NULL);
  g_autofree char *expected =
      g_strconcat (path, ": another program keeps it locked", NULL);
  g_autoptr (GError) error = NULL;
  int lock = socks_text_lock_take (path, 0, NULL);
  int other;

  g_assert_cmpint (lock, >=, 0);
  g_assert_cmpint (socks_text_lock_take (path, 20, &error), ==, -1);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN);
  g_assert_cmpstr (error->message, ==, expected);
  close (lock);
  lock = socks_text_lock_take (path, 0, NULL);
  g_assert_cmpint (lock, >=, 0);

  /* Of a file that is in no place any more a lock is none. */
  g_assert_cmpint (g_unlink (path), ==, 0);
  other = socks_text_lock_take (path, 0, NULL);
  g_assert_cmpint (other, >=, 0);
  close (other);
  close (lock);
}

static gpointer
append_many (gpointer path)
{
  for (guint i = 0; i < 50; i++)
    change (path, "x");
  return NULL;
}

static void
test_each_waits_until_the_others_are_done (BookWorld *world, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->root, "names", NULL);
  g_autofree char *expected = g_strnfill (200, 'x');
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("append", append_many, path);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  book_world_expect_file (world->root, "names", expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name)                                                                        \
  g_test_add ("/small-text/" #name, BookWorld, NULL, book_world_set_up, test_##name,     \
              book_world_tear_down)
  ADD (what_was_not_there_is_made_for_its_person_alone);
  ADD (whoever_may_read_it_still_may);
  ADD (a_link_that_leads_nowhere_is_left_alone);
  ADD (nothing_is_written_that_would_not_be_read);
  ADD (what_fails_leaves_nothing_behind);
  ADD (nobody_waits_for_ever_for_what_is_locked);
  ADD (each_waits_until_the_others_are_done);
#undef ADD
  return g_test_run ();
}
