/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "probe": the search for proxies, once, from now on, or no more. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/terminal.h"
#include "model/state-text.h"

/* Until the sweep is over that the service has begun, or joined. */
static CtlExit
wait_for_sweep (CtlSession *session)
{
  const SocksSnapshot *snapshot;

  while ((snapshot = socks_client_get_snapshot (session->client))->sweeping)
    {
      g_autofree char *text = socks_state_text_progress (snapshot);

      ctl_terminal_show_progress (text, socks_snapshot_get_progress (snapshot));
      if (!ctl_session_turn (session))
        {
          ctl_terminal_clear_progress ();
          return ctl_session_fail_for_time (session);
        }
    }
  ctl_terminal_clear_progress ();
  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return ctl_fail (CTL_EXIT_NOT_RUNNING, "%s",
                     socks_situation_text_title (SOCKS_SITUATION_NOT_ANSWERING));
  return CTL_EXIT_DONE;
}

/* What is published comes at its own pace; this is asked for. */
static CtlExit
count_peers (CtlSession *session, guint out_counts[static SOCKS_N_PROXY_STATUSES])
{
  CtlExit code = CTL_EXIT_DONE;
  g_autoptr (SocksProxyList) peers = ctl_session_list_peers (session, &code);
  guint n_items = peers != NULL ? g_list_model_get_n_items (G_LIST_MODEL (peers)) : 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SocksProxyItem) item = g_list_model_get_item (G_LIST_MODEL (peers), i);

      out_counts[socks_proxy_item_get_status (item)]++;
    }
  return code;
}

static CtlExit
print (CtlSession *session)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);
  guint counts[SOCKS_N_PROXY_STATUSES] = { 0 };
  CtlExit code = count_peers (session, counts);
  guint n_proxies =
      counts[SOCKS_PROXY_VALID] + counts[SOCKS_PROXY_AUTHENTICATION_REQUIRED];

  if (code != CTL_EXIT_DONE)
    return code;

  if (session->as_json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      ctl_json_add_boolean (builder, "probing", snapshot->probing);
      ctl_json_add_number (builder, "probe_interval_s", snapshot->probe_interval_s);
      ctl_json_add_known (builder, "last_sweep_us", snapshot->last_sweep_us);
      ctl_json_add_counts (builder, counts);
      json_builder_end_object (builder);
      ctl_json_print (builder, FALSE /* on_one_line */);
    }
  else if (snapshot->node == SOCKS_CLIENT_NODE_DOWN)
    g_print ("%s. %s\n", socks_situation_text_title (SOCKS_SITUATION_NODE_DOWN),
             socks_situation_text_advice (SOCKS_SITUATION_NODE_DOWN));
  else
    {
      g_print (ngettext ("%u proxy found", "%u proxies found", n_proxies), n_proxies);
      g_print ("\n");
    }
  return CTL_EXIT_DONE;
}

static CtlExit
run_now (CtlSession *session)
{
  CtlExit code = ctl_session_start (session);
  g_autoptr (GError) error = NULL;

  if (code != CTL_EXIT_DONE)
    return code;
  socks_client_probe_now_async (session->client, session->cancellable,
                                ctl_session_answered_cb, session);
  if (!socks_client_probe_now_finish (session->client, ctl_session_await (session),
                                      &error))
    return ctl_session_fail (session, error);
  code = wait_for_sweep (session);
  return code == CTL_EXIT_DONE ? print (session) : code;
}

static CtlExit
set_probing (CtlSession *session, gboolean probing)
{
  CtlExit code = ctl_session_start (session);
  g_autoptr (GError) error = NULL;

  if (code != CTL_EXIT_DONE)
    return code;
  socks_client_set_probing_async (session->client, probing, session->cancellable,
                                  ctl_session_answered_cb, session);
  if (!socks_client_set_probing_finish (session->client, ctl_session_await (session),
                                        &error))
    return ctl_session_fail (session, error);
  /* What it finds is told where somebody waits for it. */
  if (probing)
    code = wait_for_sweep (session);
  return code == CTL_EXIT_DONE && (probing || session->as_json) ? print (session) : code;
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  const char *what = arguments[0] != NULL ? arguments[0] : "now";

  if (arguments[0] != NULL && arguments[1] != NULL)
    return ctl_fail_usage ("probe");
  if (g_str_equal (what, "now"))
    return run_now (session);
  if (g_str_equal (what, "start"))
    return set_probing (session, TRUE);
  if (g_str_equal (what, "stop"))
    return set_probing (session, FALSE);
  return ctl_fail_usage ("probe");
}

const CtlCommand ctl_probe_command = {
  .name = "probe",
  .arguments = "[now|start|stop]",
  .summary = N_ ("Look for proxies once, again and again, or no more"),
  .run = run,
};
