/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A frequent thing at its pace. */

#include "engine/pacer.h"

#include "fake-clock.h"

#define INTERVAL_US 500000

typedef struct
{
  FakeClock *clock;
  SocksPacer pacer;
  guint n_done;
} Fixture;

static void
do_cb (gpointer data)
{
  Fixture *fixture = data;

  fixture->n_done++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = fake_clock_new ();
  socks_pacer_init (&fixture->pacer, SOCKS_CLOCK (fixture->clock), INTERVAL_US, do_cb,
                    fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  socks_pacer_clear (&fixture->pacer);
  g_assert_finalize_object (fixture->clock);
}

static void
test_the_first_is_done_at_once (Fixture *fixture, gconstpointer data)
{
  socks_pacer_ask (&fixture->pacer);
  g_assert_cmpuint (fixture->n_done, ==, 1);
  fake_clock_advance (fixture->clock, 10 * INTERVAL_US);
  g_assert_cmpuint (fixture->n_done, ==, 1);
}

static void
test_what_comes_too_early_waits_and_is_one (Fixture *fixture, gconstpointer data)
{
  socks_pacer_ask (&fixture->pacer);
  fake_clock_advance (fixture->clock, 1);
  for (guint i = 0; i < 100; i++)
    socks_pacer_ask (&fixture->pacer);
  fake_clock_advance (fixture->clock, INTERVAL_US - 2);
  g_assert_cmpuint (fixture->n_done, ==, 1);
  fake_clock_advance (fixture->clock, 1);
  g_assert_cmpuint (fixture->n_done, ==, 2);
  fake_clock_advance (fixture->clock, 10 * INTERVAL_US);
  g_assert_cmpuint (fixture->n_done, ==, 2);
}

static void
test_the_pace_is_kept_under_a_flood (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 1000; i++)
    {
      socks_pacer_ask (&fixture->pacer);
      fake_clock_advance (fixture->clock, 10000);
    }
  /* At the start, and at the end of each half second. */
  g_assert_cmpuint (fixture->n_done, ==, 1 + 20);
}

static void
test_after_a_pause_it_is_done_at_once_again (Fixture *fixture, gconstpointer data)
{
  socks_pacer_ask (&fixture->pacer);
  fake_clock_advance (fixture->clock, INTERVAL_US);
  socks_pacer_ask (&fixture->pacer);
  g_assert_cmpuint (fixture->n_done, ==, 2);
}

static void
test_cleared_it_does_nothing_any_more (Fixture *fixture, gconstpointer data)
{
  socks_pacer_ask (&fixture->pacer);
  socks_pacer_ask (&fixture->pacer);
  socks_pacer_clear (&fixture->pacer);
  fake_clock_advance (fixture->clock, 10 * INTERVAL_US);
  g_assert_cmpuint (fixture->n_done, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name)                                                                        \
  g_test_add ("/pacer/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (the_first_is_done_at_once);
  ADD (what_comes_too_early_waits_and_is_one);
  ADD (the_pace_is_kept_under_a_flood);
  ADD (after_a_pause_it_is_done_at_once_again);
  ADD (cleared_it_does_nothing_any_more);
  return g_test_run ();
}
