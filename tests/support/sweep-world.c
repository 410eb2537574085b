/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A sweep over peers of two sources, by a clock and over a network in the hands of the
 * test. Main thread. */

#include "sweep-world.h"

#include "expected-log.h"

void
set_up (SweepWorld *world, gconstpointer data)
{
  world->clock = fake_clock_new ();
  world->prober = fake_prober_new ();
  world->node = fake_source_new ();
  world->list = fake_source_new ();
  world->table = socks_peer_table_new ();
}

/* Whatever a test has done, nothing of it is left running. */
void
tear_down (SweepWorld *world, gconstpointer data)
{
  settle_main_loop ();
  expected_log_assert_seen ();
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
  g_assert_false (fake_source_is_asked (world->node));
  g_assert_finalize_object (world->sweep);
  g_assert_finalize_object (world->list);
  g_assert_finalize_object (world->node);
  g_assert_finalize_object (world->prober);
  g_assert_finalize_object (world->clock);
  socks_peer_table_free (world->table);
}

static void
note_signal (SweepWorld *world, SocksSweep *sweep)
{
  g_assert_true (sweep == world->sweep);
  world->n_signals++;
  if (world->n_signals == world->cancel_at_signal)
    socks_sweep_cancel (sweep);
}

static void
progressed_cb (SocksSweep *sweep, gpointer data)
{
  note_signal (data, sweep);
}

static void
peers_changed_cb (SocksSweep *sweep, guint change, gpointer data)
{
  SweepWorld *world = data;

  g_assert_cmpuint (change, !=, 0);
  world->changes |= change;
  note_signal (world, sweep);
}

static void
done_cb (SocksSweep *sweep, gpointer data)
{
  SweepWorld *world = data;

  world->n_done++;
  note_signal (world, sweep);
}

/* Starts a sweep and lets it do what it can. */
void
start_sweep (SweepWorld *world, guint parallel)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new ();

  g_ptr_array_add (sources, world->node);
  g_ptr_array_add (sources, world->list);
  g_clear_object (&world->sweep);
  world->n_signals = 0;
  world->n_done = 0;
  world->changes = 0;
  world->sweep = socks_sweep_new (SOCKS_CLOCK (world->clock),
                                  SOCKS_PROBER (world->prober), world->table, parallel);
  g_signal_connect (world->sweep, "progressed", G_CALLBACK (progressed_cb), world);
  g_signal_connect (world->sweep, "peers-changed", G_CALLBACK (peers_changed_cb), world);
  g_signal_connect (world->sweep, "done", G_CALLBACK (done_cb), world);
  socks_sweep_start (world->sweep, sources);
  g_assert_cmpuint (world->n_signals, ==, 0);
  settle_main_loop ();
}

void
sweep_whole (SweepWorld *world)
{
  fake_prober_forget (world->prober);
  start_sweep (world, 1024);
  g_assert_cmpuint (world->n_done, ==, 1);
}

const SocksPeer *
look_up (SweepWorld *world, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);

  return socks_peer_table_lookup (world->table, &endpoint);
}

void
assert_status (SweepWorld *world, const char *peer, SocksStatus status)
{
  const SocksPeer *record = look_up (world, peer);

  g_assert_nonnull (record);
  g_assert_cmpstr (socks_status_to_string (record->verdict.status), ==,
                   socks_status_to_string (status));
}

void
assert_progress (SweepWorld *world, guint n_done, guint n_total)
{
  guint done, total;

  socks_sweep_get_progress (world->sweep, &done, &total);
  g_assert_cmpuint (done, ==, n_done);
  g_assert_cmpuint (total, ==, n_total);
}

void
answer (SweepWorld *world, const char *peer, SocksStatus status)
{
  fake_prober_answer (world->prober, peer, status, 1000);
  settle_main_loop ();
}
