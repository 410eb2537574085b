/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How many calls may wait for permission, of one caller, of one user, and in all. */

#include "bus-world.h"

#define DENIED "org.freedesktop.DBus.Error.AccessDenied: "
#define TOO_MANY "org.freedesktop.DBus.Error.LimitsExceeded: "
#define CANCELLED "org.mycelium.Socks.Error.Cancelled: "

#define ROOT 0
#define PER_CALLER 4

/* A caller of that user. */
static BusClient *
add_caller (BusWorld *world, guint32 user)
{
  fake_authority_set_user (world->authority, user);
  return bus_world_add_client (world);
}

/* Calls, as often as a caller may; each has a place and waits. */
static void
call_and_wait (BusWorld *world, BusClient *caller)
{
  guint n_hanging = fake_authority_count_hanging (world->authority);

  for (guint i = 0; i < PER_CALLER; i++)
    bus_client_call (caller, "StopProbing", NULL);
  bus_world_wait_for_hanging (world, n_hanging + PER_CALLER);
}

static void
expect_no_place (BusClient *caller)
{
  bus_client_call (caller, "StopProbing", NULL);
  bus_client_expect (caller, "StopProbing → " TOO_MANY "*");
}

/* Calls, and is denied, but not for want of a place. */
static void
expect_place (BusWorld *world, BusClient *caller)
{
  guint n_hanging = fake_authority_count_hanging (world->authority);

  bus_client_call (caller, "StopProbing", NULL);
  bus_world_wait_for_hanging (world, n_hanging + 1);
  fake_authority_answer (world->authority, n_hanging, FALSE);
  bus_client_expect (caller, "StopProbing → " DENIED "*");
}

/* Answers all that wait, of @callers, which it frees. */
static void
end (BusWorld *world, BusClient **callers, guint n_callers)
{
  while (fake_authority_count_hanging (world->authority) > 0)
    fake_authority_answer (world->authority, 0, FALSE);
  for (guint i = 0; i < n_callers; i++)
    {
      for (guint j = 0; j < PER_CALLER; j++)
        bus_client_expect (callers[i], "StopProbing → " DENIED "*");
      bus_client_free (callers[i]);
    }
}

static void
test_a_fifth_of_one_caller_is_too_many (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) other = bus_world_add_client (world);
  BusClient *caller = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  call_and_wait (world, caller);
  expect_no_place (caller);

  /* Others are not in his way. */
  expect_place (world, other);

  /* One answered, one more may wait. */
  fake_authority_answer (world->authority, 0, FALSE);
  bus_client_expect (caller, "StopProbing → " DENIED "*");
  bus_client_call (caller, "StopProbing", NULL);
  bus_world_wait_for_hanging (world, PER_CALLER);
  expect_no_place (caller);
  end (world, &caller, 1);
}

static void
test_a_fifth_is_too_many_before_it_is_known_whose_they_are (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  BusClient *caller = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  fake_authority_set_knows_callers (world->authority, FALSE);
  for (guint i = 0; i < PER_CALLER; i++)
    bus_client_call (caller, "StopProbing", NULL);
  expect_no_place (caller);
  g_assert_cmpuint (fake_authority_count_strangers (world->authority), ==, PER_CALLER);
  bus_world_expect_question (world, NULL);

  fake_authority_set_knows_callers (world->authority, TRUE);
  bus_world_wait_for_hanging (world, PER_CALLER);
  expect_no_place (caller);
  end (world, &caller, 1);
}

static void
test_a_ninth_of_one_user_is_too_many_from_whatever_caller (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) third = NULL;
  g_autoptr (BusClient) other = NULL;
  g_autoptr (BusClient) root = NULL;
  BusClient *callers[2];

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  for (guint i = 0; i < G_N_ELEMENTS (callers); i++)
    {
      callers[i] = add_caller (world, 1000);
      call_and_wait (world, callers[i]);
    }
  third = add_caller (world, 1000);
  expect_no_place (third);

  /* Other users are not in his way. */
  other = add_caller (world, 1001);
  expect_place (world, other);
  root = add_caller (world, ROOT);
  expect_place (world, root);

  /* One answered, one more may wait, whoever of his asks. */
  fake_authority_set_user (world->authority, 1000);
  fake_authority_answer (world->authority, 0, FALSE);
  bus_client_expect (callers[0], "StopProbing → " DENIED "*");
  expect_place (world, third);
  bus_client_call (callers[0], "StopProbing", NULL);
  bus_world_wait_for_hanging (world, 2 * PER_CALLER);
  expect_no_place (third);
  end (world, callers, G_N_ELEMENTS (callers));
}

static void
test_of_thirty_two_in_all_eight_are_kept_for_root (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) late = NULL;
  g_autoptr (BusClient) late_root = NULL;
  BusClient *callers[8];
  const guint32 users[] = { 1000, 1000, 1001, 1001, 1002, 1002, ROOT, ROOT };

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  for (guint i = 0; i < G_N_ELEMENTS (callers); i++)
    {
      if (users[i] == ROOT && late == NULL)
        {
          late = add_caller (world, 1003);
          expect_no_place (late);
        }
      callers[i] = add_caller (world, users[i]);
      call_and_wait (world, callers[i]);
    }
  late_root = add_caller (world, ROOT);
  expect_no_place (late_root);

  /* Who leaves makes room, but not before the authority is done with what he asked. */
  bus_client_leave (callers[7]);
  bus_client_free (callers[7]);
  expect_no_place (late_root);
  for (guint i = 0; i < PER_CALLER; i++)
    fake_authority_answer (world->authority, 7 * PER_CALLER, FALSE);
  settle_main_loop ();
  expect_place (world, late_root);
  end (world, callers, 7);

  /* And none is taken any more: root alone may have all. */
  for (guint i = 0; i < G_N_ELEMENTS (callers); i++)
    {
      callers[i] = add_caller (world, ROOT);
      call_and_wait (world, callers[i]);
    }
  expect_no_place (late_root);
  end (world, callers, G_N_ELEMENTS (callers));
}

/* What must be the same whether or not it is known yet whose the caller is. */

static void
test_who_leaves_before_he_is_known_has_no_effect (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) witness = bus_world_add_client (world);

  for (guint i = 0; i < 10; i++)
    {
      BusClient *caller = bus_world_add_client (world);

      fake_authority_set_user (world->authority, i % 2 ? 1000 : FAKE_AUTHORITY_NOBODY);
      fake_authority_set_knows_callers (world->authority, FALSE);
      for (guint j = 0; j < PER_CALLER; j++)
        bus_client_call (caller, "StartProbing", NULL);
      RUN_UNTIL (fake_authority_count_strangers (world->authority) == PER_CALLER);
      bus_client_leave (caller);
      bus_client_free (caller);
      fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
      fake_authority_set_knows_callers (world->authority, TRUE);
      bus_world_wait_for_hanging (world, i % 2 ? PER_CALLER : 0);
      bus_client_expect_property (witness, "Probing", "false");
      while (fake_authority_count_hanging (world->authority) > 0)
        fake_authority_answer (world->authority, 0, TRUE);
    }
  settle_main_loop ();
  bus_client_expect_property (witness, "Probing", "false");
  g_assert_cmpuint (fake_clock_count_timers (world->engine->clock), ==, 0);
}

static void
test_whom_the_bus_does_not_know_is_denied (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) caller = add_caller (world, FAKE_AUTHORITY_NOBODY);

  bus_client_call (caller, "StopProbing", NULL);
  bus_client_expect (caller, "StopProbing → " DENIED "Unknown to the test");
  bus_world_expect_question (world, NULL);
}

static void
test_the_sixty_seconds_begin_before_the_caller_is_known (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) caller = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_HANGS);
  fake_authority_set_knows_callers (world->authority, FALSE);
  bus_client_call (caller, "StopProbing", NULL);
  bus_client_call (caller, "ProbeNow", NULL);
  RUN_UNTIL (fake_authority_count_strangers (world->authority) == 2);
  bus_world_pass (world, 59);
  fake_authority_set_knows_callers (world->authority, TRUE);
  bus_world_wait_for_hanging (world, 2);
  bus_client_expect_nothing (caller);
  bus_world_pass (world, 1);
  bus_client_expect (caller, "StopProbing → " DENIED "Nobody answered within 60 s *");
  bus_client_expect (caller, "ProbeNow → " DENIED "Nobody answered within 60 s *");

  fake_authority_set_knows_callers (world->authority, FALSE);
  bus_client_call (caller, "StopProbing", NULL);
  RUN_UNTIL (fake_authority_count_strangers (world->authority) == 1);
  bus_world_pass (world, 60);
  bus_client_expect (caller, "StopProbing → " DENIED "Nobody answered within 60 s *");
  g_assert_cmpuint (fake_clock_count_timers (world->engine->clock), ==, 0);
}

static void
test_closing_cancels_the_calls_of_who_is_not_known_yet (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) caller = bus_world_add_client (world);

  fake_authority_set_knows_callers (world->authority, FALSE);
  bus_client_call (caller, "StopProbing", NULL);
  RUN_UNTIL (fake_authority_count_strangers (world->authority) == 1);
  bus_world_close (world);
  bus_client_expect (caller, "StopProbing → " CANCELLED "*");
  bus_world_expect_question (world, NULL);
}

static void
test_who_becomes_known_in_the_moment_of_closing_is_not_asked_for (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) caller = bus_world_add_client (world);

  fake_authority_set_knows_callers (world->authority, FALSE);
  bus_client_call (caller, "StopProbing", NULL);
  RUN_UNTIL (fake_authority_count_strangers (world->authority) == 1);
  fake_authority_set_knows_callers (world->authority, TRUE);
  bus_world_close (world);
  bus_client_expect (caller, "StopProbing → " CANCELLED "*");
  bus_world_expect_question (world, NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/places/" #name, test_##name)
  ADD (a_fifth_of_one_caller_is_too_many);
  ADD (a_fifth_is_too_many_before_it_is_known_whose_they_are);
  ADD (a_ninth_of_one_user_is_too_many_from_whatever_caller);
  ADD (of_thirty_two_in_all_eight_are_kept_for_root);
  ADD (who_leaves_before_he_is_known_has_no_effect);
  ADD (whom_the_bus_does_not_know_is_denied);
  ADD (the_sixty_seconds_begin_before_the_caller_is_known);
  ADD (closing_cancels_the_calls_of_who_is_not_known_yet);
  ADD (who_becomes_known_in_the_moment_of_closing_is_not_asked_for);
  return g_test_run ();
}
