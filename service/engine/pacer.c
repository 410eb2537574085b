/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps a frequent thing to its pace, see #SocksPacer. */

#include "engine/pacer.h"

static void
act (SocksPacer *pacer)
{
  pacer->not_before_us =
      socks_clock_get_monotonic_us (pacer->clock) + pacer->interval_us;
  pacer->function (pacer->data);
}

static void
timer_cb (gpointer data)
{
  SocksPacer *pacer = data;

  pacer->timer_id = 0;
  act (pacer);
}

/**
 * socks_pacer_init:
 * @pacer: (out caller-allocates): a pacer
 * @clock: the time
 * @interval_us: the shortest time between two calls of @function, in microseconds
 * @function: what to do
 * @data: for @function
 */
void
socks_pacer_init (SocksPacer *pacer,
                  SocksClock *clock,
                  gint64 interval_us,
                  GSourceOnceFunc function,
                  gpointer data)
{
  *pacer = (SocksPacer) {
    .clock = g_object_ref (clock),
    .interval_us = interval_us,
    .function = function,
    .data = data,
    .not_before_us = G_MININT64,
  };
}

/**
 * socks_pacer_ask:
 * @pacer: a pacer
 *
 * Has the thing done, now or soon.
 */
void
socks_pacer_ask (SocksPacer *pacer)
{
  gint64 now_us = socks_clock_get_monotonic_us (pacer->clock);

  if (pacer->timer_id != 0)
    return;
  if (now_us >= pacer->not_before_us)
    act (pacer);
  else
    pacer->timer_id = socks_clock_call_after (
        pacer->clock, pacer->not_before_us - now_us, timer_cb, pacer);
}

/**
 * socks_pacer_clear:
 * @pacer: a pacer that was initialised
 *
 * What is due is not done any more.
 */
void
socks_pacer_clear (SocksPacer *pacer)
{
  if (pacer->clock != NULL)
    socks_clock_clear (pacer->clock, &pacer->timer_id);
  g_clear_object (&pacer->clock);
}
