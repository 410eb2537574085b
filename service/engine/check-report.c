/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a check found, step by step: plain values and their names. Any thread. */

#include "engine/check-report.h"

/**
 * socks_check_report_init:
 * @report: (out caller-allocates): a report in which every step is skipped
 */
void
socks_check_report_init (SocksCheckReport *report)
{
  for (SocksCheckKind kind = 0; kind < SOCKS_N_CHECK_KINDS; kind++)
    socks_check_report_set (report, kind, SOCKS_CHECK_SKIPPED, "", 0);
}

/**
 * socks_check_report_set:
 * @report: a report
 * @kind: a step
 * @result: how it ended
 * @reason: (transfer none): why, for good
 * @duration_us: how long it took
 */
void
socks_check_report_set (SocksCheckReport *report,
                        SocksCheckKind kind,
                        SocksCheckResult result,
                        const char *reason,
                        gint64 duration_us)
{
  report->steps[kind] = (SocksCheckStep){ result, reason, duration_us };
}

/**
 * socks_check_kind_to_string:
 * @kind: a step
 *
 * Returns: the name that D-Bus clients see
 */
const char *
socks_check_kind_to_string (SocksCheckKind kind)
{
  static const char *const names[SOCKS_N_CHECK_KINDS] = {
    [SOCKS_CHECK_NODE] = "node",
    [SOCKS_CHECK_ROUTE] = "route",
    [SOCKS_CHECK_TCP] = "tcp",
    [SOCKS_CHECK_GREETING] = "greeting",
    [SOCKS_CHECK_LOGIN] = "login",
    [SOCKS_CHECK_FORWARDING] = "forwarding",
    [SOCKS_CHECK_LOCAL_PORT] = "local-port",
  };

  g_return_val_if_fail ((guint) kind < SOCKS_N_CHECK_KINDS, "");
  return names[kind];
}

/**
 * socks_check_result_to_string:
 * @result: a result
 *
 * Returns: the name that D-Bus clients see
 */
const char *
socks_check_result_to_string (SocksCheckResult result)
{
  static const char *const names[SOCKS_N_CHECK_RESULTS] = {
    [SOCKS_CHECK_SKIPPED] = "skipped",
    [SOCKS_CHECK_PASSED] = "passed",
    [SOCKS_CHECK_WARNING] = "warning",
    [SOCKS_CHECK_FAILED] = "failed",
  };

  g_return_val_if_fail ((guint) result < SOCKS_N_CHECK_RESULTS, "");
  return names[result];
}
