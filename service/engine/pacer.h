/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/clock.h"

G_BEGIN_DECLS

/**
 * SocksPacer:
 *
 * Does something that is asked for often, but not more often than every so often: at once
 * when it has not been done for that long, else as soon as it has not; all that is asked
 * meanwhile is one. Nothing asked for is forgotten. Main thread.
 */
typedef struct
{
  /*< private >*/
  SocksClock *clock; /* (owned) */
  gint64 interval_us;
  GSourceOnceFunc function;
  gpointer data;
  gint64 not_before_us; /* monotonic */
  guint timer_id;       /* 0: nothing is due */
} SocksPacer;

void socks_pacer_init (SocksPacer *pacer,
                       SocksClock *clock,
                       gint64 interval_us,
                       GSourceOnceFunc function,
                       gpointer data);
void socks_pacer_ask (SocksPacer *pacer);
void socks_pacer_clear (SocksPacer *pacer);

G_END_DECLS
