/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "connect": to the fastest proxy, or to one that is named. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/terminal.h"
#include "model/error-text.h"
#include "model/state-text.h"

static gboolean waits;

static const GOptionEntry entries[] = {
  { "wait", 'w', 0, G_OPTION_ARG_NONE, &waits, N_ ("Wait until a proxy is found"), NULL },
  { NULL },
};

static gboolean
is_proxy_known (CtlSession *session)
{
  return socks_client_get_snapshot (session->client)->n_peers[SOCKS_PROXY_VALID] > 0;
}

static void
show_search (CtlSession *session)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);
  g_autofree char *text = socks_state_text_progress (snapshot);

  ctl_terminal_show_progress (
      *text != '\0' ? text : socks_situation_text_title (SOCKS_SITUATION_LOOKING),
      snapshot->sweeping ? socks_snapshot_get_progress (snapshot) : -1);
}

/* Where nobody looks for proxies this does, as often as the service would. */
static gboolean
look_again_cb (gpointer data)
{
  CtlSession *session = data;
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);

  if (!snapshot->probing && !snapshot->sweeping)
    socks_client_probe_now_async (session->client, session->cancellable, NULL, NULL);
  return G_SOURCE_CONTINUE;
}

static CtlExit
wait_for_proxy (CtlSession *session)
{
  CtlExit code = ctl_session_start (session);
  guint timer_id;

  if (code != CTL_EXIT_DONE)
    return code;
  look_again_cb (session);
  timer_id = g_timeout_add_seconds (
      MAX (socks_client_get_snapshot (session->client)->probe_interval_s, 1),
      look_again_cb, session);
  while (!is_proxy_known (session) && ctl_session_turn (session))
    show_search (session);
  g_source_remove (timer_id);
  ctl_terminal_clear_progress ();
  return session->is_over ? ctl_session_fail_for_time (session) : CTL_EXIT_DONE;
}

static void
set_true_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
pause_for_a_second (CtlSession *session)
{
  gboolean is_over = FALSE;
  guint timer_id = g_timeout_add_once (1000, set_true_cb, &is_over);

  while (!is_over && ctl_session_turn (session))
    ;
  if (!is_over)
    g_source_remove (timer_id);
}

/* The proxies that are known may all be gone when they are asked. */
static char *
connect_to_first (CtlSession *session, CtlExit *out_exit)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      char *chosen;

      *out_exit = wait_for_proxy (session);
      if (*out_exit != CTL_EXIT_DONE)
        return NULL;
      chosen = ctl_session_connect (session, "", &error);
      if (chosen != NULL)
        return chosen;
      if (session->is_over || ctl_session_get_code (error) != CTL_EXIT_NO_PROXY)
        {
          *out_exit = ctl_session_fail (session, error);
          return NULL;
        }
      pause_for_a_second (session);
    }
}

static char *
connect_to (CtlSession *session, const char *text, CtlExit *out_exit)
{
  g_autofree char *remote =
      text != NULL ? ctl_remote_resolve (session, text, out_exit) : g_strdup ("");
  g_autoptr (GError) error = NULL;
  char *chosen;

  if (remote == NULL)
    return NULL;
  /* So that what is printed then is known by then. */
  *out_exit = ctl_session_start (session);
  if (*out_exit != CTL_EXIT_DONE)
    return NULL;
  chosen = ctl_session_connect (session, remote, &error);
  if (chosen == NULL)
    *out_exit = ctl_session_fail (session, error);
  return chosen;
}

static CtlExit
print (CtlSession *session)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);
  g_autofree char *url = ctl_remote_get_proxy_url (snapshot);

  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return ctl_session_fail_for_absence (session);
  /* Somebody else has disconnected since. */
  if (url == NULL || *snapshot->remote == '\0')
    return ctl_fail (CTL_EXIT_FAILED, "%s",
                     socks_error_text_of_name ("org.mycelium.Socks.Error.Cancelled"));

  if (session->as_json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      ctl_json_add_string (builder, "remote", snapshot->remote);
      ctl_json_add_string (builder, "remote_name", snapshot->remote_name);
      ctl_json_add_word (builder, "selection", SOCKS_TYPE_CLIENT_SELECTION,
                         snapshot->selection);
      ctl_json_add_string (builder, "listening", snapshot->listening);
      ctl_json_add_string (builder, "proxy_url", url);
      json_builder_end_object (builder);
      ctl_json_print (builder, FALSE /* on_one_line */);
    }
  else
    {
      g_autofree char *remote = ctl_remote_dup_text (session, snapshot->remote);

      g_print (_ ("Connected to %s"), remote);
      g_print ("\n");
      /* Translators: %s is a URL */
      g_print (_ ("Programs reach it at %s"), url);
      g_print ("\n");
    }
  return CTL_EXIT_DONE;
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  CtlExit code = CTL_EXIT_DONE;
  g_autofree char *chosen = NULL;

  if (arguments[0] != NULL && (arguments[1] != NULL || waits))
    return ctl_fail_usage ("connect");
  chosen = waits ? connect_to_first (session, &code)
                 : connect_to (session, arguments[0], &code);
  if (chosen == NULL)
    return code;
  code = print (session);
  ctl_session_remember_use (session, chosen);
  return code;
}

const CtlCommand ctl_connect_command = {
  .name = "connect",
  .arguments = N_ ("[REMOTE]"),
  .summary = N_ ("Connect to the fastest proxy, or to one that is named"),
  .options = entries,
  .run = run,
};
