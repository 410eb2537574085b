/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Discovery on its timetable, by a clock and over a network in the hands of the test.
 * Main thread. */

#include "sweeper-world.h"

guint
count_signals (SweeperWorld *world)
{
  guint n_signals = 0;

  for (guint i = 0; i < N_SIGNALS; i++)
    n_signals += world->n_signals[i];
  return n_signals;
}

static void
note_signal (SweeperWorld *world, Signal kind)
{
  guint n_signals;

  world->n_signals[kind]++;
  n_signals = count_signals (world);
  if (n_signals == world->stop_at_signal)
    socks_sweeper_set_probing (world->sweeper, FALSE);
  if (n_signals == world->start_at_signal)
    socks_sweeper_set_probing (world->sweeper, TRUE);
}

static void
changed_cb (SocksSweeper *sweeper, gpointer data)
{
  note_signal (data, SIGNAL_CHANGED);
}

static void
peers_changed_cb (SocksSweeper *sweeper, guint change, gpointer data)
{
  note_signal (data, SIGNAL_PEERS_CHANGED);
}

static void
swept_cb (SocksSweeper *sweeper, gpointer data)
{
  /* Whoever hears it sees the sweep ended. */
  g_assert_cmpint (socks_sweeper_get_last_sweep_us (sweeper), !=, 0);
  g_assert_false (socks_sweeper_is_first_sweep_awaited (sweeper));
  note_signal (data, SIGNAL_SWEPT);
}

void
set_up (SweeperWorld *world, gconstpointer data)
{
  world->clock = fake_clock_new ();
  world->prober = fake_prober_new ();
  world->source = fake_source_new ();
  fake_source_name (world->source, ONE " " TWO);
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  world->sweeper = socks_sweeper_new (SOCKS_CLOCK (world->clock),
                                      SOCKS_PROBER (world->prober), INTERVAL_S, PARALLEL);
  socks_sweeper_add_source (world->sweeper, SOCKS_PEER_SOURCE (world->source));
  g_signal_connect (world->sweeper, "changed", G_CALLBACK (changed_cb), world);
  g_signal_connect (world->sweeper, "peers-changed", G_CALLBACK (peers_changed_cb),
                    world);
  g_signal_connect (world->sweeper, "swept", G_CALLBACK (swept_cb), world);
}

/* Its end is the end of all it was doing. */
void
tear_down (SweeperWorld *world, gconstpointer data)
{
  g_assert_finalize_object (world->sweeper);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
  g_assert_false (fake_source_is_asked (world->source));
  settle_main_loop ();
  g_assert_finalize_object (world->source);
  g_assert_finalize_object (world->prober);
  g_assert_finalize_object (world->clock);
}

void
set_probing (SweeperWorld *world, gboolean is_probing)
{
  socks_sweeper_set_probing (world->sweeper, is_probing);
  g_assert_true (socks_sweeper_is_probing (world->sweeper) == is_probing);
  settle_main_loop ();
}

void
sweep_now (SweeperWorld *world)
{
  socks_sweeper_sweep_now (world->sweeper);
  g_assert_true (socks_sweeper_is_sweeping (world->sweeper));
  settle_main_loop ();
}

/* Lets what is held go on. */
void
release (SweeperWorld *world)
{
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  settle_main_loop ();
}

void
assert_sweeps (SweeperWorld *world, guint n_begun, guint n_ended)
{
  g_assert_cmpuint (fake_source_count_fetches (world->source), ==, n_begun);
  g_assert_cmpuint (world->n_signals[SIGNAL_SWEPT], ==, n_ended);
}

/* No sweep begins until @us microseconds from now, and then one. */
void
assert_next_sweep_in (SweeperWorld *world, gint64 us)
{
  guint n_begun = fake_source_count_fetches (world->source);

  fake_clock_advance (world->clock, us - 1);
  g_assert_cmpuint (fake_source_count_fetches (world->source), ==, n_begun);
  fake_clock_advance (world->clock, 1);
  g_assert_cmpuint (fake_source_count_fetches (world->source), ==, n_begun + 1);
}

SocksStatus
status_of (SweeperWorld *world, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);
  const SocksPeer *record =
      socks_peer_table_lookup (socks_sweeper_get_table (world->sweeper), &endpoint);

  g_assert_nonnull (record);
  return record->verdict.status;
}

void
assert_progress (SweeperWorld *world, guint n_done, guint n_total)
{
  guint done, total;

  socks_sweeper_get_progress (world->sweeper, &done, &total);
  g_assert_cmpuint (done, ==, n_done);
  g_assert_cmpuint (total, ==, n_total);
}
