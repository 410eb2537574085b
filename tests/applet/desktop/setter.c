/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Setting and restoring a desktop that is the test's: with somebody else who changes
 * something between any two steps, with a damaged journal, without a place for one. */

#include "desktop-proxy/setter.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desktop-proxy/desktop-error.h"
#include "expected-log.h"
#include "fake-desktop.h"

#define BEFORE "old.example - 7 off"
#define OURS "'' 127.0.0.1 1080 on"

typedef struct
{
  char *directory; /* (owned): of the journal */
  FakeDesktop *desktop;
  SocksDesktopSetter *setter; /* (owned) (nullable) */
} Fixture;

static char *
journal_path (Fixture *fixture)
{
  return g_build_filename (fixture->directory, "desktop-proxy.journal", NULL);
}

static void
assert_journal (Fixture *fixture, gboolean is_there)
{
  g_autofree char *path = journal_path (fixture);

  g_assert_cmpint (g_file_test (path, G_FILE_TEST_EXISTS), ==, is_there);
}

static void
open_setter (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  SocksJournal *journal = socks_journal_open (fixture->directory, &error);
  GPtrArray *backends = g_ptr_array_new_with_free_func (g_object_unref);

  g_assert_no_error (error);
  g_ptr_array_add (backends, g_object_ref (fixture->desktop));
  fixture->setter = socks_desktop_setter_new (journal, backends);
}

static void
set_up_values (Fixture *fixture)
{
  fake_desktop_put (fixture->desktop, "rival", "old.example");
  fake_desktop_put (fixture->desktop, "host", NULL);
  fake_desktop_put (fixture->desktop, "port", "7");
  fake_desktop_put (fixture->desktop, "switch", "off");
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("socks-desktop-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->desktop = fake_desktop_new ();
  set_up_values (fixture);
  open_setter (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_path (fixture);
  g_autofree char *damaged = g_strconcat (path, ".damaged", NULL);

  g_clear_pointer (&fixture->setter, socks_desktop_setter_free);
  g_object_unref (fixture->desktop);
  g_unlink (path);
  g_unlink (damaged);
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->directory);
}

/* Returns whether it succeeded; @code is the error otherwise. */
static gboolean
try_to_set (Fixture *fixture, int *out_code)
{
  g_autoptr (SocksDesktopTarget) target = socks_desktop_target_new ("[::]:1080");
  g_autoptr (GError) error = NULL;

  if (socks_desktop_setter_set (fixture->setter, target, &error))
    return TRUE;
  g_assert_cmpint (error->domain, ==, SOCKS_DESKTOP_ERROR);
  *out_code = error->code;
  return FALSE;
}

static void
set (Fixture *fixture)
{
  int code;

  g_assert_true (try_to_set (fixture, &code));
}

static void
restore (Fixture *fixture, gboolean expected_changed)
{
  g_autoptr (GError) error = NULL;
  gboolean is_changed;

  socks_desktop_setter_restore (fixture->setter, &is_changed, &error);
  g_assert_no_error (error);
  g_assert_cmpint (is_changed, ==, expected_changed);
}

static gboolean
try_to_restore (Fixture *fixture)
{
  gboolean is_changed;

  return socks_desktop_setter_restore (fixture->setter, &is_changed, NULL);
}

static void
test_what_was_there_comes_back (Fixture *fixture, gconstpointer data)
{
  set (fixture);
  fake_desktop_expect (fixture->desktop, OURS);
  assert_journal (fixture, TRUE);
  restore (fixture, FALSE);
  fake_desktop_expect (fixture->desktop, BEFORE);
  assert_journal (fixture, FALSE);
}

static void
test_a_former_run_is_taken_back (Fixture *fixture, gconstpointer data)
{
  set (fixture);
  g_clear_pointer (&fixture->setter, socks_desktop_setter_free);
  open_setter (fixture);
  restore (fixture, FALSE);
  fake_desktop_expect (fixture->desktop, BEFORE);
  assert_journal (fixture, FALSE);
}

static void
test_what_is_so_already_is_not_ours (Fixture *fixture, gconstpointer data)
{
  fake_desktop_put (fixture->desktop, "rival", "");
  fake_desktop_put (fixture->desktop, "host", "127.0.0.1");
  fake_desktop_put (fixture->desktop, "port", "1080");
  fake_desktop_put (fixture->desktop, "switch", "on");
  set (fixture);
  assert_journal (fixture, FALSE);
  restore (fixture, FALSE);
  fake_desktop_expect (fixture->desktop, OURS);
}

static void
test_somebody_elses_change_stays (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const char *key, *value, *after;
  } rows[] = {
    /* Theirs is in use, so the switch stays as it is. */
    { "port", "9050", "old.example 127.0.0.1 9050 on" },
    { "host", "other", "old.example other 1080 on" },
    { "rival", "new.example", "new.example - 7 on" },
    /* They switched it off: nothing else is in use. */
    { "switch", "never", "old.example - 7 never" },
    { "switch", NULL, "old.example - 7 -" },
    { "host", NULL, BEFORE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      set_up_values (fixture);
      set (fixture);
      fake_desktop_put (fixture->desktop, rows[i].key, rows[i].value);
      restore (fixture, !g_str_equal (rows[i].after, BEFORE));
      fake_desktop_expect (fixture->desktop, rows[i].after);
      assert_journal (fixture, FALSE);
    }
}

/* Each step of setting and of restoring, each setting: what somebody else has put there at
 * any moment is there in the end, and nothing of ours is in use beside it. */
static void
test_somebody_changes_something_between_any_two_steps (Fixture *fixture, gconstpointer data)
{
  const char *const keys[] = { "rival", "host", "port", "switch" };

  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    for (guint step = 1;; step++)
      {
        g_autofree char *value = NULL;
        gboolean is_changed;
        int code = SOCKS_DESKTOP_ERROR_CHANGED;

        set_up_values (fixture);
        fake_desktop_interfere (fixture->desktop, step, keys[k], "theirs");
        try_to_set (fixture, &code);
        g_assert_cmpint (code, ==, SOCKS_DESKTOP_ERROR_CHANGED);
        socks_desktop_setter_restore (fixture->setter, &is_changed, NULL);
        assert_journal (fixture, FALSE);
        if (fake_desktop_count_steps (fixture->desktop) < step)
          break;
        g_assert_true (socks_desktop_backend_read (
            SOCKS_DESKTOP_BACKEND (fixture->desktop), keys[k], &value, NULL));
        g_assert_cmpstr (value, ==, "theirs");
      }
}

static void
test_a_locked_setting_is_an_error_and_changes_nothing (Fixture *fixture, gconstpointer data)
{
  int code;

  fake_desktop_set_locked (fixture->desktop, TRUE);
  g_assert_false (try_to_set (fixture, &code));
  g_assert_cmpint (code, ==, SOCKS_DESKTOP_ERROR_NOT_WRITABLE);
  fake_desktop_expect (fixture->desktop, BEFORE);
  assert_journal (fixture, FALSE);
}

/* As dconf does with a disk that is full. */
static void
test_a_setting_that_does_not_stay_is_an_error (Fixture *fixture, gconstpointer data)
{
  int code;

  fake_desktop_set_forgetful (fixture->desktop, TRUE);
  g_assert_false (try_to_set (fixture, &code));
  g_assert_cmpint (code, ==, SOCKS_DESKTOP_ERROR_NOT_WRITABLE);
  fake_desktop_expect (fixture->desktop, BEFORE);
  assert_journal (fixture, FALSE);

  fake_desktop_set_forgetful (fixture->desktop, FALSE);
  set (fixture);
  fake_desktop_set_forgetful (fixture->desktop, TRUE);
  g_assert_false (try_to_restore (fixture));
  assert_journal (fixture, TRUE);
}

static void
test_what_can_not_be_restored_waits_for_the_next_time (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_changed;

  set (fixture);
  fake_desktop_set_locked (fixture->desktop, TRUE);
  g_assert_false (socks_desktop_setter_restore (fixture->setter, &is_changed, &error));
  g_assert_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE);
  assert_journal (fixture, TRUE);
  fake_desktop_set_locked (fixture->desktop, FALSE);
  restore (fixture, FALSE);
  fake_desktop_expect (fixture->desktop, BEFORE);
}

static void
test_a_desktop_that_is_gone_is_restored_when_it_is_back (Fixture *fixture,
                                                         gconstpointer data)
{
  int code;

  set (fixture);
  fake_desktop_set_known (fixture->desktop, FALSE);
  restore (fixture, FALSE);
  assert_journal (fixture, TRUE);
  g_assert_false (try_to_set (fixture, &code));
  g_assert_cmpint (code, ==, SOCKS_DESKTOP_ERROR_UNSUPPORTED);
  fake_desktop_set_known (fixture->desktop, TRUE);
  restore (fixture, FALSE);
  fake_desktop_expect (fixture->desktop, BEFORE);
  assert_journal (fixture, FALSE);
}

static void
test_a_damaged_journal_is_put_aside (Fixture *fixture, gconstpointer data)
{
  const char *const texts[] = {
    "",
    "garbage",
    "[Journal]\nVersion=2\n",
    "[Journal]\nVersion=1\n[Change 1]\nDesktop=fake\n",
    "[Journal]\nVersion=1\n[Change 1]\nDesktop=fake\nKey=port\nRole=x\nOurs=1080\n",
    "[Journal]\nVersion=1\n[Change 1]\nDesktop=fake\nKey=port\nRole=address\nOurs=\\q\n",
  };
  g_autofree char *path = journal_path (fixture);
  g_autofree char *aside = g_strconcat (path, ".damaged", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      expected_log_push (G_LOG_LEVEL_WARNING, "*can't be restored*damaged*");
      restore (fixture, FALSE);
      expected_log_assert_seen ();
      assert_journal (fixture, FALSE);
      g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
      fake_desktop_expect (fixture->desktop, BEFORE);
    }
}

/* A directory in its place can't be written over by anybody, root included. */
static void
test_without_a_journal_nothing_is_touched (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SocksDesktopTarget) target = socks_desktop_target_new ("[::]:1080");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = journal_path (fixture);

  g_assert_no_errno (g_mkdir (path, 0700));
  g_assert_false (socks_desktop_setter_set (fixture->setter, target, &error));
  g_assert_nonnull (error);
  fake_desktop_expect (fixture->desktop, BEFORE);
  g_assert_no_errno (g_rmdir (path));
}

static void
test_a_directory_that_can_not_be_made_is_an_error (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = journal_path (fixture);
  g_autofree char *below = g_build_filename (path, "below", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (socks_journal_open (below, &error));
  g_assert_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_JOURNAL);
}

static void
test_a_second_session_is_told_so (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (socks_journal_open (fixture->directory, &error));
  g_assert_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_BUSY);
}

#define ADD(name, function)                                                              \
  g_test_add ("/setter/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

  ADD ("what-was-there-comes-back", test_what_was_there_comes_back);
  ADD ("a-former-run-is-taken-back", test_a_former_run_is_taken_back);
  ADD ("what-is-so-already-is-not-ours", test_what_is_so_already_is_not_ours);
  ADD ("somebody-elses-change-stays", test_somebody_elses_change_stays);
  ADD ("somebody-changes-something-between-any-two-steps",
       test_somebody_changes_something_between_any_two_steps);
  ADD ("a-locked-setting-is-an-error-and-changes-nothing",
       test_a_locked_setting_is_an_error_and_changes_nothing);
  ADD ("a-setting-that-does-not-stay-is-an-error",
       test_a_setting_that_does_not_stay_is_an_error);
  ADD ("what-can-not-be-restored-waits-for-the-next-time",
       test_what_can_not_be_restored_waits_for_the_next_time);
  ADD ("a-desktop-that-is-gone-is-restored-when-it-is-back",
       test_a_desktop_that_is_gone_is_restored_when_it_is_back);
  ADD ("a-damaged-journal-is-put-aside", test_a_damaged_journal_is_put_aside);
  ADD ("without-a-journal-nothing-is-touched", test_without_a_journal_nothing_is_touched);
  ADD ("a-directory-that-can-not-be-made-is-an-error",
       test_a_directory_that_can_not_be_made_is_an_error);
  ADD ("a-second-session-is-told-so", test_a_second_session_is_told_so);
  return g_test_run ();
}
