/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A check's report as a line. */

#include "report-text.h"

char *
report_text (const SocksCheckReport *report, SocksCheckKind first, SocksCheckKind last)
{
  GString *text = g_string_new (NULL);

  for (SocksCheckKind kind = first; kind <= last; kind++)
    {
      const SocksCheckStep *step = &report->steps[kind];

      if (step->result == SOCKS_CHECK_SKIPPED && *step->reason == '\0')
        continue;
      g_string_append_printf (text, "%s%s %s%s%s", text->len > 0 ? ", " : "",
                              socks_check_kind_to_string (kind),
                              socks_check_result_to_string (step->result),
                              *step->reason != '\0' ? " " : "", step->reason);
    }
  return g_string_free (text, FALSE);
}
