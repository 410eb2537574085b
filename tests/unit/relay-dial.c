/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The time between a client's connection and the remote's. */

#include "relay-world.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* A remote that answers nobody: a listening socket whose queue is full drops what
 * comes. */
typedef struct
{
  int listener;
  SocksEndpoint endpoint;
  int in_queue; /* fills the queue: with a backlog of 0 there is room for one */
} BlackHole;

static void
black_hole_init (BlackHole *hole)
{
  hole->listener = listen_on ("127.0.0.1", 0, &hole->endpoint);
  hole->in_queue = connect_to (&hole->endpoint);
}

static void
black_hole_clear (BlackHole *hole)
{
  close (hole->in_queue);
  close (hole->listener);
}

static SocksRelayEvents
wait_for_event (World *world)
{
  struct pollfd event = { .fd = socks_relay_get_event_fd (world->relay),
                          .events = POLLIN };

  g_assert_cmpint (poll (&event, 1, PATIENCE_SEC * 1000), ==, 1);
  return socks_relay_collect_events (world->relay);
}

static void
forward_to (World *world, const SocksEndpoint *remote)
{
  socks_relay_forward_to (world->relay, remote);
  world_wait_until_settled (world);
  socks_relay_collect_events (world->relay);
}

static void
test_a_remote_that_refuses_closes_the_client_and_is_reported (void)
{
  World world;
  SocksEndpoint nobody;
  int client;

  world_init (&world, NULL);
  close (listen_on ("127.0.0.1", 1, &nobody));
  forward_to (&world, &nobody);
  for (guint i = 0; i < 3; i++)
    {
      client = connect_to (&world.local);
      expect_end (client);
      g_assert_cmpint (wait_for_event (&world), ==, SOCKS_RELAY_EVENT_DIAL_FAILED);
      g_assert_cmpint (socks_relay_collect_events (world.relay), ==, 0);
      close (client);
    }
  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, 3);
  g_assert_cmpuint (world_get_counters (&world).refused_streams, ==, 0);
  g_assert_cmpuint (world_get_counters (&world).failed_dials, ==, 3);
  world_clear (&world);
}

static void
test_an_unreachable_remote_closes_the_client_and_is_reported (void)
{
  World world;
  SocksEndpoint unreachable;
  int client;

  world_init (&world, NULL);
  /* A multicast address: connect() itself fails. */
  g_assert_true (socks_endpoint_parse ("224.0.0.1:9", &unreachable, NULL));
  forward_to (&world, &unreachable);
  client = connect_to (&world.local);
  expect_end (client);
  g_assert_cmpint (wait_for_event (&world), ==, SOCKS_RELAY_EVENT_DIAL_FAILED);
  g_assert_cmpuint (world_get_counters (&world).failed_dials, ==, 1);
  close (client);
  world_clear (&world);
}

static void
test_a_remote_that_does_not_answer_is_given_up_in_time (void)
{
  SocksRelayOptions options = ordinary_options ();
  BlackHole hole;
  World world;
  int clients[5];

  black_hole_init (&hole);
  options.dial_timeout_ms = 30;
  world_init (&world, &options);
  forward_to (&world, &hole.endpoint);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = connect_to (&world.local);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      expect_end (clients[i]);
      close (clients[i]);
    }
  g_assert_cmpint (wait_for_event (&world), ==, SOCKS_RELAY_EVENT_DIAL_FAILED);
  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).failed_dials, ==, G_N_ELEMENTS (clients));
  world_clear (&world);
  black_hole_clear (&hole);
}

static void
test_a_remote_that_says_nothing_costs_no_turns (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  send_all (pair.client, "hello?", 6);
  world_wait_until_quiet (&world);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, 1);
  expect_bytes (pair.remote, "hello?", 6);
  pair_clear (&pair);
  world_clear (&world);
}

static void
test_a_client_that_resets_while_dialling_ends_the_stream (void)
{
  BlackHole hole;
  World world;
  int client;

  black_hole_init (&hole);
  world_init (&world, NULL);
  forward_to (&world, &hole.endpoint);
  client = connect_to (&world.local);
  send_all (client, "never mind", 10);
  world_wait_for_streams (&world, 1);
  reset (client);
  world_wait_for_streams (&world, 0);
  g_assert_cmpint (socks_relay_collect_events (world.relay), ==, 0);
  g_assert_cmpuint (world_get_counters (&world).failed_dials, ==, 0);
  world_clear (&world);
  black_hole_clear (&hole);
}

/* Takes a second: that is when the kernel asks the remote again. */
static void
test_a_client_that_ends_while_dialling_is_served (void)
{
  BlackHole hole;
  World world;
  int client, remote, in_the_way;

  black_hole_init (&hole);
  world_init (&world, NULL);
  forward_to (&world, &hole.endpoint);
  client = connect_to (&world.local);
  send_all (client, "request", 7);
  g_assert_no_errno (shutdown (client, SHUT_WR));
  world_wait_for_streams (&world, 1);
  world_wait_until_quiet (&world);

  in_the_way = accept_from (hole.listener);
  remote = accept_from (hole.listener);
  expect_bytes (remote, "request", 7);
  expect_end (remote);
  send_all (remote, "answer", 6);
  close (remote);
  expect_bytes (client, "answer", 6);
  expect_end (client);
  close (client);
  close (in_the_way);
  world_clear (&world);
  black_hole_clear (&hole);
}

static void
test_a_remote_that_speaks_and_resets_at_once_is_heard (void)
{
  World world;
  Pair pair;

  world_init (&world, NULL);
  for (guint i = 0; i < 300; i++)
    {
      world_open_pair (&world, &pair);
      send_all (pair.remote, "go away", 7);
      reset (pair.remote);
      expect_bytes (pair.client, "go away", 7);
      expect_reset (pair.client);
      close (pair.client);
    }
  g_assert_cmpint (socks_relay_collect_events (world.relay) &
                       SOCKS_RELAY_EVENT_DIAL_FAILED, ==, 0);
  world_clear (&world);
}

static void
test_a_failed_dial_to_a_former_remote_is_not_reported (void)
{
  SocksRelayOptions options = ordinary_options ();
  BlackHole hole;
  World world;
  int client;

  black_hole_init (&hole);
  options.dial_timeout_ms = 1;
  world_init (&world, &options);
  for (guint i = 0; i < 50; i++)
    {
      forward_to (&world, &hole.endpoint);
      client = connect_to (&world.local);
      socks_relay_forward_to (world.relay, &world.remote);
      world_wait_until_settled (&world);
      /* Cut, or given up before: but since it is about a former remote, no event. */
      g_assert_cmpint (socks_relay_collect_events (world.relay) &
                           SOCKS_RELAY_EVENT_DIAL_FAILED, ==, 0);
      close (client);
    }
  world_clear (&world);
  black_hole_clear (&hole);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/dial/a-remote-that-refuses-closes-the-client-and-is-reported",
                   test_a_remote_that_refuses_closes_the_client_and_is_reported);
  g_test_add_func ("/relay/dial/an-unreachable-remote-closes-the-client-and-is-reported",
                   test_an_unreachable_remote_closes_the_client_and_is_reported);
  g_test_add_func ("/relay/dial/a-remote-that-does-not-answer-is-given-up-in-time",
                   test_a_remote_that_does_not_answer_is_given_up_in_time);
  g_test_add_func ("/relay/dial/a-remote-that-says-nothing-costs-no-turns",
                   test_a_remote_that_says_nothing_costs_no_turns);
  g_test_add_func ("/relay/dial/a-client-that-resets-while-dialling-ends-the-stream",
                   test_a_client_that_resets_while_dialling_ends_the_stream);
  g_test_add_func ("/relay/dial/a-client-that-ends-while-dialling-is-served",
                   test_a_client_that_ends_while_dialling_is_served);
  g_test_add_func ("/relay/dial/a-remote-that-speaks-and-resets-at-once-is-heard",
                   test_a_remote_that_speaks_and_resets_at_once_is_heard);
  g_test_add_func ("/relay/dial/a-failed-dial-to-a-former-remote-is-not-reported",
                   test_a_failed_dial_to_a_former_remote_is_not_reported);
  return g_test_run ();
}
