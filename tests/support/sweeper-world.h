/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/sweeper.h"
#include "fake-clock.h"
#include "fake-prober.h"
#include "fake-source.h"

G_BEGIN_DECLS

#define SECOND G_GINT64_CONSTANT (1000000)
#define YEAR (365 * 24 * 3600 * SECOND)

#define INTERVAL_S 60
#define PARALLEL 4

#define ONE "[400::1]:1080"
#define TWO "[400::2]:1080"

/* Which of its signals the sweeper has emitted. */
typedef enum
{
  SIGNAL_CHANGED,
  SIGNAL_PEERS_CHANGED,
  SIGNAL_SWEPT,
  N_SIGNALS,
} Signal;

/* The source knows ONE and TWO, and everybody is Valid, until told otherwise. */
typedef struct
{
  FakeClock *clock;      /* (owned) */
  FakeProber *prober;    /* (owned) */
  FakeSource *source;    /* (owned) */
  SocksSweeper *sweeper; /* (owned): not probing */

  guint n_signals[N_SIGNALS];
  guint stop_at_signal;  /* of all kinds together; 0: none */
  guint start_at_signal; /* as above */
} SweeperWorld;

guint count_signals (SweeperWorld *world);
void set_up (SweeperWorld *world, gconstpointer data);
void tear_down (SweeperWorld *world, gconstpointer data);
void set_probing (SweeperWorld *world, gboolean is_probing);
void sweep_now (SweeperWorld *world);
void release (SweeperWorld *world);
void assert_sweeps (SweeperWorld *world, guint n_begun, guint n_ended);
void assert_next_sweep_in (SweeperWorld *world, gint64 us);
SocksStatus status_of (SweeperWorld *world, const char *peer);
void assert_progress (SweeperWorld *world, guint n_done, guint n_total);

G_END_DECLS
