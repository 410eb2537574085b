/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "connect": to the fastest proxy, or to one that is named. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/terminal.h"
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
static CtlExit
connect_to_first (CtlSession *session)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      CtlExit code = wait_for_proxy (session);

      if (code != CTL_EXIT_DONE)
        return code;
      if (ctl_session_connect (session, "", &error))
        return CTL_EXIT_DONE;
      if (session->is_over || ctl_session_get_code (error) != CTL_EXIT_NO_PROXY)
        return ctl_session_fail (session, error);
      pause_for_a_second (session);
    }
}

static CtlExit
connect_to (CtlSession *session, const char *text)
{
  CtlExit code = CTL_EXIT_DONE;
  g_autofree char *remote =
      text != NULL ? ctl_remote_resolve (session, text, &code) : g_strdup ("");
  g_autoptr (GError) error = NULL;

  if (remote == NULL)
    return code;
  /* So that what is printed then is known by then. */
  code = ctl_session_start (session);
  if (code == CTL_EXIT_DONE && !ctl_session_connect (session, remote, &error))
    code = ctl_session_fail (session, error);
  return code;
}

static void
print (CtlSession *session)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);
  g_autofree char *url = ctl_remote_get_proxy_url (snapshot);

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
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  CtlExit code;

  if (arguments[0] != NULL && (arguments[1] != NULL || waits))
    return ctl_fail_usage ("connect");
  code = waits ? connect_to_first (session) : connect_to (session, arguments[0]);
  if (code == CTL_EXIT_DONE)
    print (session);
  return code;
}

const CtlCommand ctl_connect_command = {
  .name = "connect",
  .arguments = N_ ("[REMOTE]"),
  .summary = N_ ("Connect to the fastest proxy, or to one that is named"),
  .options = entries,
  .run = run,
};
