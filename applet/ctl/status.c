/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "status": all that there is to know, on one screen. Looking starts no service. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/table.h"
#include "model/escape.h"
#include "model/state-text.h"

/* The words of the schema, by availability. */
static const char *const availabilities[] = {
  [SOCKS_AVAILABILITY_UNKNOWN] = "starting",
  [SOCKS_AVAILABILITY_NO_BUS] = "no-bus",
  [SOCKS_AVAILABILITY_NOT_INSTALLED] = "not-installed",
  [SOCKS_AVAILABILITY_NOT_RUNNING] = "not-running",
  [SOCKS_AVAILABILITY_STARTING] = "starting",
  [SOCKS_AVAILABILITY_NOT_ANSWERING] = "not-answering",
  [SOCKS_AVAILABILITY_PRESENT] = "running",
};

static void
add_traffic (JsonBuilder *builder, const SocksTraffic *traffic)
{
  json_builder_set_member_name (builder, "traffic");
  json_builder_begin_object (builder);
  ctl_json_add_number (builder, "active_connections", traffic->active_connections);
  ctl_json_add_number (builder, "total_connections", (gint64) traffic->total_connections);
  ctl_json_add_number (builder, "refused_connections",
                       (gint64) traffic->refused_connections);
  ctl_json_add_number (builder, "bytes_sent", (gint64) traffic->bytes_sent);
  ctl_json_add_number (builder, "bytes_received", (gint64) traffic->bytes_received);
  json_builder_end_object (builder);
}

static void
add_problem (JsonBuilder *builder, const SocksSnapshot *snapshot)
{
  json_builder_set_member_name (builder, "last_error");
  if (*snapshot->last_error_name == '\0')
    {
      json_builder_add_null_value (builder);
      return;
    }
  json_builder_begin_object (builder);
  ctl_json_add_string (builder, "name", snapshot->last_error_name);
  ctl_json_add_string (builder, "message", snapshot->last_error_message);
  json_builder_end_object (builder);
}

static void
print_as_json (const SocksSnapshot *snapshot, const SocksTraffic *traffic)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_add_string (builder, "service", availabilities[snapshot->availability]);
  if (snapshot->availability == SOCKS_AVAILABILITY_PRESENT)
    {
      ctl_json_add_string (builder, "version", snapshot->version);
      ctl_json_add_word (builder, "state", SOCKS_TYPE_CLIENT_STATE, snapshot->state);
      ctl_json_add_word (builder, "selection", SOCKS_TYPE_CLIENT_SELECTION,
                         snapshot->selection);
      ctl_json_add_string (builder, "remote", snapshot->remote);
      ctl_json_add_string (builder, "remote_name", snapshot->remote_name);
      ctl_json_add_known (builder, "remote_latency_us", snapshot->remote_latency_us);
      ctl_json_add_string (builder, "listening", snapshot->listening);
      ctl_json_add_string (builder, "listen_scope",
                           snapshot->is_open_to_others ? "any" : "local");
      ctl_json_add_word (builder, "node", SOCKS_TYPE_CLIENT_NODE, snapshot->node);
      ctl_json_add_string (builder, "node_address", snapshot->node_address);
      ctl_json_add_boolean (builder, "probing", snapshot->probing);
      ctl_json_add_boolean (builder, "sweeping", snapshot->sweeping);
      ctl_json_add_known (builder, "last_sweep_us", snapshot->last_sweep_us);
      ctl_json_add_number (builder, "probe_interval_s", snapshot->probe_interval_s);
      ctl_json_add_counts (builder, snapshot->n_peers);
      add_traffic (builder, traffic);
      add_problem (builder, snapshot);
    }
  json_builder_end_object (builder);
  ctl_json_print (builder, FALSE /* on_one_line */);
}

static CtlColor
color_of (const SocksSnapshot *snapshot)
{
  switch (snapshot->state)
    {
    case SOCKS_CLIENT_CONNECTED:
      return CTL_COLOR_GOOD;
    case SOCKS_CLIENT_CONNECTING:
      return CTL_COLOR_WARNING;
    case SOCKS_CLIENT_FAILING:
      return CTL_COLOR_BAD;
    case SOCKS_CLIENT_DISCONNECTED:
    default:
      return CTL_COLOR_PLAIN;
    }
}

static void
add_remote (CtlTable *table, CtlSession *session, const SocksSnapshot *snapshot)
{
  g_autofree char *text = ctl_facts_dup_remote (session, snapshot);

  if (*text != '\0')
    ctl_table_add (table, CTL_COLOR_PLAIN, _ ("Proxy"), text, NULL);
}

static void
add_local_port (CtlTable *table, const SocksSnapshot *snapshot)
{
  g_autofree char *text = ctl_facts_dup_local_port (snapshot);

  ctl_table_add (table, CTL_COLOR_PLAIN, _ ("Local port"), text, NULL);
}

static void
add_node (CtlTable *table, const SocksSnapshot *snapshot)
{
  g_autofree char *address = socks_text_escape (snapshot->node_address);
  const char *text = snapshot->node == SOCKS_CLIENT_NODE_DOWN ? _ ("Is not running")
                     : *address != '\0'                       ? address
                     : snapshot->node == SOCKS_CLIENT_NODE_UP ? _ ("Is running")
                                                              : _ ("not asked yet");

  ctl_table_add (
      table, snapshot->node == SOCKS_CLIENT_NODE_DOWN ? CTL_COLOR_BAD : CTL_COLOR_PLAIN,
      _ ("Mycelium"), text, NULL);
}

static void
add_search (CtlTable *table, const SocksSnapshot *snapshot)
{
  g_autofree char *text = snapshot->sweeping ? socks_state_text_progress (snapshot)
                                             : ctl_facts_dup_search (snapshot);

  ctl_table_add (table, CTL_COLOR_PLAIN, _ ("Search"), text, NULL);
}

static void
add_counts (CtlTable *table, const SocksSnapshot *snapshot)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (SocksProxyStatus status = SOCKS_PROXY_VALID; status <= SOCKS_N_PROXY_STATUSES;
       status++)
    {
      SocksProxyStatus shown = status % SOCKS_N_PROXY_STATUSES;

      /* Of those that are asked next there mostly are none. */
      if (snapshot->n_peers[shown] == 0 && shown != SOCKS_PROXY_VALID)
        continue;
      g_string_append_printf (text, "%s%s: %u", text->len > 0 ? " · " : "",
                              socks_status_text (shown), snapshot->n_peers[shown]);
    }
  ctl_table_add (table, CTL_COLOR_PLAIN, _ ("Found"), text->str, NULL);
}

static void
add_traffic_row (CtlTable *table, const SocksTraffic *traffic)
{
  g_autofree char *sent = g_format_size (traffic->bytes_sent);
  g_autofree char *received = g_format_size (traffic->bytes_received);
  g_autofree char *text =
      /* Translators: bytes that were sent and received, and a number of connections */
      g_strdup_printf (_ ("%s sent, %s received, connections now: %u"), sent, received,
                       traffic->active_connections);

  ctl_table_add (table, CTL_COLOR_PLAIN, _ ("Traffic"), text, NULL);
}

static void
print_as_text (CtlSession *session, const SocksTraffic *traffic)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (session->client);
  g_autoptr (CtlTable) table = ctl_table_new (2, 1);
  g_autofree char *state = socks_state_text (snapshot);
  const char *problem = socks_state_text_problem (snapshot);

  ctl_table_add (table, color_of (snapshot), _ ("State"), state, NULL);
  add_remote (table, session, snapshot);
  add_local_port (table, snapshot);
  add_node (table, snapshot);
  add_search (table, snapshot);
  add_counts (table, snapshot);
  add_traffic_row (table, traffic);
  if (*problem != '\0')
    ctl_table_add (table, CTL_COLOR_BAD, _ ("Problem"), problem, NULL);
  ctl_table_print (table);
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  const SocksSnapshot *snapshot;
  SocksTraffic traffic = { 0 };
  g_autoptr (GError) error = NULL;
  CtlExit code;

  if (arguments[0] != NULL)
    return ctl_fail_usage ("status");
  code = ctl_session_look (session);
  if (code == CTL_EXIT_TIMED_OUT)
    return code;
  if (code == CTL_EXIT_DONE)
    {
      socks_client_get_traffic_async (session->client, session->cancellable,
                                      ctl_session_answered_cb, session);
      if (!socks_client_get_traffic_finish (session->client, ctl_session_await (session),
                                            &traffic, &error))
        return ctl_session_fail (session, error);
    }

  snapshot = socks_client_get_snapshot (session->client);
  if (session->as_json)
    print_as_json (snapshot, &traffic);
  else if (code == CTL_EXIT_DONE)
    print_as_text (session, &traffic);
  else
    ctl_terminal_print_sentences (ctl_session_get_absence (session));
  return code;
}

const CtlCommand ctl_status_command = {
  .name = "status",
  .arguments = "",
  .summary = N_ ("Show what is connected, found and forwarded"),
  .run = run,
};
