/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One run of the program: the client, and calls that are waited for one after the other,
 * until they are answered or the time is over. And how a failure is told: one line on
 * standard error with what to do, and an exit code. Main thread. */

#include "config.h"

#include "ctl/session.h"

#include <glib/gi18n.h>

#include "ctl/terminal.h"
#include "model/error-text.h"
#include "model/escape.h"

#define OURS "org.mycelium.Socks.Error."
#define BUS "org.freedesktop.DBus.Error."

/* By then all is said, and somebody waits for nothing that they have asked for. */
#define REMEMBERING_MAX_MS 2000

/* What is not here is a failure without a code of its own. A name that ends with a dot
 * stands for all that begin with it. */
static const struct
{
  const char *name;
  CtlExit code;
} codes[] = {
  { OURS "InvalidRemote", CTL_EXIT_USAGE },
  { OURS "InvalidTarget", CTL_EXIT_USAGE },
  { OURS "RemoteNotAllowed", CTL_EXIT_USAGE },
  { OURS "NoValidProxy", CTL_EXIT_NO_PROXY },
  { OURS "AddressInUse", CTL_EXIT_LOCAL_PORT },
  { OURS "ListenFailed", CTL_EXIT_LOCAL_PORT },
  { BUS "AccessDenied", CTL_EXIT_NOT_ALLOWED },
  { BUS "AuthFailed", CTL_EXIT_NOT_ALLOWED },
  { BUS "InteractiveAuthorizationRequired", CTL_EXIT_NOT_ALLOWED },
  { "org.freedesktop.PolicyKit1.Error.", CTL_EXIT_NOT_ALLOWED },
  { BUS "ServiceUnknown", CTL_EXIT_NOT_RUNNING },
  { BUS "NameHasNoOwner", CTL_EXIT_NOT_RUNNING },
  { BUS "NoReply", CTL_EXIT_NOT_RUNNING },
  { BUS "Disconnected", CTL_EXIT_NOT_RUNNING },
  { BUS "NoServer", CTL_EXIT_NOT_RUNNING },
  { BUS "Spawn.", CTL_EXIT_NOT_RUNNING },
  { "org.freedesktop.systemd1.", CTL_EXIT_NOT_RUNNING },
};

/**
 * ctl_session_get_code:
 * @error: what a call failed with
 *
 * Returns: the exit code for it
 */
CtlExit
ctl_session_get_code (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (name == NULL && error->domain == G_DBUS_ERROR)
    name = g_dbus_error_encode_gerror (error);
  /* Only the bus itself fails without a name. */
  if (name == NULL)
    return CTL_EXIT_NOT_RUNNING;
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_has_suffix (codes[i].name, ".") ? g_str_has_prefix (name, codes[i].name)
                                              : g_str_equal (name, codes[i].name))
      return codes[i].code;
  return CTL_EXIT_FAILED;
}

/**
 * ctl_fail:
 * @code: the exit code
 * @format: a sentence for the user, and what to put into it
 *
 * Returns: @code
 */
CtlExit
ctl_fail (CtlExit code, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_printerr ("%s: %s\n", g_get_prgname (), text);
  return code;
}

/**
 * ctl_fail_usage:
 * @command: (nullable): the command that was called wrongly
 *
 * Returns: the exit code
 */
CtlExit
ctl_fail_usage (const char *command)
{
  g_autofree char *help = g_strconcat (g_get_prgname (), command != NULL ? " " : "",
                                       command != NULL ? command : "", " --help", NULL);

  /* Translators: %s is a command line */
  return ctl_fail (CTL_EXIT_USAGE, _ ("This can’t be understood. “%s” says what can be."),
                   help);
}

/**
 * ctl_session_fail_for_time:
 * @session: a session whose time is over
 *
 * Returns: the exit code
 */
CtlExit
ctl_session_fail_for_time (CtlSession *session)
{
  return ctl_fail (CTL_EXIT_TIMED_OUT,
                   _ ("This took longer than %g s. Try again, or allow it more with "
                      "--timeout."),
                   session->timeout_s);
}

/**
 * ctl_session_get_absence:
 * @session: a session, of which ctl_session_look() has seen that there is no service
 *
 * Returns: why not, and what to do
 */
const char *
ctl_session_get_absence (CtlSession *session)
{
  switch (socks_client_get_snapshot (session->client)->availability)
    {
    case SOCKS_AVAILABILITY_NO_BUS:
      return socks_error_text_of_name (BUS "NoServer");
    case SOCKS_AVAILABILITY_NOT_INSTALLED:
      return socks_error_text_of_name (BUS "ServiceUnknown");
    case SOCKS_AVAILABILITY_NOT_RUNNING:
      return _ ("The service is not running. “mycelium-socksctl probe” starts it.");
    default:
      return socks_error_text_of_name (BUS "NoReply");
    }
}

/**
 * ctl_session_fail_for_absence:
 * @session: as for ctl_session_get_absence()
 *
 * Returns: the exit code
 */
CtlExit
ctl_session_fail_for_absence (CtlSession *session)
{
  return ctl_fail (CTL_EXIT_NOT_RUNNING, "%s", ctl_session_get_absence (session));
}

/**
 * ctl_session_fail:
 * @session: a session
 * @error: what a call failed with
 *
 * Tells it. Who holds the local port, and the like, only the service's own message says.
 *
 * Returns: the exit code
 */
CtlExit
ctl_session_fail (CtlSession *session, const GError *error)
{
  CtlExit code = ctl_session_get_code (error);

  if (session->is_over)
    return ctl_session_fail_for_time (session);

  ctl_fail (code, "%s", socks_error_text (error));
  if (code == CTL_EXIT_LOCAL_PORT)
    {
      g_autofree char *details = socks_error_text_details (error);
      g_autofree char *shown = socks_text_escape (details);

      g_printerr ("  (%s)\n", shown);
    }
  return code;
}

static void
over_cb (gpointer data)
{
  CtlSession *session = data;

  session->is_over = TRUE;
  g_cancellable_cancel (session->cancellable);
}

/**
 * ctl_session_open:
 * @session: a session whose options are set
 *
 * The time runs from here.
 */
void
ctl_session_open (CtlSession *session)
{
  session->book = socks_address_book_new ();
  session->client = socks_client_new (NULL /* bus_address */);
  socks_client_set_book (session->client, session->book);
  session->cancellable = g_cancellable_new ();
  if (session->timeout_s > 0)
    g_timeout_add_once ((guint) (session->timeout_s * 1000), over_cb, session);
}

/**
 * ctl_session_close:
 * @session: a session
 */
void
ctl_session_close (CtlSession *session)
{
  g_clear_object (&session->answer);
  g_clear_object (&session->client);
  g_clear_object (&session->book);
  g_clear_object (&session->cancellable);
}

/**
 * ctl_session_answered_cb:
 * @source: the client, or the address book
 * @result: its answer
 * @session: a session
 *
 * To be given to a call of either that ctl_session_await() waits for.
 */
void
ctl_session_answered_cb (GObject *source, GAsyncResult *result, gpointer session)
{
  g_set_object (&((CtlSession *) session)->answer, result);
}

/**
 * ctl_session_await:
 * @session: a session with a call under way
 *
 * Returns: (transfer none): its answer, for the call's finish function; until the next
 * one
 */
GAsyncResult *
ctl_session_await (CtlSession *session)
{
  g_clear_object (&session->answer);
  while (session->answer == NULL)
    g_main_context_iteration (NULL, TRUE);
  return session->answer;
}

/**
 * ctl_session_turn:
 * @session: a session
 *
 * Waits until something happens.
 *
 * Returns: whether there still is time
 */
gboolean
ctl_session_turn (CtlSession *session)
{
  if (!session->is_over)
    g_main_context_iteration (NULL, TRUE);
  return !session->is_over;
}

/**
 * ctl_session_look:
 * @session: a session
 *
 * Waits until it is known whether there is a service, which is not started for it.
 *
 * Returns: %CTL_EXIT_DONE where it is present; else nothing is told yet
 */
CtlExit
ctl_session_look (CtlSession *session)
{
  for (;;)
    switch (socks_client_get_snapshot (session->client)->availability)
      {
      case SOCKS_AVAILABILITY_PRESENT:
        return CTL_EXIT_DONE;
      case SOCKS_AVAILABILITY_UNKNOWN:
      case SOCKS_AVAILABILITY_STARTING:
        if (!ctl_session_turn (session))
          return ctl_session_fail_for_time (session);
        break;
      default:
        return CTL_EXIT_NOT_RUNNING;
      }
}

/**
 * ctl_session_start:
 * @session: a session
 *
 * Waits until the service is there, and has it started if need be.
 *
 * Returns: %CTL_EXIT_DONE, or another code of what was told
 */
CtlExit
ctl_session_start (CtlSession *session)
{
  g_autoptr (GError) error = NULL;

  socks_client_start_async (session->client, session->cancellable,
                            ctl_session_answered_cb, session);
  if (!socks_client_start_finish (session->client, ctl_session_await (session), &error))
    return ctl_session_fail (session, error);
  return CTL_EXIT_DONE;
}

/**
 * ctl_session_connect:
 * @session: a session
 * @remote: an address, or "" for the fastest
 * @error: return location for an error, which is not told yet
 *
 * Connects, and shows that it does.
 *
 * Returns: (transfer full) (nullable): the address that was chosen, for
 *   ctl_session_remember_use()
 */
char *
ctl_session_connect (CtlSession *session, const char *remote, GError **error)
{
  char *chosen = NULL;

  ctl_terminal_show_progress (_ ("Connecting…"), -1);

  socks_client_connect_async (session->client, remote, session->cancellable,
                              ctl_session_answered_cb, session);
  chosen =
      socks_client_connect_finish (session->client, ctl_session_await (session), error);
  ctl_terminal_clear_progress ();
  return chosen;
}

static void
set_true_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/**
 * ctl_session_remember_use:
 * @session: a session
 * @remote: what was connected to
 *
 * Writes it down for the window and the tray. Whoever can't is connected all the same, and
 * waits for the disk no longer than two seconds (the kernel may, before it lets a thread
 * go that writes). What is true of the service may change meanwhile, and so is to be told
 * before.
 */
void
ctl_session_remember_use (CtlSession *session, const char *remote)
{
  g_autoptr (GError) error = NULL;
  gboolean is_late = FALSE;
  guint timer_id = g_timeout_add_once (REMEMBERING_MAX_MS, set_true_cb, &is_late);

  g_clear_object (&session->answer);
  socks_address_book_add_use_async (session->book, remote, ctl_session_answered_cb,
                                    session);
  while (session->answer == NULL && !is_late && ctl_session_turn (session))
    ;
  if (!is_late)
    g_source_remove (timer_id);
  if (session->answer != NULL &&
      !socks_address_book_finish (session->book, session->answer, &error))
    g_debug ("%s", error->message);
}

/**
 * ctl_session_list_peers:
 * @session: a session
 * @out_exit: (out): why there is none
 *
 * Returns: (transfer full) (nullable): all that is known
 */
SocksProxyList *
ctl_session_list_peers (CtlSession *session, CtlExit *out_exit)
{
  g_autoptr (GError) error = NULL;
  SocksProxyList *peers;

  socks_client_list_peers_async (session->client, session->cancellable,
                                 ctl_session_answered_cb, session);
  peers = socks_client_list_peers_finish (session->client, ctl_session_await (session),
                                          &error);
  if (peers == NULL)
    *out_exit = ctl_session_fail (session, error);
  return peers;
}
