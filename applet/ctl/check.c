/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "check": why can't I connect? Each step with its verdict, and what to do. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/table.h"
#include "model/address-text.h"
#include "model/finding-text.h"

static void
print_as_json (CtlSession *session,
               const char *remote,
               const char *target,
               const GArray *findings)
{
  const SocksFinding *problem = socks_findings_get_problem (findings);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_add_string (builder, "remote", remote);
  ctl_json_add_string (builder, "remote_name",
                       socks_address_book_get_name (session->book, remote));
  ctl_json_add_string (builder, "target", target);
  json_builder_set_member_name (builder, "steps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < findings->len; i++)
    {
      const SocksFinding *finding = &g_array_index (findings, SocksFinding, i);

      json_builder_begin_object (builder);
      ctl_json_add_word (builder, "step", SOCKS_TYPE_FINDING_KIND, (int) finding->kind);
      ctl_json_add_word (builder, "result", SOCKS_TYPE_FINDING_RESULT,
                         (int) finding->result);
      ctl_json_add_word (builder, "reason", SOCKS_TYPE_FINDING_REASON,
                         (int) finding->reason);
      ctl_json_add_number (builder, "duration_us", finding->duration_us);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (problem != NULL)
    ctl_json_add_word (builder, "problem", SOCKS_TYPE_FINDING_KIND, (int) problem->kind);
  else
    ctl_json_add_string (builder, "problem", NULL);
  json_builder_end_object (builder);
  ctl_json_print (builder, FALSE /* on_one_line */);
}

static void
print_as_text (const GArray *findings)
{
  static const struct
  {
    const char *mark;
    CtlColor color;
  } looks[] = {
    [SOCKS_FINDING_SKIPPED] = { "–", CTL_COLOR_FAINT },
    [SOCKS_FINDING_PASSED] = { "✓", CTL_COLOR_GOOD },
    [SOCKS_FINDING_WARNING] = { "!", CTL_COLOR_WARNING },
    [SOCKS_FINDING_FAILED] = { "✗", CTL_COLOR_BAD },
  };
  const SocksFinding *problem = socks_findings_get_problem (findings);
  g_autoptr (CtlTable) table = ctl_table_new (4, 2);

  for (guint i = 0; i < findings->len; i++)
    {
      const SocksFinding *finding = &g_array_index (findings, SocksFinding, i);
      g_autofree char *duration =
          socks_latency_text ((guint) CLAMP (finding->duration_us, 0, G_MAXUINT));

      ctl_table_add (table, looks[finding->result].color, looks[finding->result].mark,
                     socks_finding_text_title (finding->kind),
                     socks_finding_text_verdict (finding), duration, NULL);
    }
  ctl_table_print (table);
  ctl_terminal_print_sentences (problem != NULL ? socks_finding_text_advice (problem)
                                                : _ ("Nothing is wrong."));
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  const char *target = "";
  CtlExit code = CTL_EXIT_DONE;
  g_autofree char *remote = NULL;
  g_autoptr (GArray) findings = NULL;
  g_autoptr (GError) error = NULL;
  const SocksFinding *problem;

  if (arguments[0] == NULL || (arguments[1] != NULL && arguments[2] != NULL))
    return ctl_fail_usage ("check");
  if (arguments[1] != NULL)
    target = arguments[1];
  remote = ctl_remote_resolve (session, arguments[0], &code);
  if (remote == NULL)
    return code;

  ctl_terminal_show_progress (_ ("Checking…"), -1);
  socks_client_check_async (session->client, remote, target, session->cancellable,
                            ctl_session_answered_cb, session);
  findings =
      socks_client_check_finish (session->client, ctl_session_await (session), &error);
  ctl_terminal_clear_progress ();
  if (findings == NULL)
    return ctl_session_fail (session, error);

  if (session->as_json)
    print_as_json (session, remote, target, findings);
  else
    print_as_text (findings);
  problem = socks_findings_get_problem (findings);
  return problem != NULL && problem->result == SOCKS_FINDING_FAILED ? CTL_EXIT_PROBLEM
                                                                    : CTL_EXIT_DONE;
}

const CtlCommand ctl_check_command = {
  .name = "check",
  .arguments = N_ ("REMOTE [TARGET]"),
  .summary = N_ ("Find out why a proxy can’t be used, or does not reach a target"),
  .run = run,
};
