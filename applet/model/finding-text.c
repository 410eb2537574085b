/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a check found, in words for people: of each step what is so, and of the one that
 * is the problem what to do. Any thread. */

#include "config.h"

#include "model/finding-text.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *title;
  const char *passed;
} Step;

static const Step steps[SOCKS_N_FINDING_KINDS] = {
  [SOCKS_FINDING_NODE] = { N_ ("Mycelium"), N_ ("Is running") },
  [SOCKS_FINDING_ROUTE] = { N_ ("Route"), N_ ("Mycelium knows a way there") },
  [SOCKS_FINDING_TCP] = { N_ ("Connection"), N_ ("Is accepted") },
  [SOCKS_FINDING_GREETING] = { N_ ("Greeting"), N_ ("Answered as a SOCKS5 proxy does") },
  [SOCKS_FINDING_LOGIN] = { N_ ("Login"), N_ ("Not needed") },
  [SOCKS_FINDING_FORWARDING] = { N_ ("Forwarding"), N_ ("Reaches the target") },
  [SOCKS_FINDING_LOCAL_PORT] = { N_ ("Local port"), N_ ("Leads to this proxy") },
};

typedef struct
{
  const char *verdict;
  const char *advice;
} Reason;

#define CHOOSE_ANOTHER N_ ("Choose another proxy.")
#define MAY_BE_OFF                                                                       \
  N_ ("Its computer may be switched off. Try again later, or choose another proxy.")
#define NO_PROXY_THERE                                                                   \
  N_ ("There is no SOCKS5 proxy at this address. Check the port, or choose another "     \
      "proxy.")
#define CHECK_TARGET N_ ("The proxy works. Check the target, or try another one.")

static const Reason reasons[SOCKS_N_FINDING_REASONS] = {
  [SOCKS_FINDING_REASON_NONE] = { "", "" },
  [SOCKS_FINDING_REASON_NO_ANSWER] = { N_ ("Is not running"),
                                       N_ ("Start Mycelium on this computer: the proxies "
                                           "are on its network.") },
  [SOCKS_FINDING_REASON_BAD_ANSWER] = { N_ ("Does not answer as expected"),
                                        N_ ("Check Url= in the group [Node] of the "
                                            "configuration.") },
  [SOCKS_FINDING_REASON_NO_ROUTE] = { N_ ("Mycelium knows no way there"),
                                      N_ ("Check the address. If it is right, its "
                                          "computer is not on the network: try again "
                                          "later.") },
  [SOCKS_FINDING_REASON_OUTSIDE_OVERLAY] = { N_ ("Not on the Mycelium network"), "" },
  [SOCKS_FINDING_REASON_REFUSED] = { N_ ("Refused the connection"), NO_PROXY_THERE },
  [SOCKS_FINDING_REASON_UNREACHABLE] = { N_ ("Can’t be reached"), MAY_BE_OFF },
  [SOCKS_FINDING_REASON_TIMED_OUT] = { N_ ("Did not answer in time"), MAY_BE_OFF },
  [SOCKS_FINDING_REASON_RESET] = { N_ ("Broke the connection off"), CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_CLOSED] = { N_ ("Closed the connection"), CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_NOT_SOCKS5] = { N_ ("Does not speak SOCKS5"), NO_PROXY_THERE },
  [SOCKS_FINDING_REASON_BAD_METHOD] = { N_ ("Answered the greeting wrongly"),
                                        NO_PROXY_THERE },
  [SOCKS_FINDING_REASON_LOGIN_REQUIRED] = { N_ ("Is required"),
                                            N_ ("Connect to it, and set your name and "
                                                "password in the programs that use "
                                                "it.") },
  [SOCKS_FINDING_REASON_NO_TARGET] = { N_ ("No target was given"), "" },
  [SOCKS_FINDING_REASON_GENERAL_FAILURE] = { N_ ("Failed for a reason of the proxy’s"),
                                             CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_NOT_ALLOWED] = { N_ ("The proxy does not allow it"),
                                         CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_NETWORK_UNREACHABLE] = { N_ ("The proxy does not reach the "
                                                     "target"),
                                                 CHECK_TARGET },
  [SOCKS_FINDING_REASON_HOST_UNREACHABLE] = { N_ ("The proxy does not reach the target"),
                                              CHECK_TARGET },
  [SOCKS_FINDING_REASON_TARGET_REFUSED] = { N_ ("The target refuses connections"),
                                            CHECK_TARGET },
  [SOCKS_FINDING_REASON_TTL_EXPIRED] = { N_ ("The proxy does not reach the target"),
                                         CHECK_TARGET },
  [SOCKS_FINDING_REASON_COMMAND_NOT_SUPPORTED] = { N_ ("The proxy does not forward"),
                                                   CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_ADDRESS_TYPE_NOT_SUPPORTED] = { N_ ("The proxy does not know "
                                                            "this kind of address"),
                                                        CHECK_TARGET },
  [SOCKS_FINDING_REASON_UNKNOWN_REPLY] = { N_ ("The proxy answers wrongly"),
                                           CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_BAD_REPLY] = { N_ ("The proxy answers wrongly"), CHOOSE_ANOTHER },
  [SOCKS_FINDING_REASON_FREE] = { N_ ("Is free"), "" },
  [SOCKS_FINDING_REASON_OTHER_REMOTE] = { N_ ("Leads to another proxy"), "" },
  [SOCKS_FINDING_REASON_IN_USE] = { N_ ("Is taken"),
                                    N_ ("Another program uses the local port. Close that "
                                        "program, then try again.") },
  [SOCKS_FINDING_REASON_NOT_TO_BE_OPENED] = { N_ ("Can’t be opened"),
                                              N_ ("The local port could not be opened. "
                                                  "Check the group [Listen] of the "
                                                  "configuration.") },
  [SOCKS_FINDING_REASON_OTHER] = { "", "" },
};

/* gettext has the header of the catalogue for "". */
static const char *
translate (const char *text)
{
  return *text != '\0' ? _ (text) : "";
}

/**
 * socks_finding_text_title:
 * @kind: a step
 *
 * Returns: what it is about, a word or two
 */
const char *
socks_finding_text_title (SocksFindingKind kind)
{
  return translate (steps[kind].title);
}

/**
 * socks_finding_text_verdict:
 * @finding: how a step ended
 *
 * Returns: what is so, without a full stop
 */
const char *
socks_finding_text_verdict (const SocksFinding *finding)
{
  const char *verdict = reasons[finding->reason].verdict;

  if (*verdict != '\0')
    return translate (verdict);
  switch (finding->result)
    {
    case SOCKS_FINDING_PASSED:
      return translate (steps[finding->kind].passed);
    case SOCKS_FINDING_SKIPPED:
      return _ ("Not tried");
    case SOCKS_FINDING_WARNING:
    case SOCKS_FINDING_FAILED:
    default:
      return _ ("Something is wrong");
    }
}

/**
 * socks_finding_text_advice:
 * @finding: a problem, see socks_findings_get_problem()
 *
 * Returns: what to do about it, "" where there is nothing to say
 */
const char *
socks_finding_text_advice (const SocksFinding *finding)
{
  /* Who greets and then falls silent, hangs up or says something else is no proxy that is
   * switched off. */
  if (finding->kind == SOCKS_FINDING_FORWARDING &&
      finding->reason <= SOCKS_FINDING_REASON_BAD_METHOD)
    return _ ("It greets as a proxy does, but does not forward. Choose another proxy.");
  return translate (reasons[finding->reason].advice);
}

/**
 * socks_findings_text:
 * @title: what to call the proxy
 * @findings: (element-type SocksFinding): what a check of it found
 *
 * Returns: (transfer full): all of it as lines, for somebody to send to somebody else
 */
char *
socks_findings_text (const char *title, const GArray *findings)
{
  const SocksFinding *problem = socks_findings_get_problem (findings);
  GString *text = g_string_new (title);

  g_string_append_c (text, '\n');
  for (guint i = 0; i < findings->len; i++)
    {
      const SocksFinding *finding = &g_array_index (findings, SocksFinding, i);

      /* Translators: a step of a check and how it ended, as in "Login: Not needed" */
      g_string_append_printf (text, C_ ("finding", "%s: %s"),
                              socks_finding_text_title (finding->kind),
                              socks_finding_text_verdict (finding));
      g_string_append_c (text, '\n');
    }
  g_string_append (text, problem != NULL ? socks_finding_text_advice (problem)
                                         : _ ("Nothing is wrong."));
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}
