/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "monitor": a line for each change, until it is ended. It follows the service through
 * its life and starts it never. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "ctl/command.h"
#include "ctl/facts.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/terminal.h"
#include "model/state-text.h"

typedef struct
{
  CtlSession *session;
  GHashTable *statuses; /* (owned): address → SocksProxyStatus */
  char *state;          /* (owned) (nullable): as it was last told to people */
  const char *problem;  /* (nullable): what went wrong, likewise */
} Monitor;

static JsonBuilder *
begin_event (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_add_number (builder, "time_us", g_get_real_time ());
  ctl_json_add_string (builder, "event", event);
  return builder;
}

/* Takes @builder. */
static void
end_event (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  ctl_json_print (builder, TRUE /* on_one_line */);
  fflush (stdout);
  g_object_unref (builder);
}

static void
print_line (const char *text, CtlColor color)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%T ");

  ctl_terminal_print (time, CTL_COLOR_FAINT);
  ctl_terminal_print (text, color);
  g_print ("\n");
  fflush (stdout);
}

/* As "status" has it in a row. */
static void
print_fact (const char *heading, const char *text, CtlColor color)
{
  g_autofree char *line = g_strdup_printf ("%s: %s", heading, text);

  print_line (line, color);
}

/* Programs get all of it at once. */
static void
tell_all (const SocksSnapshot *snapshot)
{
  JsonBuilder *builder = begin_event ("state");

  ctl_json_add_boolean (builder, "running",
                        snapshot->availability == SOCKS_AVAILABILITY_PRESENT);
  ctl_json_add_word (builder, "state", SOCKS_TYPE_CLIENT_STATE, snapshot->state);
  ctl_json_add_word (builder, "selection", SOCKS_TYPE_CLIENT_SELECTION,
                     snapshot->selection);
  ctl_json_add_string (builder, "remote", snapshot->remote);
  ctl_json_add_string (builder, "remote_name", snapshot->remote_name);
  ctl_json_add_string (builder, "listening", snapshot->listening);
  ctl_json_add_word (builder, "node", SOCKS_TYPE_CLIENT_NODE, snapshot->node);
  ctl_json_add_boolean (builder, "probing", snapshot->probing);
  ctl_json_add_string (builder, "last_error", snapshot->last_error_name);
  end_event (builder);
}

/* Without the number of proxies and whether Mycelium runs, which have lines of their own.
 */
static char *
dup_state (const SocksSnapshot *snapshot)
{
  if (snapshot->availability == SOCKS_AVAILABILITY_PRESENT &&
      snapshot->state == SOCKS_CLIENT_DISCONNECTED)
    return g_strdup (socks_state_text_word (snapshot));
  return socks_state_text (snapshot);
}

static void
tell_state (Monitor *self, const SocksSnapshot *snapshot)
{
  g_autofree char *before = g_steal_pointer (&self->state);

  /* What has run for long seems to start, too, until it has answered. */
  if (before == NULL && snapshot->availability == SOCKS_AVAILABILITY_STARTING)
    return;
  self->state = dup_state (snapshot);
  if (g_strcmp0 (self->state, before) != 0)
    print_line (self->state, snapshot->state == SOCKS_CLIENT_CONNECTED ? CTL_COLOR_GOOD
                             : snapshot->state == SOCKS_CLIENT_FAILING ? CTL_COLOR_BAD
                                                                       : CTL_COLOR_PLAIN);
}

static void
tell_remote (Monitor *self, const SocksSnapshot *snapshot)
{
  g_autofree char *text = ctl_facts_dup_remote (self->session, snapshot);

  if (*text != '\0')
    print_fact (_ ("Proxy"), text, CTL_COLOR_PLAIN);
}

static void
tell_local_port (const SocksSnapshot *snapshot)
{
  g_autofree char *text = ctl_facts_dup_local_port (snapshot);

  print_fact (_ ("Local port"), text, CTL_COLOR_PLAIN);
}

static void
tell_node (const SocksSnapshot *snapshot)
{
  if (snapshot->node == SOCKS_CLIENT_NODE_DOWN)
    print_fact (_ ("Mycelium"), _ ("Is not running"), CTL_COLOR_BAD);
  else if (snapshot->node == SOCKS_CLIENT_NODE_UP)
    print_fact (_ ("Mycelium"), _ ("Is running"), CTL_COLOR_PLAIN);
}

static void
tell_search (const SocksSnapshot *snapshot)
{
  g_autofree char *text = ctl_facts_dup_search (snapshot);

  print_fact (_ ("Search"), text, CTL_COLOR_PLAIN);
}

/* That nothing is wrong any more is told by what has succeeded. */
static void
tell_problem (Monitor *self, const SocksSnapshot *snapshot)
{
  const char *before = self->problem;

  self->problem = socks_state_text_problem (snapshot);
  if (*self->problem != '\0' && g_strcmp0 (self->problem, before) != 0)
    print_line (self->problem, CTL_COLOR_BAD);
}

/* People get a line for each that has changed. */
static void
tell_facts (Monitor *self, const SocksSnapshot *snapshot, guint fields)
{
  /* All is new of a service that has come, and nothing is left of one that has gone. */
  if ((fields & SOCKS_SNAPSHOT_AVAILABILITY) != 0)
    {
      self->problem = NULL;
      fields = snapshot->availability == SOCKS_AVAILABILITY_PRESENT
                   ? G_MAXUINT
                   : SOCKS_SNAPSHOT_AVAILABILITY;
    }

  if ((fields & (SOCKS_SNAPSHOT_AVAILABILITY | SOCKS_SNAPSHOT_STATE |
                 SOCKS_SNAPSHOT_REMOTE | SOCKS_SNAPSHOT_REMOTE_NAME)) != 0)
    tell_state (self, snapshot);
  if ((fields & (SOCKS_SNAPSHOT_REMOTE | SOCKS_SNAPSHOT_SELECTION)) != 0)
    tell_remote (self, snapshot);
  if ((fields & SOCKS_SNAPSHOT_LISTENING) != 0)
    tell_local_port (snapshot);
  if ((fields & SOCKS_SNAPSHOT_NODE) != 0)
    tell_node (snapshot);
  if ((fields & SOCKS_SNAPSHOT_PROBING) != 0)
    tell_search (snapshot);
  if ((fields & SOCKS_SNAPSHOT_LAST_ERROR) != 0)
    tell_problem (self, snapshot);
}

/* People see what is found by it. */
static void
tell_sweep (Monitor *self, const SocksSnapshot *snapshot)
{
  if (self->session->as_json)
    end_event (begin_event (snapshot->sweeping ? "sweep-begun" : "sweep-over"));
}

static void
tell_proxy (Monitor *self, const char *event, SocksProxyItem *item)
{
  if (self->session->as_json)
    {
      JsonBuilder *builder = begin_event (event);

      json_builder_set_member_name (builder, "proxy");
      ctl_json_add_proxy (builder, item);
      end_event (builder);
    }
  else
    {
      g_autofree char *address =
          ctl_remote_dup_text (self->session, socks_proxy_item_get_address (item));
      g_autofree char *text =
          g_strdup_printf ("%s: %s", address, socks_proxy_item_get_status_text (item));

      print_line (text, CTL_COLOR_PLAIN);
    }
}

static void
tell_proxy_gone (Monitor *self, const char *address)
{
  if (self->session->as_json)
    {
      JsonBuilder *builder = begin_event ("proxy-gone");

      ctl_json_add_string (builder, "address", address);
      end_event (builder);
    }
  else
    {
      g_autofree char *shown = ctl_remote_dup_text (self->session, address);
      /* Translators: %s is an address, perhaps with its name */
      g_autofree char *text = g_strdup_printf (_ ("%s is no proxy any more"), shown);

      print_line (text, CTL_COLOR_PLAIN);
    }
}

/* Latencies change with every sweep, and are not what somebody watches for. */
static void
tell_proxies (Monitor *self)
{
  GListModel *proxies = G_LIST_MODEL (socks_client_get_proxies (self->session->client));
  g_autoptr (GHashTable) before = g_steal_pointer (&self->statuses);
  GHashTableIter iter;
  gpointer address, status;

  self->statuses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (proxies); i++)
    {
      g_autoptr (SocksProxyItem) item = g_list_model_get_item (proxies, i);
      SocksProxyStatus now = socks_proxy_item_get_status (item);

      if (!g_hash_table_steal_extended (before, socks_proxy_item_get_address (item),
                                        &address, &status))
        tell_proxy (self, "proxy-found", item);
      else
        {
          if (GPOINTER_TO_UINT (status) != (guint) now)
            tell_proxy (self, "proxy-changed", item);
          g_free (address);
        }
      g_hash_table_insert (self->statuses, g_strdup (socks_proxy_item_get_address (item)),
                           GUINT_TO_POINTER (now));
    }
  /* People are told that the service has gone, and need not be told of each. */
  if (!self->session->as_json &&
      socks_client_get_snapshot (self->session->client)->availability !=
          SOCKS_AVAILABILITY_PRESENT)
    return;
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &address, NULL))
    tell_proxy_gone (self, address);
}

static void
changed_cb (SocksClient *client, guint fields, Monitor *self)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (client);

  if ((fields & SOCKS_SNAPSHOT_PROXIES) != 0)
    tell_proxies (self);
  if ((fields & SOCKS_SNAPSHOT_SWEEPING) != 0)
    tell_sweep (self, snapshot);
  if (!self->session->as_json)
    tell_facts (self, snapshot, fields);
  else if ((fields &
            (SOCKS_SNAPSHOT_AVAILABILITY | SOCKS_SNAPSHOT_STATE | SOCKS_SNAPSHOT_REMOTE |
             SOCKS_SNAPSHOT_SELECTION | SOCKS_SNAPSHOT_LISTENING |
             SOCKS_SNAPSHOT_PROBING | SOCKS_SNAPSHOT_NODE | SOCKS_SNAPSHOT_LAST_ERROR |
             SOCKS_SNAPSHOT_REMOTE_NAME)) != 0)
    tell_all (snapshot);
}

static void
remote_changed_cb (SocksClient *client,
                   const char *old_remote,
                   const char *new_remote,
                   SocksClientChange reason,
                   Monitor *self)
{
  JsonBuilder *builder;

  /* For people the new state says it all. */
  if (!self->session->as_json)
    return;
  builder = begin_event ("remote-changed");
  ctl_json_add_string (builder, "old", old_remote);
  ctl_json_add_string (builder, "new", new_remote);
  ctl_json_add_word (builder, "reason", SOCKS_TYPE_CLIENT_CHANGE, (int) reason);
  end_event (builder);
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  Monitor self = { .session = session };

  if (arguments[0] != NULL)
    return ctl_fail_usage ("monitor");
  self.statuses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (session->client, "changed", G_CALLBACK (changed_cb), &self);
  g_signal_connect (session->client, "remote-changed", G_CALLBACK (remote_changed_cb),
                    &self);
  while (ctl_session_turn (session) && !ferror (stdout))
    ;
  g_signal_handlers_disconnect_by_data (session->client, &self);
  g_hash_table_unref (self.statuses);
  g_free (self.state);
  /* To watch for so long is what was asked for. */
  return CTL_EXIT_DONE;
}

const CtlCommand ctl_monitor_command = {
  .name = "monitor",
  .arguments = "",
  .summary = N_ ("Print a line for each change, until it is interrupted"),
  .run = run,
};
