/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A file of metrics is there whole or not at all, whatever lies in its way. */

#include "metrics/text-file.h"

#include "expected-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *directory;       /* (owned): of this test alone */
  char *path;            /* (owned): in it; no such file at first */
  char *unfinished;      /* (owned): where it is written */
  char *victim;          /* (owned): a file of somebody else */
  SocksFileKeeper *file; /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("metrics-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "socks.prom", NULL);
  fixture->unfinished = g_strconcat (fixture->path, ".new", NULL);
  fixture->victim = g_build_filename (fixture->directory, "victim", NULL);
  g_assert_true (g_file_set_contents (fixture->victim, "precious", -1, NULL));
  fixture->file = socks_file_keeper_new (&socks_text_file, fixture->path, "test-metrics");
}

static void
assert_holds (const char *path, const char *expected)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (contents, ==, expected);
}

static gboolean
is_there (const char *path)
{
  GStatBuf status;

  return g_lstat (path, &status) == 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  socks_file_keeper_free (fixture->file);
  expected_log_assert_seen ();
  assert_holds (fixture->victim, "precious");
  g_remove (fixture->victim);
  g_remove (fixture->path);
  /* Fails if what was unfinished has been left behind. */
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->victim);
  g_free (fixture->unfinished);
  g_free (fixture->path);
  g_free (fixture->directory);
}

/* @contents: (nullable) */
static void
write_file (Fixture *fixture, const char *contents)
{
  socks_file_keeper_write (fixture->file, g_strdup (contents));
  socks_file_keeper_flush (fixture->file);
}

static void
expect_failure (int error_number)
{
  g_autofree char *pattern =
      g_strdup_printf ("*can't be written to *socks.prom: %s; *TextFile=*",
                       g_strerror (error_number));

  expected_log_push (G_LOG_LEVEL_WARNING, pattern);
}

static void
expect_recovery (void)
{
  expected_log_push (G_LOG_LEVEL_MESSAGE, "*written to *socks.prom again");
}

static void
test_the_newest_stands_there (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, "one\n");
  assert_holds (fixture->path, "one\n");
  write_file (fixture, "another\n");
  assert_holds (fixture->path, "another\n");
}

static void
test_everyone_can_read_it_whatever_the_umask (Fixture *fixture, gconstpointer data)
{
  GStatBuf status;

  umask (077);
  write_file (fixture, "text\n");
  g_assert_no_errno (g_stat (fixture->path, &status));
  g_assert_cmpuint (status.st_mode & 07777, ==, 0644);
}

static void
test_it_can_be_removed_more_than_once (Fixture *fixture, gconstpointer data)
{
  write_file (fixture, NULL);
  write_file (fixture, "text\n");
  write_file (fixture, NULL);
  g_assert_false (is_there (fixture->path));
  write_file (fixture, NULL);
}

/* Whoever has opened it goes on reading what it was. */
static void
test_a_reader_never_sees_half_of_it (Fixture *fixture, gconstpointer data)
{
  char seen[16] = { 0 };
  int fd;

  write_file (fixture, "old text\n");
  fd = g_open (fixture->path, O_RDONLY | O_CLOEXEC, 0);
  g_assert_cmpint (read (fd, seen, 4), ==, 4);
  write_file (fixture, "NEW TEXT\n");
  g_assert_cmpint (read (fd, seen + 4, 12), ==, 5);
  g_assert_cmpstr (seen, ==, "old text\n");
  close (fd);
}

static void
test_what_a_killed_service_left_is_replaced (Fixture *fixture, gconstpointer data)
{
  g_assert_true (g_file_set_contents (fixture->unfinished, "half a te", -1, NULL));
  write_file (fixture, "text\n");
  assert_holds (fixture->path, "text\n");
  g_assert_false (is_there (fixture->unfinished));
}

static void
test_links_that_were_planted_are_not_followed (Fixture *fixture, gconstpointer data)
{
  GStatBuf status;

  g_assert_no_errno (symlink (fixture->victim, fixture->path));
  g_assert_no_errno (symlink (fixture->victim, fixture->unfinished));
  write_file (fixture, "text\n");
  assert_holds (fixture->path, "text\n");
  g_assert_no_errno (g_lstat (fixture->path, &status));
  g_assert_true (S_ISREG (status.st_mode));
}

static void
test_a_fifo_that_was_planted_does_not_block (Fixture *fixture, gconstpointer data)
{
  g_assert_no_errno (mkfifo (fixture->path, 0600));
  g_assert_no_errno (mkfifo (fixture->unfinished, 0600));
  write_file (fixture, "text\n");
  assert_holds (fixture->path, "text\n");
}

/* Nothing can replace a directory, not even root. */
static void
test_a_directory_in_the_way_is_one_warning_until_it_is_gone (Fixture *fixture,
                                                             gconstpointer data)
{
  for (int round = 0; round < 2; round++)
    {
      g_assert_no_errno (g_mkdir (fixture->path, 0700));
      expect_failure (EISDIR);
      for (int i = 0; i < 3; i++)
        write_file (fixture, "text\n");
      expected_log_assert_seen ();
      g_assert_false (is_there (fixture->unfinished));

      g_assert_no_errno (g_rmdir (fixture->path));
      /* That it could be removed does not mean that it could be written. */
      write_file (fixture, NULL);
      expect_recovery ();
      write_file (fixture, "text\n");
      assert_holds (fixture->path, "text\n");
      expected_log_assert_seen ();
      write_file (fixture, NULL);
    }
}

static void
test_a_directory_at_the_unfinished_name_is_a_warning (Fixture *fixture,
                                                      gconstpointer data)
{
  g_assert_no_errno (g_mkdir (fixture->unfinished, 0700));
  expect_failure (EEXIST);
  write_file (fixture, "text\n");
  g_assert_no_errno (g_rmdir (fixture->unfinished));
}

static void
test_a_missing_directory_is_a_warning_until_it_is_there (Fixture *fixture,
                                                         gconstpointer data)
{
  g_autofree char *directory = g_build_filename (fixture->directory, "later", NULL);
  g_autofree char *path = g_build_filename (directory, "socks.prom", NULL);
  g_autoptr (SocksFileKeeper) file =
      socks_file_keeper_new (&socks_text_file, path, "test-metrics");

  expect_failure (ENOENT);
  socks_file_keeper_write (file, g_strdup ("text\n"));
  socks_file_keeper_flush (file);
  expected_log_assert_seen ();

  g_assert_no_errno (g_mkdir (directory, 0700));
  expect_recovery ();
  socks_file_keeper_write (file, g_strdup ("text\n"));
  socks_file_keeper_flush (file);
  assert_holds (path, "text\n");
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (directory));
}

/* A limit that the kernel keeps in the middle of a write, as it does on a full disk. */
static void
test_what_does_not_fit_takes_the_old_with_it (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (1000, 'x');
  struct rlimit before, small;

  write_file (fixture, "old\n");
  signal (SIGXFSZ, SIG_IGN);
  g_assert_no_errno (getrlimit (RLIMIT_FSIZE, &before));
  small = before;
  small.rlim_cur = 100;
  expect_failure (EFBIG);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &small));
  write_file (fixture, text);
  g_assert_no_errno (setrlimit (RLIMIT_FSIZE, &before));
  expected_log_assert_seen ();
  g_assert_false (is_there (fixture->path));
  g_assert_false (is_there (fixture->unfinished));

  expect_recovery ();
  write_file (fixture, text);
  assert_holds (fixture->path, text);
}

#define ADD(name, function) \
  g_test_add ("/metrics-file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

  ADD ("the-newest-stands-there", test_the_newest_stands_there);
  ADD ("everyone-can-read-it-whatever-the-umask",
       test_everyone_can_read_it_whatever_the_umask);
  ADD ("it-can-be-removed-more-than-once", test_it_can_be_removed_more_than_once);
  ADD ("a-reader-never-sees-half-of-it", test_a_reader_never_sees_half_of_it);
  ADD ("what-a-killed-service-left-is-replaced",
       test_what_a_killed_service_left_is_replaced);
  ADD ("links-that-were-planted-are-not-followed",
       test_links_that_were_planted_are_not_followed);
  ADD ("a-fifo-that-was-planted-does-not-block",
       test_a_fifo_that_was_planted_does_not_block);
  ADD ("a-directory-in-the-way-is-one-warning-until-it-is-gone",
       test_a_directory_in_the_way_is_one_warning_until_it_is_gone);
  ADD ("a-directory-at-the-unfinished-name-is-a-warning",
       test_a_directory_at_the_unfinished_name_is_a_warning);
  ADD ("a-missing-directory-is-a-warning-until-it-is-there",
       test_a_missing_directory_is_a_warning_until_it_is_there);
  ADD ("what-does-not-fit-takes-the-old-with-it",
       test_what_does_not_fit_takes_the_old_with_it);
  return g_test_run ();
}
