/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether the service is there: absent, started, gone and back, and the bus too. */

#include "client-world.h"

#define NOT_STARTED                                                                      \
  "The service could not be started. Restart the computer; if that does not help, the "  \
  "system’s log says why."
#define NOT_INSTALLED                                                                    \
  "The service is not installed. Install Mycelium Socks together with its system "       \
  "service."
#define NO_BUS                                                                           \
  "The system bus can’t be reached. Try again in a moment; if this lasts, restart the "  \
  "computer."
#define NO_ANSWER "The service did not answer. Try again in a moment."

static void
test_no_service_at_all (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
  client_world_expect_events (world, "availability=not-installed |");
  client_world_connect (world, "", NULL);
  client_world_expect_failure (world, NOT_INSTALLED);
  client_world_start (world);
  client_world_expect_failure (world, NOT_INSTALLED);
  client_world_expect_events (world, "");
}

static void
test_looking_does_not_start_it (void)
{
  g_autofree char *exec = client_world_service_command ();
  g_autoptr (ClientWorld) world = client_world_new_with (exec);

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
  client_world_settle (world);
  client_world_expect_events (world, "availability=not-running |");
}

static void
test_it_is_started (void)
{
  g_autofree char *exec = client_world_service_command ();
  g_autoptr (ClientWorld) world = client_world_new_with (exec);

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
  client_world_start (world);
  client_world_expect_success (world);
  client_world_expect_events (world, "availability=not-running | "
                                     "availability=starting | "
                                     "version=0 probe-interval=60 "
                                     "availability=present |");
  client_world_start (world);
  client_world_expect_success (world);
  client_world_expect_events (world, "");
}

static void
test_connecting_starts_it (void)
{
  g_autofree char *exec = client_world_service_command ();
  g_autoptr (ClientWorld) world = client_world_new_with (exec);

  /* At once: it waits for the bus first. */
  client_world_connect (world, "[400::7]:1080", NULL);
  client_world_expect_chosen (world, "[400::7]:1080");
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
}

static void
test_it_does_not_start (void)
{
  g_autoptr (ClientWorld) world = client_world_new_with ("/bin/false");

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
  client_world_start (world);
  client_world_expect (world, SOCKS_AVAILABILITY_STARTING);
  client_world_expect_failure (world, NOT_STARTED);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
  client_world_expect_events (world, "availability=not-running | "
                                     "availability=starting | "
                                     "availability=not-running |");
  client_world_connect (world, "", NULL);
  client_world_expect_failure (world, NOT_STARTED);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
}

static void
test_it_goes_and_comes_back (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  FakeService *service = fake_service_new (world->bus);
  SocksProxyList *proxies = socks_client_get_proxies (world->client);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  fake_service_tell_all (service, "{'State': <'connected'>, 'Remote': <'[400::1]:1080'>, "
                                  "'Proxies': <[{'Address': <'[400::1]:1080'>}]>}");
  client_world_settle (world);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (proxies)), ==, 1);
  g_string_truncate (world->events, 0);

  fake_service_free (service);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
  client_world_expect_events (world,
                              "version= probe-interval=0 remote= state=disconnected "
                              "availability=not-running proxies | "
                              "availability=not-installed |");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (proxies)), ==, 0);

  service = fake_service_new (world->bus);
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  client_world_expect_events (world, "availability=starting | "
                                     "version=0 probe-interval=60 availability=present |");
  fake_service_free (service);
}

static void
test_a_call_in_flight_fails_with_the_service (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  FakeService *service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  service->holds_calls = TRUE;
  client_world_connect (world, "", NULL);
  RUN_UNTIL (service->held.length == 1);
  fake_service_free (service);
  client_world_expect_failure (world, NO_ANSWER);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
}

static void
test_the_bus_goes_and_comes_back (void)
{
  g_autofree char *exec = client_world_service_command ();
  g_autoptr (ClientWorld) world = client_world_new_with (exec);

  client_world_start (world);
  client_world_expect_success (world);
  g_string_truncate (world->events, 0);

  client_world_stop_bus (world);
  client_world_expect (world, SOCKS_AVAILABILITY_NO_BUS);
  client_world_connect (world, "", NULL);
  client_world_expect_failure (world, NO_BUS);

  client_world_start_bus (world);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_RUNNING);
  client_world_expect_events (world,
                              "version= probe-interval=0 availability=no-bus | "
                              "availability=not-running |");
  client_world_start (world);
  client_world_expect_success (world);
}

static void
test_a_call_in_flight_fails_with_the_bus (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  service->holds_calls = TRUE;
  client_world_connect (world, "", NULL);
  RUN_UNTIL (service->held.length == 1);
  client_world_stop_bus (world);
  client_world_expect_failure (world, NO_BUS);
}

static void
test_no_bus_yet (void)
{
  g_autoptr (ClientWorld) world = client_world_new_without_bus ();

  client_world_connect (world, "", NULL);
  client_world_expect_failure (world, NO_BUS);
  client_world_expect (world, SOCKS_AVAILABILITY_NO_BUS);
  client_world_start_bus (world);
  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
  client_world_expect_events (world,
                              "availability=no-bus | availability=not-installed |");
}

static void
test_the_address_of_the_system_bus_is_taken_from_the_environment (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (ClientWorld) world = client_world_new ();

      g_clear_object (&world->client);
      g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", world->address, TRUE);
      world->client = socks_client_new (NULL);
      client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
      return;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_it_does_not_answer_and_then_does (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  g_autoptr (FakeService) service = fake_service_new_silent (world->bus);

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_ANSWERING);
  client_world_start (world);
  client_world_expect_failure (world, NO_ANSWER);
  fake_service_export (service);
  fake_service_tell (service, "Probing", "true");
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
}

static void
test_disposed_of_while_it_waits (void)
{
  const SocksAvailability moments[] = {
    SOCKS_AVAILABILITY_UNKNOWN,
    SOCKS_AVAILABILITY_STARTING,
    SOCKS_AVAILABILITY_PRESENT,
  };

  for (guint i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autoptr (ClientWorld) world = client_world_new ();
      g_autoptr (FakeService) service = fake_service_new (world->bus);

      client_world_expect (world, moments[i]);
      g_signal_handlers_disconnect_by_data (world->client, world);
      g_assert_finalize_object (g_steal_pointer (&world->client));
      /* What was on its way comes now. */
      fake_service_tell (service, "State", "'connected'");
      g_dbus_connection_flush_sync (service->bus, NULL, NULL);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
}

static void
test_disposed_of_without_a_bus (void)
{
  g_autoptr (ClientWorld) world = client_world_new_without_bus ();

  client_world_expect (world, SOCKS_AVAILABILITY_NO_BUS);
  g_assert_finalize_object (g_steal_pointer (&world->client));
}

/* What the main loop would wait for: -1 for nothing but descriptors. */
static int
get_timeout_ms (void)
{
  GMainContext *context = g_main_context_default ();
  GPollFD fds[16];
  int priority, timeout_ms;

  g_assert_true (g_main_context_acquire (context));
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, G_MAXINT, &timeout_ms, fds, G_N_ELEMENTS (fds));
  g_main_context_release (context);
  return timeout_ms;
}

static void
test_no_timer_runs_while_nothing_happens (void)
{
  g_autoptr (ClientWorld) world = client_world_new ();
  FakeService *service;

  client_world_expect (world, SOCKS_AVAILABILITY_NOT_INSTALLED);
  g_assert_cmpint (get_timeout_ms (), ==, -1);
  service = fake_service_new (world->bus);
  client_world_expect (world, SOCKS_AVAILABILITY_PRESENT);
  client_world_connect (world, "", NULL);
  client_world_expect_success (world);
  client_world_settle (world);
  RUN_UNTIL (get_timeout_ms () == -1);

  /* Without a bus there is one, or the look would prove nothing. */
  client_world_stop_bus (world);
  client_world_expect (world, SOCKS_AVAILABILITY_NO_BUS);
  g_assert_cmpint (get_timeout_ms (), >=, 0);
  fake_service_free (service);
}

int
main (int argc, char **argv)
{
  if (g_strcmp0 (argv[1], "--be-the-service") == 0)
    return fake_service_run ();

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/presence/no-service-at-all", test_no_service_at_all);
  g_test_add_func ("/presence/looking-does-not-start-it", test_looking_does_not_start_it);
  g_test_add_func ("/presence/it-is-started", test_it_is_started);
  g_test_add_func ("/presence/connecting-starts-it", test_connecting_starts_it);
  g_test_add_func ("/presence/it-does-not-start", test_it_does_not_start);
  g_test_add_func ("/presence/it-goes-and-comes-back", test_it_goes_and_comes_back);
  g_test_add_func ("/presence/a-call-in-flight-fails-with-the-service",
                   test_a_call_in_flight_fails_with_the_service);
  g_test_add_func ("/presence/the-bus-goes-and-comes-back",
                   test_the_bus_goes_and_comes_back);
  g_test_add_func ("/presence/a-call-in-flight-fails-with-the-bus",
                   test_a_call_in_flight_fails_with_the_bus);
  g_test_add_func ("/presence/no-bus-yet", test_no_bus_yet);
  g_test_add_func ("/presence/the-address-of-the-system-bus-is-taken-from-the-environment",
                   test_the_address_of_the_system_bus_is_taken_from_the_environment);
  g_test_add_func ("/presence/it-does-not-answer-and-then-does",
                   test_it_does_not_answer_and_then_does);
  g_test_add_func ("/presence/disposed-of-while-it-waits",
                   test_disposed_of_while_it_waits);
  g_test_add_func ("/presence/disposed-of-without-a-bus", test_disposed_of_without_a_bus);
  g_test_add_func ("/presence/no-timer-runs-while-nothing-happens",
                   test_no_timer_runs_while_nothing_happens);
  return g_test_run ();
}
