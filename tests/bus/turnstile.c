/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How many calls are let in, of whom, and that each gets one answer. The service is an
 * object that answers when the test says so. */

#include "bus/turnstile.h"

#include "engine-world.h"
#include "private-bus.h"

#define INSIDE_MAX 64
#define PATH "/test"
#define INTERFACE "org.mycelium.Socks.Test"

typedef struct
{
  PrivateBus *daemon;       /* (owned) */
  GDBusConnection *service; /* (owned) */
  GQueue inside;            /* of (owned) GDBusMethodInvocation: calls without answer */
} World;

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  guint n_replies;
  guint n_refusals;
} Caller;

static void
method_call_cb (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer data)
{
  World *world = data;

  g_queue_push_tail (&world->inside, invocation);
}

static World *
world_new (void)
{
  static const GDBusInterfaceVTable vtable = { .method_call = method_call_cb };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (
      "<node><interface name='" INTERFACE "'><method name='Do'/></interface></node>", NULL);
  g_autoptr (GError) error = NULL;
  World *world = g_new0 (World, 1);

  world->daemon = private_bus_new ();
  world->service = private_bus_connect (world->daemon);
  socks_turnstile_install (world->service);
  g_dbus_connection_register_object (world->service, PATH, node->interfaces[0], &vtable,
                                     world, NULL, &error);
  g_assert_no_error (error);
  return world;
}

static void
answer_one (World *world)
{
  g_dbus_method_invocation_return_value (g_queue_pop_head (&world->inside), NULL);
}

static void
answer_all (World *world)
{
  while (!g_queue_is_empty (&world->inside))
    answer_one (world);
}

static void
world_free (World *world)
{
  g_assert_true (g_queue_is_empty (&world->inside));
  g_dbus_connection_close_sync (world->service, NULL, NULL);
  g_object_unref (world->service);
  private_bus_free (world->daemon);
  g_free (world);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static Caller *
caller_new (World *world)
{
  Caller *caller = g_new0 (Caller, 1);

  caller->bus = private_bus_connect (world->daemon);
  return caller;
}

static void
caller_free (Caller *caller)
{
  g_dbus_connection_close_sync (caller->bus, NULL, NULL);
  g_object_unref (caller->bus);
  g_free (caller);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Caller, caller_free)

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Caller *caller = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    caller->n_replies++;
  else
    {
      g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
      caller->n_refusals++;
    }
}

static void
call (World *world, Caller *caller, guint n)
{
  for (guint i = 0; i < n; i++)
    g_dbus_connection_call (caller->bus,
                            g_dbus_connection_get_unique_name (world->service), PATH,
                            INTERFACE, "Do", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                            answered_cb, caller);
}

/* Sends a call and wants no answer. */
static void
tell (World *world, Caller *caller)
{
  g_autoptr (GDBusMessage) message = g_dbus_message_new_method_call (
      g_dbus_connection_get_unique_name (world->service), PATH, INTERFACE, "Do");

  g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_connection_send_message (caller->bus, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                  NULL, NULL);
}

static void
test_as_many_as_may_be_inside_are_let_in (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) caller = caller_new (world);

  call (world, caller, INSIDE_MAX);
  RUN_UNTIL (world->inside.length == INSIDE_MAX);
  answer_all (world);
  RUN_UNTIL (caller->n_replies == INSIDE_MAX);
  g_assert_cmpuint (caller->n_refusals, ==, 0);
}

static void
test_more_are_refused_until_one_is_answered (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) caller = caller_new (world);

  call (world, caller, INSIDE_MAX + 50);
  RUN_UNTIL (caller->n_refusals == 50);
  g_assert_cmpuint (world->inside.length, ==, INSIDE_MAX);

  answer_one (world);
  RUN_UNTIL (caller->n_replies == 1);
  call (world, caller, 2);
  RUN_UNTIL (caller->n_refusals == 51);
  g_assert_cmpuint (world->inside.length, ==, INSIDE_MAX);

  answer_all (world);
  RUN_UNTIL (caller->n_replies == INSIDE_MAX + 1);
  g_assert_cmpuint (caller->n_refusals, ==, 51);
}

static void
test_one_call_of_another_is_let_in_all_the_same (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) caller = caller_new (world);
  g_autoptr (Caller) other = caller_new (world);

  call (world, caller, INSIDE_MAX);
  RUN_UNTIL (world->inside.length == INSIDE_MAX);
  call (world, other, 2);
  RUN_UNTIL (other->n_refusals == 1);
  g_assert_cmpuint (world->inside.length, ==, INSIDE_MAX + 1);

  answer_all (world);
  RUN_UNTIL (other->n_replies == 1 && caller->n_replies == INSIDE_MAX);
  g_assert_cmpuint (caller->n_refusals, ==, 0);
}

static void
test_an_answer_passes_the_refusals (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) caller = caller_new (world);
  g_autoptr (Caller) other = caller_new (world);
  const guint n_calls = 4000;

  call (world, caller, n_calls);
  RUN_UNTIL (caller->n_refusals > 0);
  call (world, other, 1);
  RUN_UNTIL (world->inside.length == INSIDE_MAX + 1);
  g_dbus_method_invocation_return_value (g_queue_pop_tail (&world->inside), NULL);
  RUN_UNTIL (other->n_replies == 1);
  g_assert_cmpuint (caller->n_refusals, <, n_calls - INSIDE_MAX);

  /* What comes while those inside are answered is let in again. */
  while (caller->n_refusals + caller->n_replies < n_calls)
    {
      RUN_UNTIL (!g_queue_is_empty (&world->inside) ||
                 caller->n_refusals + caller->n_replies == n_calls);
      answer_all (world);
    }
  g_assert_cmpuint (other->n_refusals, ==, 0);
}

static void
test_a_call_that_wants_no_answer_is_counted_too (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) caller = caller_new (world);

  for (guint i = 0; i < INSIDE_MAX + 10; i++)
    tell (world, caller);
  call (world, caller, 1);
  RUN_UNTIL (caller->n_refusals == 1);
  g_assert_cmpuint (world->inside.length, ==, INSIDE_MAX);

  answer_all (world);
  g_dbus_connection_flush_sync (world->service, NULL, NULL);
  call (world, caller, INSIDE_MAX);
  RUN_UNTIL (world->inside.length == INSIDE_MAX);
  answer_all (world);
  RUN_UNTIL (caller->n_replies == INSIDE_MAX);
  g_assert_cmpuint (caller->n_refusals, ==, 1);
}

static void
test_who_leaves_makes_room (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (Caller) other = caller_new (world);
  Caller *caller = caller_new (world);

  /* tell(), since nobody is left to hear of an answer. */
  for (guint i = 0; i < INSIDE_MAX; i++)
    tell (world, caller);
  RUN_UNTIL (world->inside.length == INSIDE_MAX);
  caller_free (caller);
  answer_all (world);
  g_dbus_connection_flush_sync (world->service, NULL, NULL);
  call (world, other, INSIDE_MAX);
  RUN_UNTIL (world->inside.length == INSIDE_MAX);
  answer_all (world);
  RUN_UNTIL (other->n_replies == INSIDE_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/turnstile/" #name, test_##name)
  ADD (as_many_as_may_be_inside_are_let_in);
  ADD (more_are_refused_until_one_is_answered);
  ADD (one_call_of_another_is_let_in_all_the_same);
  ADD (an_answer_passes_the_refusals);
  ADD (a_call_that_wants_no_answer_is_counted_too);
  ADD (who_leaves_makes_room);
  return g_test_run ();
}
