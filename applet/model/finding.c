/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a check found, read from the bus. A key of a wrong type is as if it were not
 * there. Any thread. */

#include "model/finding.h"

#include "model/word.h"

/* The nicks are the words on the bus. */
G_DEFINE_ENUM_TYPE (SocksFindingKind,
                    socks_finding_kind,
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_NODE, "node"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_ROUTE, "route"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_TCP, "tcp"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_GREETING, "greeting"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_LOGIN, "login"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_FORWARDING, "forwarding"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_LOCAL_PORT, "local-port"))

G_DEFINE_ENUM_TYPE (SocksFindingResult,
                    socks_finding_result,
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_SKIPPED, "skipped"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_PASSED, "passed"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_WARNING, "warning"),
                    G_DEFINE_ENUM_VALUE (SOCKS_FINDING_FAILED, "failed"))

#define REASON(name, nick) G_DEFINE_ENUM_VALUE (SOCKS_FINDING_REASON_##name, nick)

G_DEFINE_ENUM_TYPE (SocksFindingReason,
                    socks_finding_reason,
                    REASON (NONE, ""),
                    REASON (NO_ANSWER, "no-answer"),
                    REASON (BAD_ANSWER, "bad-answer"),
                    REASON (NO_ROUTE, "no-route"),
                    REASON (OUTSIDE_OVERLAY, "outside-overlay"),
                    REASON (REFUSED, "refused"),
                    REASON (UNREACHABLE, "unreachable"),
                    REASON (TIMED_OUT, "timed-out"),
                    REASON (RESET, "reset"),
                    REASON (CLOSED, "closed"),
                    REASON (NOT_SOCKS5, "not-socks5"),
                    REASON (BAD_METHOD, "bad-method"),
                    REASON (LOGIN_REQUIRED, "login-required"),
                    REASON (NO_TARGET, "no-target"),
                    REASON (GENERAL_FAILURE, "general-failure"),
                    REASON (NOT_ALLOWED, "not-allowed"),
                    REASON (NETWORK_UNREACHABLE, "network-unreachable"),
                    REASON (HOST_UNREACHABLE, "host-unreachable"),
                    REASON (TARGET_REFUSED, "target-refused"),
                    REASON (TTL_EXPIRED, "ttl-expired"),
                    REASON (COMMAND_NOT_SUPPORTED, "command-not-supported"),
                    REASON (ADDRESS_TYPE_NOT_SUPPORTED, "address-type-not-supported"),
                    REASON (UNKNOWN_REPLY, "unknown-reply"),
                    REASON (BAD_REPLY, "bad-reply"),
                    REASON (FREE, "free"),
                    REASON (OTHER_REMOTE, "other-remote"),
                    REASON (IN_USE, "in-use"),
                    REASON (NOT_TO_BE_OPENED, "not-to-be-opened"),
                    REASON (OTHER, "other"))

/* Returns whether the step is one that is known here. */
static gboolean
read_step (GVariant *step, SocksFinding *out_finding)
{
  g_autoptr (GVariant) kind =
      g_variant_lookup_value (step, "Step", G_VARIANT_TYPE_STRING);
  g_autoptr (GVariant) result =
      g_variant_lookup_value (step, "Result", G_VARIANT_TYPE_STRING);
  g_autoptr (GVariant) reason =
      g_variant_lookup_value (step, "Reason", G_VARIANT_TYPE_STRING);
  SocksFinding finding = { 0 };
  int number;

  if (kind == NULL || !socks_word_read (kind, SOCKS_TYPE_FINDING_KIND, &number))
    return FALSE;
  finding.kind = number;
  if (result == NULL || !socks_word_read (result, SOCKS_TYPE_FINDING_RESULT, &number))
    return FALSE;
  finding.result = number;
  if (reason != NULL)
    finding.reason = socks_word_read (reason, SOCKS_TYPE_FINDING_REASON, &number)
                         ? (SocksFindingReason) number
                         : SOCKS_FINDING_REASON_OTHER;
  g_variant_lookup (step, "Duration", "x", &finding.duration_us);
  *out_finding = finding;
  return TRUE;
}

/**
 * socks_findings_read:
 * @steps: an `aa{sv}` as Check replies it
 *
 * Returns: (transfer full) (element-type SocksFinding): the steps that are known here
 */
GArray *
socks_findings_read (GVariant *steps)
{
  GArray *findings = g_array_new (FALSE, FALSE, sizeof (SocksFinding));
  gsize n_steps = g_variant_n_children (steps);

  for (gsize i = 0; i < n_steps; i++)
    {
      g_autoptr (GVariant) step = g_variant_get_child_value (steps, i);
      SocksFinding finding;

      if (read_step (step, &finding))
        g_array_append_val (findings, finding);
    }
  return findings;
}

static const SocksFinding *
find_first (const GArray *findings,
            SocksFindingResult result,
            SocksFindingKind kind_at_least)
{
  for (guint i = 0; i < findings->len; i++)
    {
      const SocksFinding *finding = &g_array_index (findings, SocksFinding, i);

      if (finding->result == result && finding->kind >= kind_at_least)
        return finding;
    }
  return NULL;
}

/**
 * socks_findings_get_problem:
 * @findings: (element-type SocksFinding): what a check found
 *
 * Returns: (nullable): what keeps the proxy from being used, or what it takes to use it;
 *   %NULL where nothing is wrong. Whoever is reached is not kept from it by the node
 */
const SocksFinding *
socks_findings_get_problem (const GArray *findings)
{
  const SocksFinding *reached =
      find_first (findings, SOCKS_FINDING_PASSED, SOCKS_FINDING_TCP);
  gboolean is_reached = reached != NULL && reached->kind == SOCKS_FINDING_TCP;
  const SocksFinding *failed =
      find_first (findings, SOCKS_FINDING_FAILED,
                  is_reached ? SOCKS_FINDING_TCP : SOCKS_FINDING_NODE);

  return failed != NULL
             ? failed
             : find_first (findings, SOCKS_FINDING_WARNING, SOCKS_FINDING_NODE);
}
