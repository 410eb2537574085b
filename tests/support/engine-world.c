/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds the engine for a test and writes down what its connection tells. What the test
 * did not expect fails it at the end, and so does whatever is not freed. Main thread. */

#include "engine-world.h"

#include <glib/gstdio.h>
#include <unistd.h>

static const char *const error_names[] = {
  [SOCKS_ERROR_INVALID_REMOTE] = "InvalidRemote",
  [SOCKS_ERROR_INVALID_TARGET] = "InvalidTarget",
  [SOCKS_ERROR_REMOTE_NOT_ALLOWED] = "RemoteNotAllowed",
  [SOCKS_ERROR_NO_VALID_PROXY] = "NoValidProxy",
  [SOCKS_ERROR_ADDRESS_IN_USE] = "AddressInUse",
  [SOCKS_ERROR_LISTEN_FAILED] = "ListenFailed",
  [SOCKS_ERROR_CANCELLED] = "Cancelled",
  [SOCKS_ERROR_FAILED] = "Failed",
};

static char *
describe_status (SocksConnection *connection)
{
  static const char *const states[] = { "disconnected", "connecting", "connected",
                                        "failing" };
  static const char *const selections[] = { "", " automatic ", " manual " };
  const SocksConnectionStatus *status = socks_connection_get_status (connection);
  const SocksEndpoint *remote = socks_connection_get_remote (connection);
  g_autofree char *remote_text =
      remote != NULL ? socks_endpoint_format (remote) : g_strdup ("");
  g_autofree char *error_text =
      status->last_error != NULL
          ? g_strdup_printf (" (%s)", error_names[status->last_error->code])
          : g_strdup ("");

  return g_strconcat (states[status->state], selections[status->selection], remote_text,
                      error_text, NULL);
}

static void
changed_cb (SocksConnection *connection, gpointer data)
{
  EngineWorld *world = data;
  g_autofree char *event = describe_status (connection);

  if (g_str_equal (event, world->last_event))
    return;
  g_queue_push_tail (&world->events, g_strdup (event));
  g_free (world->last_event);
  world->last_event = g_steal_pointer (&event);
}

static void
remote_changed_cb (SocksConnection *connection,
                   const char *old_remote,
                   const char *new_remote,
                   guint reason,
                   gpointer data)
{
  static const char *const reasons[] = { "automatic", "user", "failover", "restored",
                                         "shutdown" };
  EngineWorld *world = data;

  g_queue_push_tail (&world->events, g_strdup_printf ("%s → %s %s", old_remote,
                                                      new_remote, reasons[reason]));
}

/* Loopback has 2²⁴ addresses; each process takes one of its own, so that port 1080 is
 * free on it whatever else runs on this machine. */
static SocksEndpoint
choose_local_port (void)
{
  guint id = (guint)getpid ();
  g_autofree char *text = g_strdup_printf ("127.%u.%u.%u:1080", 64 + (id >> 16) % 64,
                                           (id >> 8) & 255, id & 255);

  return endpoint_of (text);
}

/* The defaults, on a local port that no other test has, with a node that does not run. */
SocksSettings *
world_settings_new (void)
{
  SocksSettings *settings = socks_settings_new_defaults ();

  settings->listen_address = choose_local_port ();
  g_free (settings->node_url);
  settings->node_url = g_strdup ("http://127.0.0.1:1");
  return settings;
}

EngineWorld *
engine_world_new (void)
{
  return engine_world_new_with (world_settings_new ());
}

/* Takes @settings. */
EngineWorld *
engine_world_new_with (SocksSettings *settings)
{
  EngineWorld *world = g_new0 (EngineWorld, 1);
  SocksRelayOptions options = { .n_workers = 2, .max_streams = 64, .local_only = TRUE };
  g_autofree char *directory = g_dir_make_tmp ("engine-XXXXXX", NULL);

  world->settings = settings;
  world->clock = fake_clock_new ();
  world->prober = fake_prober_new ();
  world->source = fake_source_new ();
  fake_source_name (world->source, "");
  world->node = socks_node_client_new (settings->node_url, settings->probe_port);
  world->sweeper =
      socks_sweeper_new (SOCKS_CLOCK (world->clock), SOCKS_PROBER (world->prober),
                         settings->probe_interval_s, settings->parallel_probes);
  socks_sweeper_add_source (world->sweeper, SOCKS_PEER_SOURCE (world->source));
  g_assert_cmpint (socks_relay_new (&options, &world->relay), ==, 0);
  world->memory_path = g_build_filename (directory, "selection", NULL);
  world->memory = socks_memory_new (world->memory_path);

  world->connection = socks_connection_new (settings, SOCKS_CLOCK (world->clock),
                                            SOCKS_PROBER (world->prober), world->sweeper,
                                            world->relay, world->memory);
  world->last_event = g_strdup ("disconnected");
  g_signal_connect (world->connection, "changed", G_CALLBACK (changed_cb), world);
  g_signal_connect (world->connection, "remote-changed", G_CALLBACK (remote_changed_cb),
                    world);
  world->engine = socks_engine_new (settings, SOCKS_CLOCK (world->clock),
                                    SOCKS_PROBER (world->prober), world->sweeper,
                                    world->node, world->connection);
  return world;
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *is_settled = data;

  socks_connection_settle_finish (SOCKS_CONNECTION (source), result);
  *is_settled = TRUE;
}

void
wait_for_relay (EngineWorld *world)
{
  gboolean is_settled = FALSE;

  socks_connection_settle_async (world->connection, settled_cb, &is_settled);
  RUN_UNTIL (is_settled);
}

void
engine_world_free (EngineWorld *world)
{
  g_autofree char *directory = g_path_get_dirname (world->memory_path);

  settle_main_loop ();
  expect_no_event (world);
  g_signal_handlers_disconnect_by_data (world->connection, world);
  socks_engine_shut_down (world->engine);
  socks_sweeper_set_probing (world->sweeper, FALSE);
  wait_for_relay (world);
  settle_main_loop ();

  g_assert_finalize_object (world->engine);
  g_assert_finalize_object (world->connection);
  socks_memory_flush (world->memory);
  g_assert_finalize_object (world->memory);
  g_assert_finalize_object (world->sweeper);
  g_assert_finalize_object (world->node);
  g_assert_finalize_object (world->source);
  g_assert_finalize_object (world->prober);
  g_assert_finalize_object (world->clock);
  socks_relay_free (world->relay);

  g_unlink (world->memory_path);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  g_free (world->memory_path);
  g_free (world->last_event);
  socks_settings_free (world->settings);
  g_free (world);
}

/* @peer answers from now on, all with the same latency. */
void
world_peer (EngineWorld *world, const char *peer, SocksStatus status)
{
  fake_prober_answer (world->prober, peer, status, 100);
}

/* One whole sweep that finds @peers, and nobody else. */
void
world_discover (EngineWorld *world, const char *peers)
{
  fake_source_name (world->source, peers);
  socks_sweeper_sweep_now (world->sweeper);
  settle_main_loop ();
  g_assert_false (socks_sweeper_is_sweeping (world->sweeper));
}

void
world_pass (EngineWorld *world, guint seconds)
{
  fake_clock_advance (world->clock, seconds * G_USEC_PER_SEC);
}

void
expect_event (EngineWorld *world, const char *event)
{
  g_autofree char *told = NULL;

  settle_main_loop ();
  told = g_queue_pop_head (&world->events);
  g_assert_cmpstr (told, ==, event);
}

void
expect_no_event (EngineWorld *world)
{
  settle_main_loop ();
  g_assert_cmpstr (g_queue_peek_head (&world->events), ==, NULL);
}

void
expect_last_error (EngineWorld *world, const char *pattern)
{
  const GError *error = socks_connection_get_status (world->connection)->last_error;

  g_assert_nonnull (error);
  if (!g_pattern_match_simple (pattern, error->message))
    g_error ("“%s” is not like “%s”", error->message, pattern);
}

/* What a run after this one would find. */
void
expect_remembered (EngineWorld *world, SocksSelection selection, const char *remote)
{
  g_autoptr (SocksMemory) memory = NULL;
  SocksEndpoint remembered;

  socks_memory_flush (world->memory);
  memory = socks_memory_new (world->memory_path);
  g_assert_cmpint (socks_memory_load (memory, &remembered), ==, selection);
  if (selection != SOCKS_SELECTION_NONE)
    {
      g_autofree char *text = socks_endpoint_format (&remembered);

      g_assert_cmpstr (text, ==, remote);
    }
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Request *request = data;

  g_assert_false (request->is_over);
  request->is_over = TRUE;
  socks_engine_connect_finish (SOCKS_ENGINE (source), result, &request->remote,
                               &request->error);
}

/* @remote is "" for the fastest. */
Request *
ask_to_connect_with (EngineWorld *world, guint64 ticket, const char *remote)
{
  Request *request = g_new0 (Request, 1);
  SocksEndpoint endpoint = { 0 };

  if (*remote != '\0')
    endpoint = endpoint_of (remote);
  socks_engine_connect_async (world->engine, ticket, *remote != '\0' ? &endpoint : NULL,
                              connected_cb, request);
  g_assert_false (request->is_over);
  return request;
}

Request *
ask_to_connect (EngineWorld *world, const char *remote)
{
  return ask_to_connect_with (world, socks_engine_take_ticket (world->engine), remote);
}

void
expect_waiting (Request *request)
{
  settle_main_loop ();
  g_assert_false (request->is_over);
}

/* Takes the request. */
void
expect_chosen (Request *request, const char *remote)
{
  g_autofree char *text = NULL;

  settle_main_loop ();
  g_assert_true (request->is_over);
  g_assert_no_error (request->error);
  text = socks_endpoint_format (&request->remote);
  g_assert_cmpstr (text, ==, remote);
  g_free (request);
}

/* Takes the request. */
void
expect_failure (Request *request, SocksError code, const char *pattern)
{
  settle_main_loop ();
  g_assert_true (request->is_over);
  g_assert_error (request->error, SOCKS_ERROR, (int)code);
  if (!g_pattern_match_simple (pattern, request->error->message))
    g_error ("“%s” is not like “%s”", request->error->message, pattern);
  g_clear_error (&request->error);
  g_free (request);
}

static void
forget_events (EngineWorld *world)
{
  settle_main_loop ();
  g_queue_clear_full (&world->events, g_free);
}

void
world_connect (EngineWorld *world, const char *remote)
{
  Request *request = ask_to_connect (world, remote);

  settle_main_loop ();
  g_assert_true (request->is_over);
  g_assert_no_error (request->error);
  g_free (request);
  forget_events (world);
}

void
world_disconnect (EngineWorld *world)
{
  socks_engine_disconnect (world->engine, socks_engine_take_ticket (world->engine));
  wait_for_relay (world);
}

EngineWorld *
world_with_silent_one (void)
{
  EngineWorld *world = engine_world_new ();

  world_peer (world, ONE, SOCKS_STATUS_VALID);
  world_discover (world, ONE);
  fake_prober_hold (world->prober, ONE);
  return world;
}

void
adopt (EngineWorld *world,
       SocksSelection selection,
       const char *remote,
       SocksChangeReason reason)
{
  SocksEndpoint endpoint = endpoint_of (remote);
  g_autoptr (GError) error = NULL;

  g_assert_true (
      socks_connection_adopt (world->connection, selection, &endpoint, reason, &error));
  g_assert_no_error (error);
}

void
adopt_manual (EngineWorld *world, const char *remote)
{
  adopt (world, SOCKS_SELECTION_MANUAL, remote, SOCKS_CHANGE_USER);
}

void
adopt_automatic (EngineWorld *world, const char *remote)
{
  adopt (world, SOCKS_SELECTION_AUTOMATIC, remote, SOCKS_CHANGE_AUTOMATIC);
}

SocksRelayCounters
get_counters (EngineWorld *world)
{
  SocksRelayCounters counters;

  socks_relay_get_counters (world->relay, &counters);
  return counters;
}
