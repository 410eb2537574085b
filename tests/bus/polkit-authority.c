/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Asking polkit, in every condition that it can be in. Polkit itself is
 * python-dbusmock's; its client library is the real one, and takes the bus of the test
 * for the system's. */

#include "bus/polkit-authority.h"

#include <unistd.h>

#include "engine-world.h"
#include "expected-log.h"
#include "private-bus.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define MOCK_INTERFACE "org.freedesktop.DBus.Mock"

static PrivateBus *private_bus;
static GDBusConnection *bus;    /* the service's, and polkit's client library's */
static GDBusConnection *caller; /* whose permission is asked for */
static SocksAuthority *authority;

/* One question. */
typedef struct
{
  GCancellable *cancellable; /* (owned) */
  gboolean is_over;
  gboolean is_allowed;
  guint32 user;
  GError *error; /* (owned) (nullable) */
} Question;

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;

  g_assert_false (question->is_over);
  question->is_over = TRUE;
  question->is_allowed =
      socks_authority_check_finish (SOCKS_AUTHORITY (source), result, &question->error);
}

static Question *
ask_for (const char *sender, guint32 user, gboolean may_interact)
{
  Question *question = g_new0 (Question, 1);

  question->cancellable = g_cancellable_new ();
  socks_authority_check_async (authority, sender, user, SOCKS_ACTION_CONNECT,
                               may_interact, question->cancellable, checked_cb, question);
  g_assert_false (question->is_over);
  return question;
}

static Question *
ask (gboolean may_interact)
{
  return ask_for (g_dbus_connection_get_unique_name (caller), 1000, may_interact);
}

static void
question_free (Question *question)
{
  g_object_unref (question->cancellable);
  g_clear_error (&question->error);
  g_free (question);
}

static void
expect_yes (Question *question)
{
  RUN_UNTIL (question->is_over);
  g_assert_no_error (question->error);
  g_assert_true (question->is_allowed);
  question_free (question);
}

static void
expect_no (Question *question, const char *pattern)
{
  RUN_UNTIL (question->is_over);
  g_assert_false (question->is_allowed);
  g_assert_error (question->error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
  if (!g_pattern_match_simple (pattern, question->error->message))
    g_error ("“%s” is not like “%s”", question->error->message, pattern);
  question_free (question);
}

/* Polkit */

static void
got_answer_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **answer = data;

  *answer = g_object_ref (result);
}

/* Does not block the main loop, which polkit's client library may need. */
static GVariant *
call (const char *name,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters)
{
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (GError) error = NULL;
  GVariant *reply;

  g_dbus_connection_call (caller, name, path, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, got_answer_cb,
                          &answer);
  RUN_UNTIL (answer != NULL);
  reply = g_dbus_connection_call_finish (caller, answer, &error);
  g_assert_no_error (error);
  return reply;
}

static void
tell_polkit (const char *method, GVariant *parameters)
{
  g_variant_unref (call (POLKIT_NAME, POLKIT_PATH, MOCK_INTERFACE, method, parameters));
}

static gboolean
has_polkit (void)
{
  g_autoptr (GVariant) reply =
      call ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "NameHasOwner", g_variant_new ("(s)", POLKIT_NAME));
  gboolean has_owner;

  g_variant_get (reply, "(b)", &has_owner);
  return has_owner;
}

static GSubprocess *
start_polkit (void)
{
  const char *argv[] = { "/usr/bin/python3", "-m",      "dbusmock",
                         "--template",       "polkitd", NULL };
  GSubprocess *polkit = spawn_bound_to_us (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE);

  RUN_UNTIL (has_polkit ());
  return polkit;
}

static void
kill_polkit (GSubprocess *polkit)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_force_exit (polkit);
  g_subprocess_wait (polkit, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (polkit);
  RUN_UNTIL (!has_polkit ());
}

static gboolean
has_hanging_call (void)
{
  g_autoptr (GVariant) reply =
      call (POLKIT_NAME, POLKIT_PATH, MOCK_INTERFACE, "HaveHangingCalls", NULL);
  gboolean has_call;

  g_variant_get (reply, "(b)", &has_call);
  return has_call;
}

/* Whether polkit has been told that nobody waits for its answer any more. */
static gboolean
has_cancellation (void)
{
  g_autoptr (GVariant) reply =
      call (POLKIT_NAME, POLKIT_PATH, MOCK_INTERFACE, "GetMethodCalls",
            g_variant_new ("(s)", "CancelCheckAuthorization"));
  g_autoptr (GVariant) calls = g_variant_get_child_value (reply, 0);

  return g_variant_n_children (calls) > 0;
}

static void
test_what_polkit_allows_is_allowed (void)
{
  GSubprocess *polkit = start_polkit ();
  const char *allowed[] = { SOCKS_ACTION_CONNECT, NULL };

  tell_polkit ("SetAllowed", g_variant_new ("(^as)", allowed));
  expect_yes (ask (FALSE));
  expect_yes (ask (TRUE));
  kill_polkit (polkit);
}

static void
test_what_polkit_denies_is_denied (void)
{
  GSubprocess *polkit = start_polkit ();
  const char *allowed[] = { SOCKS_ACTION_PROBE, NULL };

  tell_polkit ("SetAllowed", g_variant_new ("(^as)", allowed));
  expect_no (ask (FALSE), "Not allowed (" SOCKS_ACTION_CONNECT "): authenticate when you "
                          "are asked to, or ask an administrator");
  kill_polkit (polkit);
}

static void
test_polkit_is_told_who_asks_and_whether_a_person_may_be_asked (void)
{
  GSubprocess *polkit = start_polkit ();
  const char *sender = g_dbus_connection_get_unique_name (caller);
  /* A challenge, unless a person may be asked, and unless the subject is the caller. */
  g_autofree char *code =
      g_strdup_printf ("ret = (args[3] == 1 and args[0][0] == 'system-bus-name' and "
                       "args[0][1]['name'] == '%s' and args[1] == '%s', True, {})",
                       sender, SOCKS_ACTION_CONNECT);

  tell_polkit ("AddMethod",
               g_variant_new ("(sssss)", POLKIT_INTERFACE, "CheckAuthorization",
                              "(sa{sv})sa{ss}us", "(bba{ss})", code));
  expect_yes (ask (TRUE));
  expect_no (ask (FALSE),
             "Not allowed (" SOCKS_ACTION_CONNECT "): this needs a password; "
             "call with interactive authorization allowed, or as root");
  kill_polkit (polkit);
}

static void
test_a_dismissed_question_means_no (void)
{
  GSubprocess *polkit = start_polkit ();

  tell_polkit ("AddMethod",
               g_variant_new ("(sssss)", POLKIT_INTERFACE, "CheckAuthorization",
                              "(sa{sv})sa{ss}us", "(bba{ss})",
                              "ret = (False, True, {'polkit.dismissed': 'true'})"));
  expect_no (ask (TRUE), "Not allowed (" SOCKS_ACTION_CONNECT "): the question for a "
                         "password was dismissed; try again and answer it");
  kill_polkit (polkit);
}

static void
test_a_check_that_hangs_can_be_cancelled (void)
{
  GSubprocess *polkit = start_polkit ();
  Question *question;

  tell_polkit ("AddMethod", g_variant_new ("(sssss)", POLKIT_INTERFACE,
                                           "CancelCheckAuthorization", "s", "", ""));
  tell_polkit ("AllowUnknown", g_variant_new ("(b)", TRUE));
  tell_polkit ("SimulateHang", g_variant_new ("(b)", TRUE));
  question = ask (FALSE);
  RUN_UNTIL (has_hanging_call ());
  g_assert_false (question->is_over);

  g_cancellable_cancel (question->cancellable);
  RUN_UNTIL (question->is_over);
  g_assert_false (question->is_allowed);
  g_assert_error (question->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  question_free (question);
  RUN_UNTIL (has_cancellation ());
  kill_polkit (polkit);
}

static void
test_a_check_that_hangs_holds_up_no_other (void)
{
  GSubprocess *polkit = start_polkit ();
  Question *hanging;

  tell_polkit ("AllowUnknown", g_variant_new ("(b)", TRUE));
  tell_polkit ("SimulateHang", g_variant_new ("(b)", TRUE));
  hanging = ask (FALSE);
  RUN_UNTIL (has_hanging_call ());
  tell_polkit ("SimulateHang", g_variant_new ("(b)", FALSE));
  expect_yes (ask (FALSE));
  g_assert_false (hanging->is_over);
  tell_polkit ("ReleaseHangingCalls", NULL);
  expect_yes (hanging);
  kill_polkit (polkit);
}

static void
test_a_polkit_that_dies_during_a_check_means_no (void)
{
  GSubprocess *polkit = start_polkit ();
  Question *question;

  tell_polkit ("AllowUnknown", g_variant_new ("(b)", TRUE));
  tell_polkit ("SimulateHang", g_variant_new ("(b)", TRUE));
  question = ask (FALSE);
  RUN_UNTIL (has_hanging_call ());
  expected_log_push (G_LOG_LEVEL_WARNING, "polkit could not be asked: *");
  kill_polkit (polkit);
  expect_no (question,
             "Not allowed (" SOCKS_ACTION_CONNECT "): polkit could not be asked; "
             "look into the system's log");
  expected_log_assert_seen ();

  /* And the next one is asked again. */
  polkit = start_polkit ();
  tell_polkit ("AllowUnknown", g_variant_new ("(b)", TRUE));
  expect_yes (ask (FALSE));
  kill_polkit (polkit);
}

static void
test_without_polkit_root_alone_is_allowed (void)
{
  const char *sender = g_dbus_connection_get_unique_name (caller);
  const char *denial = "Not allowed (" SOCKS_ACTION_CONNECT "): there is no polkit on this "
                       "system; ask as root";

  expect_yes (ask_for (sender, 0, FALSE));
  expect_no (ask_for (sender, 1000, TRUE), denial);
  expect_no (ask_for (sender, 65534, FALSE), denial);
  expect_no (ask_for (sender, G_MAXUINT32, FALSE), denial);
}

/* Whose a caller is. */

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;

  g_assert_false (question->is_over);
  question->is_over = TRUE;
  question->is_allowed = socks_authority_identify_finish (
      SOCKS_AUTHORITY (source), result, &question->user, &question->error);
}

static Question *
identify (SocksAuthority *by, const char *sender)
{
  Question *question = g_new0 (Question, 1);

  question->cancellable = g_cancellable_new ();
  question->user = G_MAXUINT32;
  socks_authority_identify_async (by, sender, question->cancellable, identified_cb,
                                  question);
  g_assert_false (question->is_over);
  return question;
}

static void
test_the_bus_says_whose_a_caller_is (void)
{
  Question *question = identify (authority, g_dbus_connection_get_unique_name (caller));

  RUN_UNTIL (question->is_over);
  g_assert_cmpuint (question->user, ==, getuid ());
  expect_yes (question);
}

static void
test_whom_the_bus_does_not_know_is_nobodys (void)
{
  g_autoptr (GDBusConnection) other_bus = private_bus_connect (private_bus);
  g_autoptr (SocksAuthority) other = socks_polkit_authority_new (other_bus);

  expect_no (identify (other, ":1.999999"), "Not allowed: the bus does not say *");
  g_dbus_connection_close_sync (other_bus, NULL, NULL);
  expect_no (identify (other, g_dbus_connection_get_unique_name (caller)),
             "Not allowed: the bus does not say *");
}

static void
test_the_question_whose_a_caller_is_can_be_cancelled (void)
{
  Question *question = identify (authority, g_dbus_connection_get_unique_name (caller));

  g_cancellable_cancel (question->cancellable);
  RUN_UNTIL (question->is_over);
  g_assert_false (question->is_allowed);
  g_assert_error (question->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (question->user, ==, G_MAXUINT32);
  question_free (question);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
  private_bus = private_bus_new ();
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", private_bus->address, TRUE);
  bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  caller = private_bus_connect (private_bus);
  authority = socks_polkit_authority_new (bus);

#define ADD(name) g_test_add_func ("/polkit-authority/" #name, test_##name)
  ADD (what_polkit_allows_is_allowed);
  ADD (what_polkit_denies_is_denied);
  ADD (polkit_is_told_who_asks_and_whether_a_person_may_be_asked);
  ADD (a_dismissed_question_means_no);
  ADD (a_check_that_hangs_can_be_cancelled);
  ADD (a_check_that_hangs_holds_up_no_other);
  ADD (a_polkit_that_dies_during_a_check_means_no);
  ADD (without_polkit_root_alone_is_allowed);
  ADD (the_bus_says_whose_a_caller_is);
  ADD (whom_the_bus_does_not_know_is_nobodys);
  ADD (the_question_whose_a_caller_is_can_be_cancelled);
  result = g_test_run ();

  g_assert_finalize_object (authority);
  g_dbus_connection_close_sync (caller, NULL, NULL);
  g_object_unref (caller);
  g_object_unref (bus);
  private_bus_free (private_bus);
  return result;
}
