/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which of several requests wins, and what Disconnect and the end of the service do to
 * those before and after them. */

#include "engine/engine.h"

#include <errno.h>

#include "engine-world.h"
#include "relay-world.h"

static void
test_the_newest_request_wins (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  Request *oldest = ask_to_connect (world, "");
  Request *older, *newest;

  expect_event (world, "connecting");
  older = ask_to_connect (world, "");
  expect_failure (oldest, SOCKS_ERROR_CANCELLED, "*");
  expect_waiting (older);
  newest = ask_to_connect (world, TWO);
  expect_failure (older, SOCKS_ERROR_CANCELLED, "*");
  expect_chosen (newest, TWO);
  expect_event (world, "connected manual " TWO);
  expect_event (world, " → " TWO " user");

  /* The race of the old ones has no effect any more. */
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_no_event (world);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
}

static void
test_the_order_of_arrival_counts_not_that_of_permission (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  guint64 first = socks_engine_take_ticket (world->engine);
  guint64 second = socks_engine_take_ticket (world->engine);
  guint64 third = socks_engine_take_ticket (world->engine);

  expect_chosen (ask_to_connect_with (world, second, TWO), TWO);
  expect_event (world, "connected manual " TWO);
  expect_event (world, " → " TWO " user");
  expect_failure (ask_to_connect_with (world, first, ONE), SOCKS_ERROR_CANCELLED, "*");
  expect_failure (ask_to_connect_with (world, first, ""), SOCKS_ERROR_CANCELLED, "*");
  socks_engine_disconnect (world->engine, first);
  expect_no_event (world);

  /* And the third, which came after the second, may. */
  expect_chosen (ask_to_connect_with (world, third, ONE), ONE);
  expect_event (world, "connected manual " ONE);
  expect_event (world, TWO " → " ONE " user");
}

static void
test_an_older_request_does_not_disturb_a_newer_one_that_waits (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  guint64 first = socks_engine_take_ticket (world->engine);
  Request *newest = ask_to_connect (world, "");

  expect_event (world, "connecting");
  expect_failure (ask_to_connect_with (world, first, TWO), SOCKS_ERROR_CANCELLED, "*");
  socks_engine_disconnect (world->engine, first);
  expect_waiting (newest);
  expect_no_event (world);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_chosen (newest, ONE);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " automatic");
}

static void
test_disconnect_ends_a_connect_in_flight (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  Request *request = ask_to_connect (world, "");

  expect_event (world, "connecting");
  world_disconnect (world);
  expect_failure (request, SOCKS_ERROR_CANCELLED, "*");
  expect_event (world, "disconnected");
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_no_event (world);
}

static void
test_disconnect_clears_everything (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_connect (world, ONE);
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);
  world_disconnect (world);
  expect_event (world, "disconnected");
  expect_event (world, ONE " →  user");
  expect_remembered (world, SOCKS_SELECTION_NONE, NULL);
  g_assert_cmpint (try_to_connect (PORT (world)), ==, -ECONNREFUSED);
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);

  world_disconnect (world);
  expect_no_event (world);
}

static void
test_disconnect_clears_the_last_error (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  expect_failure (ask_to_connect (world, ""), SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_event (world, "connecting");
  expect_event (world, "connecting (NoValidProxy)");
  expect_event (world, "disconnected (NoValidProxy)");
  world_disconnect (world);
  expect_event (world, "disconnected");
}

/* Stopping */

static void
test_stopping_cancels_what_is_in_flight_and_what_comes_later (void)
{
  g_autoptr (EngineWorld) world = world_with_silent_one ();
  Request *request = ask_to_connect (world, "");
  guint64 ticket = socks_engine_take_ticket (world->engine);

  expect_event (world, "connecting");
  socks_engine_shut_down (world->engine);
  expect_failure (request, SOCKS_ERROR_CANCELLED, "*");
  expect_event (world, "disconnected");
  expect_failure (ask_to_connect_with (world, ticket, ONE), SOCKS_ERROR_CANCELLED, "*");
  expect_failure (ask_to_connect (world, ONE), SOCKS_ERROR_CANCELLED, "*");
  expect_failure (ask_to_connect (world, ""), SOCKS_ERROR_CANCELLED, "*");
  expect_no_event (world);
}

static void
test_stopping_lets_go_and_keeps_the_memory (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_connect (world, ONE);
  socks_engine_shut_down (world->engine);
  expect_event (world, "disconnected");
  expect_event (world, ONE " →  shutdown");
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);

  /* A Disconnect that comes too late takes nothing from the memory. */
  world_disconnect (world);
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/engine/order/" #name, test_##name)
  ADD (the_newest_request_wins);
  ADD (the_order_of_arrival_counts_not_that_of_permission);
  ADD (an_older_request_does_not_disturb_a_newer_one_that_waits);
  ADD (disconnect_ends_a_connect_in_flight);
  ADD (disconnect_clears_everything);
  ADD (disconnect_clears_the_last_error);
  ADD (stopping_cancels_what_is_in_flight_and_what_comes_later);
  ADD (stopping_lets_go_and_keeps_the_memory);
  return g_test_run ();
}
