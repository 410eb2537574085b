/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A sweep waits for no source longer than it must, and forgets nobody for its silence. */

#include "sweep-world.h"

static void
test_a_peer_of_two_sources_is_asked_once (SweepWorld *world, gconstpointer data)
{
  fake_source_name (world->node, ONE " " TWO);
  fake_source_name (world->list, TWO " " THREE);
  sweep_whole (world);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 3);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);
}

static void
test_a_slow_source_holds_up_nobody_else (SweepWorld *world, gconstpointer data)
{
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  fake_source_hold (world->node);
  fake_source_name (world->list, ONE);
  start_sweep (world, 16);
  assert_status (world, ONE, SOCKS_STATUS_VALID);
  assert_progress (world, 1, 1);
  g_assert_cmpuint (world->n_done, ==, 0);

  fake_source_name (world->node, ONE " " TWO);
  settle_main_loop ();
  assert_status (world, TWO, SOCKS_STATUS_VALID);
  assert_progress (world, 2, 2);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, ONE), ==, 1);
  g_assert_cmpuint (world->n_done, ==, 1);
}

static void
test_when_a_source_is_silent_the_known_are_asked_and_stay (SweepWorld *world,
                                                           gconstpointer data)
{
  fake_source_name (world->node, ONE " " TWO);
  sweep_whole (world);

  fake_source_fail (world->node);
  fake_source_name (world->list, THREE);
  for (guint i = 0; i < 5; i++)
    {
      sweep_whole (world);
      g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 3);
    }

  /* Nor has anybody been counted as missing meanwhile. */
  fake_source_name (world->node, ONE);
  sweep_whole (world);
  g_assert_nonnull (look_up (world, TWO));
}

static void
test_who_is_missing_is_asked_once_more_and_goes (SweepWorld *world, gconstpointer data)
{
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  fake_source_name (world->node, ONE " " TWO);
  sweep_whole (world);

  fake_source_name (world->node, ONE);
  sweep_whole (world);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);
  assert_status (world, TWO, SOCKS_STATUS_VALID);

  sweep_whole (world);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 0);
  g_assert_null (look_up (world, TWO));
  g_assert_cmpuint (world->changes & SOCKS_PEER_CHANGE_PROXIES, !=, 0);
}

static void
test_who_is_kept_goes_on_being_asked (SweepWorld *world, gconstpointer data)
{
  SocksEndpoint kept = endpoint_of (TWO);

  fake_source_name (world->node, ONE " " TWO);
  sweep_whole (world);
  socks_peer_table_keep (world->table, &kept);
  fake_source_name (world->node, ONE);
  for (guint i = 0; i < 5; i++)
    {
      sweep_whole (world);
      g_assert_cmpuint (fake_prober_count_asked (world->prober, TWO), ==, 1);
    }
}

#define ADD(name, function) \
  g_test_add ("/sweep-sources/" name, SweepWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("a-peer-of-two-sources-is-asked-once", test_a_peer_of_two_sources_is_asked_once);
  ADD ("a-slow-source-holds-up-nobody-else", test_a_slow_source_holds_up_nobody_else);
  ADD ("when-a-source-is-silent-the-known-are-asked-and-stay",
       test_when_a_source_is_silent_the_known_are_asked_and_stay);
  ADD ("who-is-missing-is-asked-once-more-and-goes",
       test_who_is_missing_is_asked_once_more_and_goes);
  ADD ("who-is-kept-goes-on-being-asked", test_who_is_kept_goes_on_being_asked);
  return g_test_run ();
}
