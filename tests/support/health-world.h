/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/health.h"
#include "fake-clock.h"
#include "fake-prober.h"

G_BEGIN_DECLS

#define SECOND G_GINT64_CONSTANT (1000000)
#define HOUR (3600 * SECOND)

#define REMOTE "[400::1]:1080"
#define OTHER "[400::2]:1080"

/* Everybody is Valid until told otherwise. */
typedef struct
{
  FakeClock *clock;    /* (owned) */
  FakeProber *prober;  /* (owned) */
  SocksHealth *health; /* (owned): watches nobody */
  guint n_lost;
  guint n_recovered;
} HealthWorld;

void set_up (HealthWorld *world, gconstpointer data);
void tear_down (HealthWorld *world, gconstpointer data);
void watch (HealthWorld *world, const char *remote, SocksProbeKind kind);
void watch_remote (HealthWorld *world);
void answer (HealthWorld *world, SocksStatus status);
void assert_next_probe_in (HealthWorld *world, gint64 us);
void assert_signals (HealthWorld *world, guint n_lost, guint n_recovered);
void lose (HealthWorld *world);

G_END_DECLS
