/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds the service's object for a test, as the daemon does. Main thread. */

#include "bus-world.h"

BusWorld *
bus_world_new (void)
{
  return bus_world_new_over (engine_world_new ());
}

/* Takes @engine. */
BusWorld *
bus_world_new_over (EngineWorld *engine)
{
  BusWorld *world = g_new0 (BusWorld, 1);
  g_autoptr (GError) error = NULL;

  world->engine = engine;
  world->authority = fake_authority_new ();
  world->gatekeeper = socks_gatekeeper_new (SOCKS_AUTHORITY (world->authority),
                                            SOCKS_CLOCK (engine->clock));
  world->checker =
      socks_checker_new (engine->settings, SOCKS_CLOCK (engine->clock), engine->node,
                         engine->connection, engine->relay);
  world->object = socks_object_new (engine->settings, SOCKS_CLOCK (engine->clock),
                                    engine->engine, engine->connection, engine->sweeper,
                                    engine->node, engine->relay, world->checker,
                                    world->gatekeeper);

  world->daemon = private_bus_new ();
  world->bus = private_bus_connect (world->daemon);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (world->object), world->bus,
                                    SOCKS_OBJECT_PATH, &error);
  g_assert_no_error (error);
  return world;
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  BusWorld *world = data;

  g_assert_false (world->is_closed);
  socks_gatekeeper_close_finish (SOCKS_GATEKEEPER (source), result);
  g_assert_cmpuint (fake_authority_count_hanging (world->authority), ==, 0);
  world->is_closed = TRUE;
}

void
bus_world_close (BusWorld *world)
{
  world->is_closing = TRUE;
  socks_gatekeeper_close_async (world->gatekeeper, closed_cb, world);
  g_assert_false (world->is_closed);
}

void
bus_world_free (BusWorld *world)
{
  g_queue_clear_full (&world->engine->events, g_free);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (world->object));
  if (!world->is_closing)
    bus_world_close (world);
  RUN_UNTIL (world->is_closed);
  RUN_UNTIL (G_OBJECT (world->object)->ref_count == 1);
  g_assert_finalize_object (world->object);
  /* A check that was cut off ends a turn later. */
  RUN_UNTIL (G_OBJECT (world->checker)->ref_count == 1);
  g_assert_finalize_object (world->checker);
  g_assert_finalize_object (world->gatekeeper);
  g_assert_finalize_object (world->authority);
  engine_world_free (world->engine);

  g_dbus_connection_close_sync (world->bus, NULL, NULL);
  g_object_unref (world->bus);
  private_bus_free (world->daemon);
  g_free (world);
}

BusClient *
bus_world_add_client (BusWorld *world)
{
  g_autoptr (GError) error = NULL;

  settle_main_loop ();
  g_dbus_connection_flush_sync (world->bus, NULL, &error);
  g_assert_no_error (error);
  return bus_client_new (world->daemon, g_dbus_connection_get_unique_name (world->bus));
}

void
bus_world_discover (BusWorld *world, const char *peers)
{
  world_discover (world->engine, peers);
  bus_world_pass (world, 1);
}

void
bus_world_pass (BusWorld *world, guint seconds)
{
  world_pass (world->engine, seconds);
}

void
bus_world_expect_question (BusWorld *world, const char *question)
{
  g_autofree char *asked = fake_authority_pop_question (world->authority);

  g_assert_cmpstr (asked, ==, question);
}

void
bus_world_wait_for_hanging (BusWorld *world, guint n_checks)
{
  RUN_UNTIL (fake_authority_count_hanging (world->authority) == n_checks);
}
