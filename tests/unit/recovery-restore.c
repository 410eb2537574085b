/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the service does with the choice of a former run. */

#include "engine/recovery.h"

#include <unistd.h>

#include "engine-world.h"
#include "expected-log.h"
#include "relay-world.h"

static void
restore (EngineWorld *world, SocksSelection selection, const char *remote)
{
  SocksEndpoint endpoint = endpoint_of (remote);

  socks_engine_restore (world->engine, selection, &endpoint);
}

/* Another program on the local port. */
static SocksRelay *
take_port (EngineWorld *world)
{
  SocksRelayOptions options = { .n_workers = 1, .max_streams = 1, .local_only = TRUE };
  SocksRelay *other;

  g_assert_cmpint (socks_relay_new (&options, &other), ==, 0);
  g_assert_cmpint (socks_relay_listen (other, PORT (world)), ==, 0);
  return other;
}

static void
test_a_manual_choice_is_restored_at_once (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  int client;

  restore (world, SOCKS_SELECTION_MANUAL, ONE);
  expect_event (world, "connecting");
  expect_event (world, "connected manual " ONE);
  expect_event (world, " → " ONE " restored");
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);
  client = connect_to (PORT (world));
  close (client);
}

static void
test_an_automatic_choice_is_restored_if_it_answers (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  fake_prober_hold (world->prober, ONE);
  restore (world, SOCKS_SELECTION_AUTOMATIC, ONE);
  expect_event (world, "connecting");
  world_pass (world, 4);
  expect_no_event (world);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " restored");
}

static void
test_instead_of_an_automatic_choice_that_is_gone_another_is_found (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  restore (world, SOCKS_SELECTION_AUTOMATIC, ONE);
  expect_event (world, "connecting");
  world_pass (world, 100);
  expect_no_event (world);

  world_peer (world, TWO, SOCKS_STATUS_VALID);
  world_discover (world, TWO);
  expect_event (world, "connected automatic " TWO);
  expect_event (world, " → " TWO " restored");
}

static void
test_an_automatic_choice_that_comes_back_late_is_restored_without_probing (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  restore (world, SOCKS_SELECTION_AUTOMATIC, ONE);
  expect_event (world, "connecting");
  world_pass (world, 100);
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " restored");
}

static void
test_a_taken_port_is_tried_again_every_ten_seconds (void)
{
  const SocksSelection selections[] = { SOCKS_SELECTION_MANUAL,
                                        SOCKS_SELECTION_AUTOMATIC };

  for (guint i = 0; i < G_N_ELEMENTS (selections); i++)
    {
      g_autoptr (EngineWorld) world = engine_world_new ();
      SocksRelay *other = take_port (world);

      world_peer (world, ONE, SOCKS_STATUS_VALID);
      restore (world, selections[i], ONE);
      expect_event (world, "connecting");
      expect_event (world, "connecting (AddressInUse)");
      world_pass (world, 29);
      expect_no_event (world);
      socks_relay_free (other);
      fake_clock_advance (world->clock, G_USEC_PER_SEC - 1);
      expect_no_event (world);
      fake_clock_advance (world->clock, 1);
      expect_event (world, selections[i] == SOCKS_SELECTION_MANUAL
                               ? "connected manual " ONE
                               : "connected automatic " ONE);
      expect_event (world, " → " ONE " restored");
    }
}

static void
test_a_connect_ends_the_tries_for_the_port (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksRelay *other = take_port (world);

  restore (world, SOCKS_SELECTION_MANUAL, ONE);
  expect_event (world, "connecting");
  expect_event (world, "connecting (AddressInUse)");
  socks_relay_free (other);
  expect_chosen (ask_to_connect (world, TWO), TWO);
  expect_event (world, "connected manual " TWO);
  expect_event (world, " → " TWO " user");
  world_pass (world, 10);
  expect_no_event (world);
}

static void
test_a_disconnect_ends_the_tries_for_the_port_and_the_memory (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksRelay *other = take_port (world);
  SocksEndpoint endpoint = endpoint_of (ONE);

  socks_memory_save (world->memory, SOCKS_SELECTION_MANUAL, &endpoint);
  restore (world, SOCKS_SELECTION_MANUAL, ONE);
  expect_event (world, "connecting");
  expect_event (world, "connecting (AddressInUse)");
  expect_remembered (world, SOCKS_SELECTION_MANUAL, ONE);
  world_disconnect (world);
  expect_event (world, "disconnected");
  expect_remembered (world, SOCKS_SELECTION_NONE, NULL);
  socks_relay_free (other);
  world_pass (world, 60);
  expect_no_event (world);
}

static void
test_a_request_that_fails_lets_restore_go_on (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  restore (world, SOCKS_SELECTION_AUTOMATIC, ONE);
  expect_event (world, "connecting");
  settle_main_loop ();
  expect_failure (ask_to_connect (world, ""), SOCKS_ERROR_NO_VALID_PROXY, "*");
  expect_event (world, "connecting (NoValidProxy)");
  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_pass (world, 5);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " restored");
}

static void
test_a_request_that_fails_lets_the_tries_for_the_port_go_on (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksRelay *other = take_port (world);

  restore (world, SOCKS_SELECTION_MANUAL, ONE);
  expect_event (world, "connecting");
  expect_event (world, "connecting (AddressInUse)");
  world_pass (world, 9);
  expect_failure (ask_to_connect (world, TWO), SOCKS_ERROR_ADDRESS_IN_USE, "*");
  expect_no_event (world);
  socks_relay_free (other);
  world_pass (world, 10);
  expect_event (world, "connected manual " ONE);
  expect_event (world, " → " ONE " restored");
}

static void
test_a_choice_that_is_not_allowed_any_more_is_not_restored (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  expected_log_push (G_LOG_LEVEL_WARNING,
                     "What was chosen before is not taken up again*");
  restore (world, SOCKS_SELECTION_MANUAL, "[::1]:1080");
  expect_no_event (world);
  expected_log_assert_seen ();

  socks_engine_restore (world->engine, SOCKS_SELECTION_NONE, NULL);
  expect_no_event (world);
}

static void
test_in_place_of_an_automatic_choice_that_is_not_allowed_another_is_found (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();

  world_peer (world, "[::1]:1080", SOCKS_STATUS_VALID);
  expected_log_push (G_LOG_LEVEL_WARNING,
                     "In place of the remote that was chosen before *");
  restore (world, SOCKS_SELECTION_AUTOMATIC, "[::1]:1080");
  expected_log_assert_seen ();
  expect_event (world, "connecting");
  world_pass (world, 60);
  expect_no_event (world);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 0);

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  expect_event (world, "connected automatic " ONE);
  expect_event (world, " → " ONE " restored");
}

static void
test_stopping_ends_restore_and_keeps_the_memory (void)
{
  g_autoptr (EngineWorld) world = engine_world_new ();
  SocksEndpoint endpoint = endpoint_of (ONE);

  socks_memory_save (world->memory, SOCKS_SELECTION_AUTOMATIC, &endpoint);
  restore (world, SOCKS_SELECTION_AUTOMATIC, ONE);
  expect_event (world, "connecting");
  socks_engine_shut_down (world->engine);
  expect_event (world, "disconnected");
  world_pass (world, 60);
  expect_remembered (world, SOCKS_SELECTION_AUTOMATIC, ONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

#define ADD(name) g_test_add_func ("/recovery/restore/" #name, test_##name)
  ADD (a_manual_choice_is_restored_at_once);
  ADD (an_automatic_choice_is_restored_if_it_answers);
  ADD (instead_of_an_automatic_choice_that_is_gone_another_is_found);
  ADD (an_automatic_choice_that_comes_back_late_is_restored_without_probing);
  ADD (a_taken_port_is_tried_again_every_ten_seconds);
  ADD (a_connect_ends_the_tries_for_the_port);
  ADD (a_disconnect_ends_the_tries_for_the_port_and_the_memory);
  ADD (a_request_that_fails_lets_restore_go_on);
  ADD (a_request_that_fails_lets_the_tries_for_the_port_go_on);
  ADD (a_choice_that_is_not_allowed_any_more_is_not_restored);
  ADD (in_place_of_an_automatic_choice_that_is_not_allowed_another_is_found);
  ADD (stopping_ends_restore_and_keeps_the_memory);
  return g_test_run ();
}
