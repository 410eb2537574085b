/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* When the metrics are written, by a clock that the test turns, over a real relay. */

#include "metrics/reporter.h"

#include "engine-world.h"
#include "expected-log.h"
#include "relay-world.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define INTERVAL_S 15
#define DAY_S (24 * 60 * 60)

typedef struct
{
  EngineWorld *world;      /* (owned) */
  char *directory;         /* (owned): of this test alone */
  char *path;              /* (owned): in it */
  SocksReporter *reporter; /* (owned) */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = engine_world_new ();

  fixture->world = world;
  fixture->directory = g_dir_make_tmp ("metrics-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "socks.prom", NULL);
  fixture->reporter =
      socks_reporter_new (fixture->path, SOCKS_CLOCK (world->clock), world->connection,
                          world->sweeper, world->relay);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_queue_clear_full (&fixture->world->events, g_free);
  g_assert_finalize_object (fixture->reporter);
  engine_world_free (fixture->world);
  /* Fails if the file is still there. */
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->path);
  g_free (fixture->directory);
}

/* Whether it was since the last time; takes the file away, so that the next is seen. */
static gboolean
was_written (Fixture *fixture)
{
  socks_reporter_flush (fixture->reporter);
  return g_unlink (fixture->path) == 0;
}

static void
assert_line (Fixture *fixture, const char *line)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  socks_reporter_flush (fixture->reporter);
  g_assert_true (g_file_get_contents (fixture->path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  if (!g_strv_contains ((const char *const *) lines, line))
    g_error ("no line “%s” in:\n%s", line, text);
}

/* Opens the port to a remote that the test plays itself. Returns its listening socket. */
static int
forward_to_test (Fixture *fixture)
{
  SocksEndpoint listener;
  int fd = listen_on ("127.0.0.1", 4, &listener);
  g_autofree char *remote = socks_endpoint_format (&listener);

  world_peer (fixture->world, remote, SOCKS_STATUS_NOT_A_PROXY);
  adopt_manual (fixture->world, remote);
  wait_for_relay (fixture->world);
  return fd;
}

static void
test_the_first_comes_at_once (Fixture *fixture, gconstpointer data)
{
  assert_line (fixture, "mycelium_socks_state{state=\"disconnected\"} 1");
  assert_line (fixture, "mycelium_socks_start_time_seconds 1700000000.000000");
}

static void
test_where_nothing_changes_nothing_wakes_up (Fixture *fixture, gconstpointer data)
{
  g_assert_true (was_written (fixture));
  g_assert_cmpuint (fake_clock_count_timers (fixture->world->clock), ==, 0);
  world_pass (fixture->world, DAY_S);
  g_assert_false (was_written (fixture));
}

static void
test_changes_are_written_every_15_seconds_at_most (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = fixture->world;
  guint n_written = 0;

  for (guint second = 0; second < 10 * INTERVAL_S; second++)
    {
      world_peer (world, ONE,
                  second % 2 == 0 ? SOCKS_STATUS_VALID : SOCKS_STATUS_NOT_LISTENING);
      world_discover (world, ONE);
      socks_connection_set_searching (world->connection, second % 2 == 0);
      n_written += was_written (fixture);
      world_pass (world, 1);
    }
  /* One at the start, and one at the end of each interval that has passed before. */
  g_assert_cmpuint (n_written, ==, 1 + 9);

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  world_pass (world, INTERVAL_S);
  assert_line (fixture, "mycelium_socks_peers{status=\"valid\"} 1");
  assert_line (fixture, "mycelium_socks_peers{status=\"not_listening\"} 0");
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
}

static void
test_a_change_after_a_pause_is_written_at_once (Fixture *fixture, gconstpointer data)
{
  world_pass (fixture->world, INTERVAL_S);
  socks_connection_set_searching (fixture->world->connection, TRUE);
  assert_line (fixture, "mycelium_socks_state{state=\"connecting\"} 1");
  assert_line (fixture, "mycelium_socks_state{state=\"disconnected\"} 0");
}

static void
test_sweeps_are_told_by_time_and_duration (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = fixture->world;

  world_pass (world, INTERVAL_S);
  fake_prober_hold (world->prober, ONE);
  fake_source_name (world->source, ONE);
  socks_sweeper_sweep_now (world->sweeper);
  world_pass (world, 3);
  world_peer (world, ONE, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  settle_main_loop ();
  world_pass (world, INTERVAL_S);
  assert_line (fixture, "mycelium_socks_sweep_duration_seconds 3.000000");
  assert_line (fixture, "mycelium_socks_last_sweep_timestamp_seconds 1700000018.000000");
  assert_line (fixture, "mycelium_socks_peers{status=\"authentication_required\"} 1");
}

static void
test_bytes_are_seen_although_nobody_tells (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = fixture->world;
  int fd = forward_to_test (fixture);
  Pair pair;

  world_pass (world, 2 * INTERVAL_S);
  assert_line (fixture, "mycelium_socks_streams 0");
  pair.client = connect_to (PORT (world));
  pair.remote = accept_from (fd);
  send_all (pair.client, "12345", 5);
  expect_bytes (pair.remote, "12345", 5);
  send_all (pair.remote, "123", 3);
  expect_bytes (pair.client, "123", 3);
  RUN_UNTIL (get_counters (world).bytes_received == 3);
  world_pass (world, INTERVAL_S);
  assert_line (fixture, "mycelium_socks_state{state=\"connected\"} 1");
  assert_line (fixture, "mycelium_socks_streams 1");
  assert_line (fixture, "mycelium_socks_accepted_streams_total 1");
  assert_line (fixture, "mycelium_socks_bytes_total{direction=\"sent\"} 5");
  assert_line (fixture, "mycelium_socks_bytes_total{direction=\"received\"} 3");
  pair_clear (&pair);
  close (fd);
}

static void
test_an_open_port_without_traffic_writes_nothing (Fixture *fixture, gconstpointer data)
{
  int fd = forward_to_test (fixture);

  world_pass (fixture->world, 2 * INTERVAL_S);
  g_assert_true (was_written (fixture));
  world_pass (fixture->world, DAY_S);
  g_assert_false (was_written (fixture));
  close (fd);
}

/* As many streams as there may be, so that the workers are not done with them when the
 * first report after that is due. */
static void
test_the_last_bytes_are_written_and_then_it_rests (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = fixture->world;
  int fd = forward_to_test (fixture);
  Pair pairs[64];

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      pairs[i].client = connect_to (PORT (world));
      pairs[i].remote = accept_from (fd);
      send_all (pairs[i].client, "last", 4);
      expect_bytes (pairs[i].remote, "last", 4);
    }
  RUN_UNTIL (get_counters (world).bytes_sent == 4 * G_N_ELEMENTS (pairs));
  socks_connection_let_go (world->connection, SOCKS_CHANGE_USER);
  world_pass (world, INTERVAL_S);
  wait_for_relay (world);
  world_pass (world, INTERVAL_S);
  assert_line (fixture, "mycelium_socks_state{state=\"disconnected\"} 1");
  assert_line (fixture, "mycelium_socks_streams 0");
  assert_line (fixture, "mycelium_socks_bytes_total{direction=\"sent\"} 256");
  g_assert_cmpuint (fake_clock_count_timers (world->clock), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    pair_clear (&pairs[i]);
  close (fd);
}

static void
test_failures_are_counted (Fixture *fixture, gconstpointer data)
{
  EngineWorld *world = fixture->world;
  int fd = forward_to_test (fixture);
  int client;

  close (fd);
  client = connect_to (PORT (world));
  expect_end (client);
  close (client);
  RUN_UNTIL (get_counters (world).failed_dials == 1);

  adopt (world, SOCKS_SELECTION_AUTOMATIC, ONE, SOCKS_CHANGE_FAILOVER);
  adopt (world, SOCKS_SELECTION_AUTOMATIC, TWO, SOCKS_CHANGE_AUTOMATIC);
  adopt (world, SOCKS_SELECTION_AUTOMATIC, ONE, SOCKS_CHANGE_FAILOVER);
  socks_relay_refuse (world->relay);
  client = connect_to (PORT (world));
  expect_end (client);
  close (client);
  RUN_UNTIL (get_counters (world).refused_streams == 1);

  world_pass (world, INTERVAL_S);
  assert_line (fixture, "mycelium_socks_dial_failures_total 1");
  assert_line (fixture, "mycelium_socks_failovers_total 2");
  assert_line (fixture, "mycelium_socks_refused_streams_total 1");
}

static void
test_what_could_not_be_written_is_with_the_next_change (Fixture *fixture,
                                                        gconstpointer data)
{
  EngineWorld *world = fixture->world;

  socks_reporter_flush (fixture->reporter);
  g_assert_no_errno (g_unlink (fixture->path));
  g_assert_no_errno (g_mkdir (fixture->path, 0700));
  world_pass (world, INTERVAL_S);
  expected_log_push (G_LOG_LEVEL_WARNING, "The metrics can't be written to *socks.prom*");
  socks_connection_set_searching (world->connection, TRUE);
  socks_reporter_flush (fixture->reporter);
  expected_log_assert_seen ();

  g_assert_no_errno (g_rmdir (fixture->path));
  world_pass (world, INTERVAL_S);
  expected_log_push (G_LOG_LEVEL_MESSAGE, "The metrics are written to *socks.prom again");
  socks_connection_set_searching (world->connection, FALSE);
  assert_line (fixture, "mycelium_socks_state{state=\"disconnected\"} 1");
  expected_log_assert_seen ();
}

#define ADD(name, function) \
  g_test_add ("/metrics-reporter/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
  signal (SIGPIPE, SIG_IGN);

  ADD ("the-first-comes-at-once", test_the_first_comes_at_once);
  ADD ("where-nothing-changes-nothing-wakes-up",
       test_where_nothing_changes_nothing_wakes_up);
  ADD ("changes-are-written-every-15-seconds-at-most",
       test_changes_are_written_every_15_seconds_at_most);
  ADD ("a-change-after-a-pause-is-written-at-once",
       test_a_change_after_a_pause_is_written_at_once);
  ADD ("sweeps-are-told-by-time-and-duration", test_sweeps_are_told_by_time_and_duration);
  ADD ("bytes-are-seen-although-nobody-tells", test_bytes_are_seen_although_nobody_tells);
  ADD ("an-open-port-without-traffic-writes-nothing",
       test_an_open_port_without_traffic_writes_nothing);
  ADD ("the-last-bytes-are-written-and-then-it-rests",
       test_the_last_bytes_are_written_and_then_it_rests);
  ADD ("failures-are-counted", test_failures_are_counted);
  ADD ("what-could-not-be-written-is-with-the-next-change",
       test_what_could_not_be_written_is_with_the_next_change);
  return g_test_run ();
}
