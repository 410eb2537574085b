/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a check found, as it is read and as people read it. In English; that the
 * translations are whole is shown with the data. */

#include "engine/check-report.h"
#include "model/finding-text.h"

/* In GVariant's text format. */
static GArray *
read_steps (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) steps =
      g_variant_parse (G_VARIANT_TYPE ("aa{sv}"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  return socks_findings_read (steps);
}

static void
test_steps_are_read (void)
{
  g_autoptr (GArray) findings =
      read_steps ("[{'Step': <'node'>, 'Result': <'passed'>, 'Duration': <int64 1200>},"
                  " {'Step': <'tcp'>, 'Result': <'failed'>, 'Reason': <'refused'>,"
                  "  'Duration': <int64 7>, 'Later': <true>}]");
  const SocksFinding *first = &g_array_index (findings, SocksFinding, 0);
  const SocksFinding *second = &g_array_index (findings, SocksFinding, 1);

  g_assert_cmpuint (findings->len, ==, 2);
  g_assert_cmpint (first->kind, ==, SOCKS_FINDING_NODE);
  g_assert_cmpint (first->result, ==, SOCKS_FINDING_PASSED);
  g_assert_cmpint (first->reason, ==, SOCKS_FINDING_REASON_NONE);
  g_assert_cmpint (first->duration_us, ==, 1200);
  g_assert_cmpint (second->kind, ==, SOCKS_FINDING_TCP);
  g_assert_cmpint (second->reason, ==, SOCKS_FINDING_REASON_REFUSED);
}

static void
test_what_a_later_service_says_is_left_out (void)
{
  g_autoptr (GArray) findings = read_steps (
      "[{'Step': <'weather'>, 'Result': <'passed'>}, {'Result': <'passed'>},"
      " {'Step': <'tcp'>}, {'Step': <'tcp'>, 'Result': <'so-so'>}, {'Step': <7>},"
      " {'Step': <'greeting'>, 'Result': <'failed'>, 'Reason': <'moon'>,"
      "  'Duration': <'long'>}]");
  const SocksFinding *only = &g_array_index (findings, SocksFinding, 0);

  g_assert_cmpuint (findings->len, ==, 1);
  g_assert_cmpint (only->reason, ==, SOCKS_FINDING_REASON_OTHER);
  g_assert_cmpint (only->duration_us, ==, 0);
  g_assert_cmpstr (socks_finding_text_verdict (only), ==, "Something is wrong");
  g_assert_cmpstr (socks_finding_text_advice (only), ==, "");
}

static void
expect_problem (const char *steps, const char *kind)
{
  g_autoptr (GArray) findings = read_steps (steps);
  const SocksFinding *problem = socks_findings_get_problem (findings);
  g_autoptr (GEnumClass) kinds = g_type_class_ref (SOCKS_TYPE_FINDING_KIND);

  if (kind == NULL)
    g_assert_null (problem);
  else
    g_assert_cmpstr (g_enum_get_value (kinds, problem->kind)->value_nick, ==, kind);
}

static void
test_the_first_failure_is_the_problem (void)
{
#define STEP(kind, result) "{'Step': <'" kind "'>, 'Result': <'" result "'>}"
  expect_problem ("[" STEP ("node", "passed") "," STEP ("tcp", "passed") "]", NULL);
  expect_problem ("[" STEP ("node", "failed") "," STEP ("tcp", "failed") "]", "node");
  expect_problem ("[" STEP ("route", "failed") "," STEP ("tcp", "failed") "]", "route");
  expect_problem ("[" STEP ("tcp", "passed") "," STEP ("login", "warning") "," STEP (
                      "local-port", "failed") "]",
                  "local-port");
  expect_problem ("[" STEP ("tcp", "passed") "," STEP ("login", "warning") "]", "login");

  /* The node's API may be closed while it forwards. */
  expect_problem ("[" STEP ("node", "failed") "," STEP ("tcp", "passed") "]", NULL);
  expect_problem ("[" STEP ("node", "failed") "," STEP ("tcp", "passed") "," STEP (
                      "greeting", "failed") "]",
                  "greeting");
#undef STEP
}

static void
test_who_greets_and_does_not_forward_is_told_apart (void)
{
  const SocksFinding silent = { SOCKS_FINDING_FORWARDING, SOCKS_FINDING_FAILED,
                                SOCKS_FINDING_REASON_TIMED_OUT, 1 };
  const SocksFinding off = { SOCKS_FINDING_TCP, SOCKS_FINDING_FAILED,
                             SOCKS_FINDING_REASON_TIMED_OUT, 1 };

  g_assert_cmpstr (socks_finding_text_advice (&silent), ==,
                   "It greets as a proxy does, but does not forward. Choose another "
                   "proxy.");
  g_assert_cmpstr (socks_finding_text_advice (&off), ==,
                   "Its computer may be switched off. Try again later, or choose another "
                   "proxy.");
}

static void
test_the_words_are_those_of_the_service (void)
{
  g_autoptr (GEnumClass) kinds = g_type_class_ref (SOCKS_TYPE_FINDING_KIND);
  g_autoptr (GEnumClass) results = g_type_class_ref (SOCKS_TYPE_FINDING_RESULT);

  for (SocksCheckKind kind = 0; kind < SOCKS_N_CHECK_KINDS; kind++)
    g_assert_cmpstr (g_enum_get_value (kinds, (int) kind)->value_nick, ==,
                     socks_check_kind_to_string (kind));
  for (SocksCheckResult result = 0; result < SOCKS_N_CHECK_RESULTS; result++)
    g_assert_cmpstr (g_enum_get_value (results, (int) result)->value_nick, ==,
                     socks_check_result_to_string (result));
}

static void
test_each_problem_has_a_verdict_and_advice (void)
{
  for (SocksFindingReason reason = SOCKS_FINDING_REASON_NO_ANSWER;
       reason < SOCKS_FINDING_REASON_OTHER; reason++)
    {
      const SocksFinding finding = { SOCKS_FINDING_TCP, SOCKS_FINDING_FAILED, reason, 1 };
      gboolean is_problem = reason != SOCKS_FINDING_REASON_OUTSIDE_OVERLAY &&
                            reason != SOCKS_FINDING_REASON_NO_TARGET &&
                            reason != SOCKS_FINDING_REASON_FREE &&
                            reason != SOCKS_FINDING_REASON_OTHER_REMOTE;

      g_assert_cmpstr (socks_finding_text_verdict (&finding), !=, "");
      g_assert_cmpstr (socks_finding_text_verdict (&finding), !=, "Something is wrong");
      g_assert_cmpint (*socks_finding_text_advice (&finding) != '\0', ==, is_problem);
    }
  for (SocksFindingKind kind = 0; kind < SOCKS_N_FINDING_KINDS; kind++)
    g_assert_cmpstr (socks_finding_text_title (kind), !=, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/finding/" #name, test_##name)
  ADD (steps_are_read);
  ADD (what_a_later_service_says_is_left_out);
  ADD (the_first_failure_is_the_problem);
  ADD (who_greets_and_does_not_forward_is_told_apart);
  ADD (the_words_are_those_of_the_service);
  ADD (each_problem_has_a_verdict_and_advice);
  return g_test_run ();
}
