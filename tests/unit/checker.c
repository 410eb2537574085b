/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A check beside an engine: what the node says, and what the local port does. That the
 * talk finds out what is wrong with a peer is shown with it. */

#include "engine/checker.h"

#include "engine-world.h"
#include "fake-node.h"
#include "probe-world.h"
#include "relay-world.h"
#include "report-text.h"

#include <unistd.h>

typedef struct
{
  FakeNode *node; /* (owned) */
  EngineWorld *engine;
  SocksChecker *checker;     /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gboolean is_over;
  SocksCheckReport report;
  GError *error; /* (owned) (nullable) */
} Fixture;

#define EXPECT(fixture, first, last, text)                                               \
  expect_report (&(fixture)->report, SOCKS_CHECK_##first, SOCKS_CHECK_##last, text)

static void
set_up (Fixture *fixture, gconstpointer data)
{
  SocksSettings *settings = world_settings_new ();

  settings->probe_timeout_s = 7;

  fixture->node = fake_node_new ();
  g_free (settings->node_url);
  settings->node_url = fake_node_dup_url (fixture->node);
  fixture->engine = engine_world_new_with (settings);
  fixture->checker = socks_checker_new (
      settings, SOCKS_CLOCK (fixture->engine->clock), fixture->engine->node,
      fixture->engine->connection, fixture->engine->relay);
  fixture->cancellable = g_cancellable_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_error (&fixture->error);
  g_object_unref (fixture->cancellable);
  g_assert_finalize_object (fixture->checker);
  engine_world_free (fixture->engine);
  fake_node_free (fixture->node);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  g_assert_false (fixture->is_over);
  fixture->is_over = TRUE;
  g_assert_true (socks_checker_check_finish (SOCKS_CHECKER (source), result,
                                             &fixture->report, &fixture->error) ==
                 (fixture->error == NULL));
}

static void
begin (Fixture *fixture, const SocksEndpoint *remote)
{
  fixture->is_over = FALSE;
  socks_checker_check_async (fixture->checker, remote, NULL /* target */,
                             fixture->cancellable, checked_cb, fixture);
  g_assert_false (fixture->is_over);
}

/* To the end, whenever the talk ends: to a peer of the overlay there may be no way, or
 * one into the void. */
static void
check (Fixture *fixture, const SocksEndpoint *remote)
{
  begin (fixture, remote);
  RUN_UNTIL (({
    if (fixture->is_over)
      ;
    else if (!g_main_context_pending (NULL))
      fake_clock_advance (fixture->engine->clock, 100 * 1000);
    fixture->is_over;
  }));
  g_assert_no_error (fixture->error);
}

static SocksEndpoint
peer_numbered (guint number)
{
  SocksEndpoint peer = { .port = 1080 };

  fake_node_get_address (number, &peer.address);
  return peer;
}

static gboolean
answer_with_500 (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 500 Broken\r\n", "{}");
}

static void
test_a_route_is_told_from_none (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint known = peer_numbered (3), unknown = peer_numbered (7);

  fake_node_add_routes (fixture->node, 1, 5);
  check (fixture, &known);
  EXPECT (fixture, NODE, ROUTE, "node passed, route passed");
  check (fixture, &unknown);
  EXPECT (fixture, NODE, ROUTE, "node passed, route failed no-route");
}

static void
test_a_node_that_answers_wrongly_is_told_from_none (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote = peer_numbered (1);

  fixture->node->routes_answer = answer_with_500;
  check (fixture, &remote);
  EXPECT (fixture, NODE, ROUTE, "node failed bad-answer");

  fake_node_free (fixture->node);
  fixture->node = fake_node_new ();
  check (fixture, &remote);
  EXPECT (fixture, NODE, ROUTE, "node failed no-answer");
}

static void
test_the_node_has_no_part_in_what_is_elsewhere (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote;
  int fd = bind_to ("[::1]", &remote);

  check (fixture, &remote);
  EXPECT (fixture, NODE, FORWARDING,
          "node skipped outside-overlay, route skipped outside-overlay, "
          "tcp failed refused, forwarding skipped no-target");
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*"), ==, 0);
  close (fd);
}

static void
test_the_local_port_is_free_or_ours (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote;
  int fd = bind_to ("[::1]", &remote);
  g_autofree char *text = socks_endpoint_format (&remote);

  check (fixture, &remote);
  EXPECT (fixture, LOCAL_PORT, LOCAL_PORT, "local-port passed free");
  g_assert_cmpint (try_to_connect (PORT (fixture->engine)), <, 0);

  world_connect (fixture->engine, text);
  check (fixture, &remote);
  EXPECT (fixture, LOCAL_PORT, LOCAL_PORT, "local-port passed");

  world_connect (fixture->engine, ONE);
  check (fixture, &remote);
  EXPECT (fixture, LOCAL_PORT, LOCAL_PORT, "local-port passed other-remote");
  close (fd);
}

static void
test_the_local_port_may_be_somebody_elses (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote;
  int fd = bind_to ("[::1]", &remote);
  SocksRelayOptions options = { .n_workers = 1, .max_streams = 1, .local_only = TRUE };
  SocksRelay *other;

  g_assert_cmpint (socks_relay_new (&options, &other), ==, 0);
  g_assert_cmpint (socks_relay_listen (other, PORT (fixture->engine)), ==, 0);
  check (fixture, &remote);
  EXPECT (fixture, LOCAL_PORT, LOCAL_PORT, "local-port failed in-use");
  socks_relay_free (other);
  close (fd);
}

static void
test_it_can_be_cancelled (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote = peer_numbered (1);

  fixture->node->routes_answer = fake_node_hang;
  begin (fixture, &remote);
  g_cancellable_cancel (fixture->cancellable);
  RUN_UNTIL (fixture->is_over);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* So that who is found too slow by a sweep is found so by a check, and the other way
 * round. */
static void
test_the_greeting_has_as_long_as_a_probe (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote;
  int listener = listen_on ("[::1]", 4, &remote), fd;

  begin (fixture, &remote);
  fd = accept_from (listener);
  expect_greeting (fd);
  fake_clock_advance (fixture->engine->clock, 6999 * 1000);
  settle_main_loop ();
  g_assert_false (fixture->is_over);
  fake_clock_advance (fixture->engine->clock, 1000);
  RUN_UNTIL (fixture->is_over);
  EXPECT (fixture, TCP, GREETING, "tcp passed, greeting failed timed-out");
  close (fd);
  close (listener);
}

static void
count_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *n_over = data;
  g_autoptr (GError) error = NULL;
  SocksCheckReport report;

  g_assert_false (
      socks_checker_check_finish (SOCKS_CHECKER (source), result, &report, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  (*n_over)++;
}

/* Or a node that takes its time would be told from one that gives none. */
static void
test_no_check_waits_for_anothers_node (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote = peer_numbered (1);
  guint n_over = 0;

  fixture->node->routes_answer = fake_node_hang;
  for (guint i = 0; i < SOCKS_CHECKER_MAX_CHECKS; i++)
    socks_checker_check_async (fixture->checker, &remote, NULL /* target */,
                               fixture->cancellable, count_cb, &n_over);
  RUN_UNTIL (fake_node_count_requests (fixture->node, "*") == SOCKS_CHECKER_MAX_CHECKS);
  g_assert_cmpuint (n_over, ==, 0);
  g_cancellable_cancel (fixture->cancellable);
  RUN_UNTIL (n_over == SOCKS_CHECKER_MAX_CHECKS);
}

static void
test_nothing_is_changed_by_it (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint remote = peer_numbered (1);
  struct in6_addr address;

  fake_node_add_routes (fixture->node, 1, 5);
  check (fixture, &remote);
  g_assert_cmpint (socks_node_client_get_state (fixture->engine->node), ==,
                   SOCKS_NODE_STATE_UNKNOWN);
  g_assert_false (socks_node_client_get_address (fixture->engine->node, &address));
  g_assert_null (socks_peer_table_lookup (
      socks_sweeper_get_table (fixture->engine->sweeper), &remote));
  expect_no_event (fixture->engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  probe_world_init ();

#define ADD(name)                                                                        \
  g_test_add ("/checker/" #name, Fixture, NULL, set_up, test_##name, tear_down)
  ADD (a_route_is_told_from_none);
  ADD (a_node_that_answers_wrongly_is_told_from_none);
  ADD (the_node_has_no_part_in_what_is_elsewhere);
  ADD (the_local_port_is_free_or_ours);
  ADD (the_local_port_may_be_somebody_elses);
  ADD (it_can_be_cancelled);
  ADD (the_greeting_has_as_long_as_a_probe);
  ADD (no_check_waits_for_anothers_node);
  ADD (nothing_is_changed_by_it);
  return g_test_run ();
}
