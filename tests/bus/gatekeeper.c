/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may do what: which action is asked for, how long the answer may take, and what
 * becomes of a call whose caller leaves. */

#include "bus-world.h"

#define DENIED "org.freedesktop.DBus.Error.AccessDenied: "
#define CANCELLED "org.mycelium.Socks.Error.Cancelled: "

#define N_LEAVERS 1000

static void
test_each_call_asks_for_its_action (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  const struct
  {
    const char *method;
    const char *remote;
    const char *question;
  } rows[] = {
    { "Connect", "", "connect" },
    { "Connect", ONE, "connect" },
    { "Connect", "[5ff:ffff::1]:65535", "connect" },
    { "Connect", "[600::1]:1080", "connect-elsewhere" },
    { "Connect", "[3ff::1]:1080", "connect-elsewhere" },
    { "Connect", "[2001:db8::1]:1080", "connect-elsewhere" },
    { "Connect", "192.0.2.7:1080", "connect-elsewhere" },
    { "Connect", "127.0.0.1:9050", "connect-elsewhere" },
    { "Connect", "[::ffff:192.0.2.7]:1080", "connect-elsewhere" },
    { "Disconnect", NULL, "connect" },
    { "StartProbing", NULL, "probe" },
    { "StopProbing", NULL, "probe" },
    { "ProbeNow", NULL, "probe" },
  };

  /* Denied, so that nothing but the answers comes back. */
  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_DENIES);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *answer = g_strconcat (rows[i].method, " → " DENIED "*", NULL);

      bus_client_call (client, rows[i].method,
                       rows[i].remote != NULL ? g_variant_new ("(s)", rows[i].remote)
                                              : NULL);
      bus_client_expect (client, answer);
      bus_world_expect_question (world, rows[i].question);
      bus_world_expect_question (world, NULL);
    }
  bus_client_expect_property (client, "State", "'disconnected'");
  bus_client_expect_property (client, "Probing", "false");
  bus_client_expect_property (client, "LastSweep", "0");
}

static void
test_listing_peers_asks_nobody (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_DENIES);
  bus_client_call (client, "ListPeers", NULL);
  bus_client_expect (client, "ListPeers → (*)");
  bus_world_expect_question (world, NULL);
}

static void
test_a_person_is_asked_only_where_the_caller_allows_it (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  bus_client_call (client, "Disconnect", NULL);
  bus_client_expect (client, "Disconnect → ()");
  bus_world_expect_question (world, "connect");
  bus_client_call_interactively (client, "Disconnect", NULL);
  bus_client_expect (client, "Disconnect → ()");
  bus_world_expect_question (world, "connect interactive");
}

static void
test_denied_changes_nothing (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = NULL;

  world_connect (world->engine, ONE);
  client = bus_world_add_client (world);
  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_DENIES);
  bus_client_connect (client, TWO);
  bus_client_expect (client, "Connect → " DENIED "Not allowed by the test");
  bus_client_call (client, "Disconnect", NULL);
  bus_client_expect (client, "Disconnect → " DENIED "Not allowed by the test");
  bus_client_expect_property (client, "Remote", "'" ONE "'");
  bus_client_expect_property (client, "LastError", "('', '')");
}

static void
test_a_denied_call_does_not_overtake_an_older_one (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  bus_client_connect (client, ONE);
  bus_client_connect (client, TWO);
  bus_world_wait_for_hanging (world, 2);
  fake_authority_answer (world->authority, 1, FALSE);
  bus_client_expect (client, "Connect → " DENIED "*");
  fake_authority_answer (world->authority, 0, TRUE);
  bus_client_expect (client, "*Remote='" ONE "'*");
  bus_client_expect (client, "RemoteChanged *");
  bus_client_expect (client, "Connect → ('" ONE "',)");
}

static void
test_permissions_in_another_order_do_not_change_that_of_calls (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  bus_client_connect (client, ONE);
  bus_client_connect (client, TWO);
  bus_world_wait_for_hanging (world, 2);
  fake_authority_answer (world->authority, 1, TRUE);
  bus_client_expect (client, "*Remote='" TWO "'*");
  bus_client_expect (client, "RemoteChanged *");
  bus_client_expect (client, "Connect → ('" TWO "',)");
  fake_authority_answer (world->authority, 0, TRUE);
  bus_client_expect (client, "Connect → " CANCELLED "*");
}

static void
test_after_sixty_seconds_no_answer_is_a_no (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  bus_client_connect (client, ONE);
  bus_world_wait_for_hanging (world, 1);
  bus_world_pass (world, 59);
  bus_client_expect_nothing (client);
  g_assert_cmpuint (fake_authority_count_hanging (world->authority), ==, 1);
  bus_world_pass (world, 1);
  bus_client_expect (client, "Connect → " DENIED "Nobody answered within 60 s *");
  g_assert_cmpuint (fake_authority_count_hanging (world->authority), ==, 0);
  bus_client_expect_property (client, "State", "'disconnected'");
}

static gboolean
is_on_bus (BusWorld *world, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      world->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", name), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  gboolean is_there;

  g_assert_no_error (error);
  g_variant_get (reply, "(b)", &is_there);
  return is_there;
}

/* The client leaves, and the service knows that before it knows what it may do, as it does
 * with polkit, whose answer comes by way of the bus. Takes @client. */
static void
let_leave (BusWorld *world, BusClient *client)
{
  g_autofree char *name = g_strdup (bus_client_get_name (client));

  bus_client_leave (client);
  bus_client_free (client);
  RUN_UNTIL (!is_on_bus (world, name));
  settle_main_loop ();
  /* What the service has asked the bus about the client is answered before this. */
  g_assert_false (is_on_bus (world, name));
  settle_main_loop ();
}

static void
test_a_thousand_callers_who_leave_at_random_have_no_effect (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) witness = bus_world_add_client (world);
  const char *const methods[] = { "StartProbing", "ProbeNow", "Connect" };
  guint n_asked = 0;

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  for (guint i = 0; i < N_LEAVERS; i++)
    {
      BusClient *client = bus_world_add_client (world);
      gint n_calls = g_test_rand_int_range (1, 5);
      gint n_turns = g_test_rand_int_range (0, 1000);

      for (gint j = 0; j < n_calls; j++)
        {
          const char *method = methods[g_test_rand_int_range (0, G_N_ELEMENTS (methods))];

          bus_client_call (client, method,
                           g_str_equal (method, "Connect") ? g_variant_new ("(s)", ONE)
                                                           : NULL);
        }
      for (gint j = 0; j < n_turns; j++)
        g_main_context_iteration (NULL, FALSE);
      let_leave (world, client);

      n_asked += fake_authority_count_hanging (world->authority);
      while (fake_authority_count_hanging (world->authority) > 0)
        fake_authority_answer (world->authority, 0, TRUE);
      bus_client_expect_nothing (witness);
    }
  g_test_message ("%u of their calls were allowed", n_asked);
  g_assert_cmpuint (n_asked, >, N_LEAVERS / 10);
  bus_client_expect_property (witness, "State", "'disconnected'");
  bus_client_expect_property (witness, "Probing", "false");
  bus_client_expect_property (witness, "Sweeping", "false");
  g_assert_cmpuint (fake_clock_count_timers (world->engine->clock), ==, 0);

  /* And none of them is still counted. */
  for (guint i = 0; i < 4; i++)
    bus_client_call (witness, "StopProbing", NULL);
  bus_world_wait_for_hanging (world, 4);
  while (fake_authority_count_hanging (world->authority) > 0)
    fake_authority_answer (world->authority, 0, FALSE);
  for (guint i = 0; i < 4; i++)
    bus_client_expect (witness, "StopProbing → " DENIED "*");
}

static void
test_closed_it_cancels_what_waits_and_what_comes (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  bus_client_connect (client, ONE);
  bus_client_call (client, "StartProbing", NULL);
  bus_world_wait_for_hanging (world, 2);
  bus_world_close (world);
  bus_client_expect (client, "Connect → " CANCELLED "*");
  bus_client_expect (client, "StartProbing → " CANCELLED "*");
  bus_client_call (client, "ProbeNow", NULL);
  bus_client_expect (client, "ProbeNow → " CANCELLED "The service stops; *");
}

static void
test_a_yes_in_the_moment_of_closing_has_no_effect (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  bus_client_connect (client, ONE);
  bus_world_wait_for_hanging (world, 1);
  fake_authority_answer (world->authority, 0, TRUE);
  bus_world_close (world);
  bus_client_expect (client, "Connect → " CANCELLED "*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/gatekeeper/" #name, test_##name)
  ADD (each_call_asks_for_its_action);
  ADD (listing_peers_asks_nobody);
  ADD (a_person_is_asked_only_where_the_caller_allows_it);
  ADD (denied_changes_nothing);
  ADD (a_denied_call_does_not_overtake_an_older_one);
  ADD (permissions_in_another_order_do_not_change_that_of_calls);
  ADD (after_sixty_seconds_no_answer_is_a_no);
  ADD (a_thousand_callers_who_leave_at_random_have_no_effect);
  ADD (closed_it_cancels_what_waits_and_what_comes);
  ADD (a_yes_in_the_moment_of_closing_has_no_effect);
  return g_test_run ();
}
