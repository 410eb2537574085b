/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A remote that is watched, by a clock and over a network in the hands of the test. Main
 * thread. */

#include "health-world.h"

static void
lost_cb (SocksHealth *health, gpointer data)
{
  ((HealthWorld *) data)->n_lost++;
}

static void
recovered_cb (SocksHealth *health, gpointer data)
{
  ((HealthWorld *) data)->n_recovered++;
}

void
set_up (HealthWorld *world, gconstpointer data)
{
  world->clock = fake_clock_new ();
  world->prober = fake_prober_new ();
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1000);
  world->health =
      socks_health_new (SOCKS_CLOCK (world->clock), SOCKS_PROBER (world->prober));
  g_signal_connect (world->health, "lost", G_CALLBACK (lost_cb), world);
  g_signal_connect (world->health, "recovered", G_CALLBACK (recovered_cb), world);
}

void
tear_down (HealthWorld *world, gconstpointer data)
{
  socks_health_stop (world->health);
  g_assert_false (socks_health_is_watching (world->health));
  settle_main_loop ();
  g_assert_finalize_object (world->health);
  g_assert_finalize_object (world->prober);
  g_assert_finalize_object (world->clock);
}

void
watch (HealthWorld *world, const char *remote, SocksProbeKind kind)
{
  SocksEndpoint endpoint = endpoint_of (remote);

  socks_health_watch (world->health, &endpoint, kind);
  g_assert_true (socks_health_is_watching (world->health));
}

/* As an automatic choice is watched. */
void
watch_remote (HealthWorld *world)
{
  watch (world, REMOTE, SOCKS_PROBE_GREETING);
}

void
answer (HealthWorld *world, SocksStatus status)
{
  fake_prober_answer (world->prober, NULL, status, 1000);
  settle_main_loop ();
}

/* Nothing is asked until @us microseconds from now, and then one thing. */
void
assert_next_probe_in (HealthWorld *world, gint64 us)
{
  guint n_asked = fake_prober_count_asked (world->prober, NULL);

  if (us > 0)
    fake_clock_advance (world->clock, us - 1);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, n_asked);
  fake_clock_advance (world->clock, us > 0 ? 1 : 0);
  settle_main_loop ();
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, n_asked + 1);
}

void
assert_signals (HealthWorld *world, guint n_lost, guint n_recovered)
{
  g_assert_cmpuint (world->n_lost, ==, n_lost);
  g_assert_cmpuint (world->n_recovered, ==, n_recovered);
}

void
lose (HealthWorld *world)
{
  answer (world, SOCKS_STATUS_NOT_LISTENING);
  assert_next_probe_in (world, 15 * SECOND);
  assert_next_probe_in (world, SECOND);
  g_assert_cmpuint (world->n_lost, ==, 1);
}
