/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksCheckKind:
 * @SOCKS_CHECK_NODE: the Mycelium node answers
 * @SOCKS_CHECK_ROUTE: the node has a route to the remote
 * @SOCKS_CHECK_TCP: the remote takes a connection
 * @SOCKS_CHECK_GREETING: it answers the greeting of SOCKS5
 * @SOCKS_CHECK_LOGIN: it needs no login
 * @SOCKS_CHECK_FORWARDING: it connects to the target
 * @SOCKS_CHECK_LOCAL_PORT: the local port is ours, or to be had
 *
 * The steps of a check, in their order.
 */
typedef enum
{
  SOCKS_CHECK_NODE,
  SOCKS_CHECK_ROUTE,
  SOCKS_CHECK_TCP,
  SOCKS_CHECK_GREETING,
  SOCKS_CHECK_LOGIN,
  SOCKS_CHECK_FORWARDING,
  SOCKS_CHECK_LOCAL_PORT,
} SocksCheckKind;

#define SOCKS_N_CHECK_KINDS (SOCKS_CHECK_LOCAL_PORT + 1)

/**
 * SocksCheckResult:
 * @SOCKS_CHECK_SKIPPED: not tried, for it does not matter or could not be
 * @SOCKS_CHECK_PASSED: all is well
 * @SOCKS_CHECK_WARNING: it works, but not without doing something
 * @SOCKS_CHECK_FAILED: this is what is wrong
 *
 * How a step ended.
 */
typedef enum
{
  SOCKS_CHECK_SKIPPED,
  SOCKS_CHECK_PASSED,
  SOCKS_CHECK_WARNING,
  SOCKS_CHECK_FAILED,
} SocksCheckResult;

#define SOCKS_N_CHECK_RESULTS (SOCKS_CHECK_FAILED + 1)

/**
 * SocksCheckStep:
 * @result: how it ended
 * @reason: why, a word that D-Bus clients see, or ""; never freed
 * @duration_us: how long it took, in microseconds; 0 where it was not tried
 *
 * One step.
 */
typedef struct
{
  SocksCheckResult result;
  const char *reason;
  gint64 duration_us;
} SocksCheckStep;

/**
 * SocksCheckReport:
 * @steps: each step, by its kind
 *
 * The result of a check. Bytes that are 0, but for the reasons: see
 * socks_check_report_init().
 */
typedef struct
{
  SocksCheckStep steps[SOCKS_N_CHECK_KINDS];
} SocksCheckReport;

void socks_check_report_init (SocksCheckReport *report);
void socks_check_report_set (SocksCheckReport *report,
                             SocksCheckKind kind,
                             SocksCheckResult result,
                             const char *reason,
                             gint64 duration_us);

const char *socks_check_kind_to_string (SocksCheckKind kind);
const char *socks_check_result_to_string (SocksCheckResult result);

G_END_DECLS
