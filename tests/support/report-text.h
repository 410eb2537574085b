/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/check-report.h"

G_BEGIN_DECLS

/* "tcp passed, greeting failed timed-out": the steps between the two that were tried, or
 * skipped for a reason. */
char *report_text (const SocksCheckReport *report,
                   SocksCheckKind first,
                   SocksCheckKind last);

/* What it is, but for the time that it took. */
#define expect_report(report, first, last, expected)                                     \
  G_STMT_START                                                                           \
  {                                                                                      \
    g_autofree char *report_as_text = report_text (report, first, last);                 \
    g_assert_cmpstr (report_as_text, ==, expected);                                          \
  }                                                                                      \
  G_STMT_END

G_END_DECLS
