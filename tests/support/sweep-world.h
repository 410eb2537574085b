/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/sweep.h"
#include "fake-clock.h"
#include "fake-prober.h"
#include "fake-source.h"

G_BEGIN_DECLS

#define ONE "[400::1]:1080"
#define TWO "[400::2]:1080"
#define THREE "[400::3]:1080"

/* Everybody refuses and the sources know nobody until told otherwise. */
typedef struct
{
  FakeClock *clock;      /* (owned) */
  FakeProber *prober;    /* (owned) */
  FakeSource *node;      /* (owned): the first source */
  FakeSource *list;      /* (owned): the second source */
  SocksPeerTable *table; /* (owned) */
  SocksSweep *sweep;     /* (owned) (nullable): the last one that was started */

  guint n_signals; /* since it was started */
  guint n_done;
  guint changes;          /* all that were reported, together */
  guint cancel_at_signal; /* 0: none */
} SweepWorld;

void set_up (SweepWorld *world, gconstpointer data);
void tear_down (SweepWorld *world, gconstpointer data);
void start_sweep (SweepWorld *world, guint parallel);
void sweep_whole (SweepWorld *world);
const SocksPeer *look_up (SweepWorld *world, const char *peer);
void assert_status (SweepWorld *world, const char *peer, SocksStatus status);
void assert_progress (SweepWorld *world, guint n_done, guint n_total);
void answer (SweepWorld *world, const char *peer, SocksStatus status);

G_END_DECLS
