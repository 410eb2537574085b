/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is remembered comes back, whatever happened to the file in between. */

#include "engine/memory.h"

#include "expected-log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct
{
  char *directory;     /* (owned): of this test alone */
  char *path;          /* (owned): in it; no such file at first */
  SocksMemory *memory; /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("memory-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "selection.conf", NULL);
  fixture->memory = socks_memory_new (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->memory);
  expected_log_assert_seen ();
  g_remove (fixture->path);
  /* Fails if a file that was written for a while has been left behind. */
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->path);
  g_free (fixture->directory);
}

static SocksEndpoint
endpoint_of (const char *text)
{
  SocksEndpoint endpoint;

  g_assert_true (socks_endpoint_parse (text, &endpoint, NULL));
  return endpoint;
}

static void
save (Fixture *fixture, SocksSelection selection, const char *remote_text)
{
  SocksEndpoint remote = { 0 };

  if (remote_text != NULL)
    remote = endpoint_of (remote_text);
  socks_memory_save (fixture->memory, selection, remote_text != NULL ? &remote : NULL);
}

/* What another run of the program would find. */
static SocksSelection
load_anew (Fixture *fixture, SocksEndpoint *out_remote)
{
  g_autoptr (SocksMemory) memory = socks_memory_new (fixture->path);

  return socks_memory_load (memory, out_remote);
}

static void
assert_remembered (Fixture *fixture, SocksSelection selection, const char *remote_text)
{
  SocksEndpoint remote = endpoint_of ("[400::dead]:1");
  char text[SOCKS_ENDPOINT_TEXT_BYTES];

  socks_memory_flush (fixture->memory);
  g_assert_cmpint (load_anew (fixture, &remote), ==, selection);
  g_assert_cmpstr (socks_endpoint_write (&remote, text), ==, remote_text);
}

#define UNTOUCHED "[400::dead]:1"

static void
test_a_missing_file_is_nothing_remembered (Fixture *fixture, gconstpointer data)
{
  assert_remembered (fixture, SOCKS_SELECTION_NONE, UNTOUCHED);
}

static void
test_what_was_saved_comes_back (Fixture *fixture, gconstpointer data)
{
  save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
  assert_remembered (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
  save (fixture, SOCKS_SELECTION_AUTOMATIC, "192.0.2.7:9050");
  assert_remembered (fixture, SOCKS_SELECTION_AUTOMATIC, "192.0.2.7:9050");
  save (fixture, SOCKS_SELECTION_AUTOMATIC, NULL);
  assert_remembered (fixture, SOCKS_SELECTION_AUTOMATIC, "[::]:0");
}

static void
test_saving_nothing_removes_the_file (Fixture *fixture, gconstpointer data)
{
  save (fixture, SOCKS_SELECTION_NONE, NULL);
  socks_memory_flush (fixture->memory);

  save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
  socks_memory_flush (fixture->memory);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));

  save (fixture, SOCKS_SELECTION_NONE, NULL);
  socks_memory_flush (fixture->memory);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  assert_remembered (fixture, SOCKS_SELECTION_NONE, UNTOUCHED);
}

static void
test_the_newest_of_many_saves_stands_in_the_end (Fixture *fixture, gconstpointer data)
{
  for (guint port = 1; port <= 2000; port++)
    {
      g_autofree char *remote = g_strdup_printf ("[400::1]:%u", port);

      save (fixture, SOCKS_SELECTION_MANUAL, remote);
      if (port % 7 == 0)
        save (fixture, SOCKS_SELECTION_NONE, NULL);
    }
  assert_remembered (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:2000");
}

static void
test_the_last_reference_waits_for_the_last_save (Fixture *fixture, gconstpointer data)
{
  SocksMemory *memory = socks_memory_new (fixture->path);
  SocksEndpoint remote = endpoint_of ("[400::2]:1080");

  socks_memory_save (memory, SOCKS_SELECTION_AUTOMATIC, &remote);
  g_object_unref (memory);
  assert_remembered (fixture, SOCKS_SELECTION_AUTOMATIC, "[400::2]:1080");
}

static void
test_only_the_service_can_read_the_file (Fixture *fixture, gconstpointer data)
{
  GStatBuf status;

  save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
  socks_memory_flush (fixture->memory);
  g_assert_no_errno (g_stat (fixture->path, &status));
  g_assert_cmpuint (status.st_mode & 07777, ==, 0600);
}

static void
write_damaged (Fixture *fixture, const char *contents, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->path, contents, length, &error);
  g_assert_no_error (error);
}

static void
assert_damaged (Fixture *fixture)
{
  expected_log_push (G_LOG_LEVEL_WARNING, "*selection.conf is damaged: ?*");
  assert_remembered (fixture, SOCKS_SELECTION_NONE, UNTOUCHED);
  expected_log_assert_seen ();
}

static void
test_a_damaged_file_is_a_warning_and_nothing_remembered (Fixture *fixture,
                                                         gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "\n",
    "Mode=manual\n",
    "\xff\xfe",
    "[Selection]\n",
    "[Selection]\nMode=manual\n",
    "[Selection]\nRemote=[400::1]:1080\n",
    "[Selection]\nMode=automatic\n",
    "[Selection]\nMode=\nRemote=[400::1]:1080\n",
    "[Selection]\nMode=none\nRemote=\n",
    "[Selection]\nMode=Manual\nRemote=[400::1]:1080\n",
    "[Selection]\nMode=manual\nRemote=\n",
    "[Selection]\nMode=manual\nRemote=[400::1]\n",
    "[Selection]\nMode=manual\nRemote=[400::1]:0\n",
    "[Selection]\nMode=manual\nRemote=[::]:1080\n",
    "[Selection]\nMode=automatic\nRemote=example.com:1080\n",
    "[Selection]\nMode=automatic\nRemote=[ff02::1]:1080\n",
    "[Selection]\nMode=manual\nRemote=[400::1]:1080\nand so",
    "[Other]\nMode=manual\nRemote=[400::1]:1080\n",
  };
  static const char with_nul[] = "[Selection]\nMode=manual\nRemote=[400::1]:1080\0 or so";

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *shown = g_strescape (texts[i], NULL);

      g_test_message ("%s", shown);
      write_damaged (fixture, texts[i], -1);
      assert_damaged (fixture);
    }

  write_damaged (fixture, with_nul, sizeof with_nul);
  assert_damaged (fixture);
}

static void
test_a_file_may_have_4_kib_and_no_more (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) text =
      g_string_new ("[Selection]\nMode=manual\nRemote=[400::1]:1080\n#");

  while (text->len < 4096)
    g_string_append_c (text, 'x');
  write_damaged (fixture, text->str, -1);
  assert_remembered (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");

  g_string_append_c (text, 'x');
  write_damaged (fixture, text->str, -1);
  assert_damaged (fixture);
}

static void
test_a_fifo_in_its_place_is_damage_and_does_not_block (Fixture *fixture,
                                                       gconstpointer data)
{
  g_assert_no_errno (mkfifo (fixture->path, 0600));
  assert_damaged (fixture);
}

static void
test_a_damaged_file_gives_way_to_the_next_save (Fixture *fixture, gconstpointer data)
{
  write_damaged (fixture, "?", -1);
  assert_damaged (fixture);
  save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
  assert_remembered (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
}

/* A directory in the file's place can be neither read nor replaced nor unlinked, not even
 * by root. */
static void
test_failing_saves_are_one_warning_until_one_succeeds (Fixture *fixture,
                                                       gconstpointer data)
{
  g_assert_no_errno (g_mkdir (fixture->path, 0700));
  assert_damaged (fixture);

  for (int round = 0; round < 2; round++)
    {
      expected_log_push (G_LOG_LEVEL_WARNING, "*can't be remembered in *selection.conf*");
      for (int i = 0; i < 3; i++)
        {
          save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
          socks_memory_flush (fixture->memory);
          save (fixture, SOCKS_SELECTION_NONE, NULL);
          socks_memory_flush (fixture->memory);
        }
      expected_log_assert_seen ();

      g_assert_no_errno (g_rmdir (fixture->path));
      expected_log_push (G_LOG_LEVEL_MESSAGE, "*remembered in *selection.conf again");
      save (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
      assert_remembered (fixture, SOCKS_SELECTION_MANUAL, "[400::1]:1080");
      expected_log_assert_seen ();

      g_assert_no_errno (g_unlink (fixture->path));
      g_assert_no_errno (g_mkdir (fixture->path, 0700));
    }
}

static void
test_a_missing_directory_is_a_warning (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->directory, "no", "where", NULL);
  g_autoptr (SocksMemory) memory = socks_memory_new (path);
  SocksEndpoint remote = endpoint_of ("[400::1]:1080");

  g_assert_cmpint (socks_memory_load (memory, &remote), ==, SOCKS_SELECTION_NONE);
  expected_log_push (G_LOG_LEVEL_WARNING, "*can't be remembered in */no/where*");
  socks_memory_save (memory, SOCKS_SELECTION_MANUAL, &remote);
  socks_memory_flush (memory);
}

#define ADD(name, function) \
  g_test_add ("/memory/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

  ADD ("a-missing-file-is-nothing-remembered", test_a_missing_file_is_nothing_remembered);
  ADD ("what-was-saved-comes-back", test_what_was_saved_comes_back);
  ADD ("saving-nothing-removes-the-file", test_saving_nothing_removes_the_file);
  ADD ("the-newest-of-many-saves-stands-in-the-end",
       test_the_newest_of_many_saves_stands_in_the_end);
  ADD ("the-last-reference-waits-for-the-last-save",
       test_the_last_reference_waits_for_the_last_save);
  ADD ("only-the-service-can-read-the-file", test_only_the_service_can_read_the_file);
  ADD ("a-damaged-file-is-a-warning-and-nothing-remembered",
       test_a_damaged_file_is_a_warning_and_nothing_remembered);
  ADD ("a-file-may-have-4-kib-and-no-more", test_a_file_may_have_4_kib_and_no_more);
  ADD ("a-fifo-in-its-place-is-damage-and-does-not-block",
       test_a_fifo_in_its_place_is_damage_and_does_not_block);
  ADD ("a-damaged-file-gives-way-to-the-next-save",
       test_a_damaged_file_gives_way_to_the_next_save);
  ADD ("failing-saves-are-one-warning-until-one-succeeds",
       test_failing_saves_are_one_warning_until_one_succeeds);
  ADD ("a-missing-directory-is-a-warning", test_a_missing_directory_is_a_warning);
  return g_test_run ();
}
