/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Killed at every step. The linker puts the functions below in front of the C library's;
 * a child that sets and restores a real file ends in front of the Nth call that changes
 * something on the disk, for every N, and after it. Whatever was done by then, the next
 * login restores the file byte for byte. */

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "desktop-proxy/plasma-backend.h"
#include "desktop-proxy/setter.h"

#define BEFORE                                                                           \
  "# mine\n[Proxy Settings]\nProxyType=0\nhttpProxy[$e]=http://$HOST 3128\n"           \
  "NoProxyFor=localhost\n\n[Other]\nkey=value\n"
#define KILLED 99
#define MOST_CALLS 200

static struct
{
  int number; /* of the call before which the program ends; 0: none */
  int n_calls;
} killing;

static void
count_call (void)
{
  if (killing.number != 0 && ++killing.n_calls == killing.number)
    _exit (KILLED);
}

/* RESULT __wrap_NAME (parameters) in front of RESULT __real_NAME (parameters). */
#define WRAP(result, name, parameters, arguments)                                        \
  result __real_##name parameters;                                                       \
  result __wrap_##name parameters;                                                       \
  result __wrap_##name parameters                                                        \
  {                                                                                      \
    count_call ();                                                                       \
    return __real_##name arguments;                                                      \
  }

WRAP (gboolean,
      g_file_set_contents_full,
      (const char *path,
       const char *contents,
       gssize length,
       GFileSetContentsFlags flags,
       int mode,
       GError **error),
      (path, contents, length, flags, mode, error))
WRAP (int, g_unlink, (const char *path), (path))
WRAP (int, fsync, (int fd), (fd))
WRAP (int, g_mkdir_with_parents, (const char *path, int mode), (path, mode))

static char *directory, *file_path;

static SocksDesktopSetter *
new_setter (void)
{
  g_autofree char *state = g_build_filename (directory, "state", NULL);
  g_autoptr (GError) error = NULL;
  SocksJournal *journal = socks_journal_open (state, &error);
  GPtrArray *backends = g_ptr_array_new_with_free_func (g_object_unref);

  g_assert_no_error (error);
  g_ptr_array_add (backends, socks_plasma_backend_new (NULL));
  return socks_desktop_setter_new (journal, backends);
}

static void
set_and_restore (int number)
{
  g_autoptr (SocksDesktopTarget) target = socks_desktop_target_new ("[::]:1080");
  g_autoptr (SocksDesktopSetter) setter = NULL;
  g_autofree char *text = NULL;
  gboolean is_changed;

  killing.number = number;
  setter = new_setter ();
  if (!socks_desktop_setter_set (setter, target, NULL) ||
      !g_file_get_contents (file_path, &text, NULL, NULL) ||
      strstr (text, "socksProxy=socks://127.0.0.1 1080\n") == NULL ||
      strstr (text, "ProxyType=1\n") == NULL ||
      !socks_desktop_setter_restore (setter, &is_changed, NULL) || is_changed)
    _exit (1);
  _exit (0);
}

/* Returns the exit code. */
static int
run_child (int number)
{
  pid_t child = fork ();
  int status;

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    set_and_restore (number);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static void
assert_restored (void)
{
  g_autofree char *journal =
      g_build_filename (directory, "state", "desktop-proxy.journal", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (file_path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, BEFORE);
  g_assert_false (g_file_test (journal, G_FILE_TEST_EXISTS));
}

static void
recover (void)
{
  g_autoptr (SocksDesktopSetter) setter = new_setter ();
  g_autoptr (GError) error = NULL;
  gboolean is_changed;

  socks_desktop_setter_restore (setter, &is_changed, &error);
  g_assert_no_error (error);
  g_assert_false (is_changed);
  assert_restored ();
}

static void
test_the_next_login_restores_whatever_was_done (void)
{
  int number, exit_code = KILLED;

  for (number = 1; exit_code == KILLED; number++)
    {
      g_assert_cmpint (number, <, MOST_CALLS);
      g_assert_true (g_file_set_contents (file_path, BEFORE, -1, NULL));
      exit_code = run_child (number);
      if (exit_code == KILLED)
        recover ();
    }
  g_assert_cmpint (exit_code, ==, 0);
  assert_restored ();
  /* A directory, the journal and its removal, and three settings there and back. */
  g_assert_cmpint (number, >, 10);
  g_test_message ("%d places to be killed at", number - 2);
}

/* Recovery that is killed is taken up by the next. */
static void
test_a_recovery_may_be_killed_too (void)
{
  for (int number = 1;; number++)
    {
      pid_t child;
      int status;

      g_assert_cmpint (number, <, MOST_CALLS);
      g_assert_true (g_file_set_contents (file_path, BEFORE, -1, NULL));
      /* After everything was set: mkdir, journal, its directory, three settings. */
      g_assert_cmpint (run_child (7), ==, KILLED);
      child = fork ();
      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          killing.number = number;
          recover ();
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      recover ();
      if (WEXITSTATUS (status) == 0)
        break;
      g_assert_cmpint (WEXITSTATUS (status), ==, KILLED);
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  directory = g_dir_make_tmp ("socks-killed-XXXXXX", &error);
  g_assert_no_error (error);
  file_path = g_build_filename (directory, "kioslaverc", NULL);
  g_setenv ("XDG_CONFIG_HOME", directory, TRUE);
  /* Without KDE's tools every write is ours. */
  g_setenv ("PATH", directory, TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/killed/the-next-login-restores-whatever-was-done",
                   test_the_next_login_restores_whatever_was_done);
  g_test_add_func ("/killed/a-recovery-may-be-killed-too",
                   test_a_recovery_may_be_killed_too);
  result = g_test_run ();

  {
    g_autofree char *state = g_build_filename (directory, "state", NULL);

    g_unlink (file_path);
    g_rmdir (state);
    g_assert_no_errno (g_rmdir (directory));
  }
  g_free (file_path);
  g_free (directory);
  return result;
}
