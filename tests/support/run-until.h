/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Turns the main loop until @condition holds, which another thread or
 * program brings about. */
#define RUN_UNTIL(condition)                                                             \
  G_STMT_START                                                                           \
  {                                                                                      \
    gint64 deadline_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                  \
    while (!(condition))                                                                 \
      {                                                                                  \
        if (g_get_monotonic_time () > deadline_us)                                       \
          g_error ("%s: waited in vain for: %s", G_STRLOC, #condition);                  \
        if (!g_main_context_iteration (NULL, FALSE))                                     \
          g_usleep (500);                                                                \
      }                                                                                  \
  }                                                                                      \
  G_STMT_END

G_END_DECLS
