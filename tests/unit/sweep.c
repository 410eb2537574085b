/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass asks every peer once, as many at a time as it may, and ends when told. */

#include "expected-log.h"
#include "sweep-world.h"

/* “[400::1]:1080 [400::2]:1080 …” */
static char *
dup_peers (guint n)
{
  g_autoptr (GString) peers = g_string_new (NULL);

  for (guint i = 1; i <= n; i++)
    g_string_append_printf (peers, "%s[400::%x]:1080", i > 1 ? " " : "", i);
  return g_string_free (g_steal_pointer (&peers), FALSE);
}

static void
name_many (FakeSource *source, guint n)
{
  g_autofree char *peers = dup_peers (n);

  fake_source_name (source, peers);
}

static void
test_every_peer_is_greeted_once (SweepWorld *world, gconstpointer data)
{
  const GArray *questions = fake_prober_get_questions (world->prober);
  g_autoptr (GHashTable) asked =
      g_hash_table_new (socks_endpoint_hash, socks_endpoint_equal);

  name_many (world->node, 500);
  sweep_whole (world);
  g_assert_cmpuint (questions->len, ==, 500);
  for (guint i = 0; i < questions->len; i++)
    {
      FakeQuestion *question = &g_array_index (questions, FakeQuestion, i);

      g_assert_cmpint (question->kind, ==, SOCKS_PROBE_GREETING);
      g_assert_true (g_hash_table_add (asked, &question->endpoint));
    }
  assert_progress (world, 500, 500);
}

static void
test_each_answer_is_recorded (SweepWorld *world, gconstpointer data)
{
  gint64 now_us;

  fake_source_name (world->node, ONE " " TWO " " THREE);
  fake_prober_answer (world->prober, ONE, SOCKS_STATUS_VALID, 4321);
  fake_prober_answer (world->prober, TWO, SOCKS_STATUS_AUTHENTICATION_REQUIRED, 5);
  sweep_whole (world);
  assert_status (world, ONE, SOCKS_STATUS_VALID);
  assert_status (world, TWO, SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  assert_status (world, THREE, SOCKS_STATUS_NOT_LISTENING);
  g_assert_cmpuint (look_up (world, ONE)->verdict.latency_us, ==, 4321);
  now_us = socks_clock_get_wall_us (SOCKS_CLOCK (world->clock));
  g_assert_cmpint (look_up (world, ONE)->last_probed_us, ==, now_us);
  g_assert_cmpuint (world->changes, ==,
                    SOCKS_PEER_CHANGE_ANY | SOCKS_PEER_CHANGE_COUNTS |
                        SOCKS_PEER_CHANGE_PROXIES | SOCKS_PEER_CHANGE_NEW_VALID);
}

static void
test_a_sweep_over_nobody_is_done (SweepWorld *world, gconstpointer data)
{
  sweep_whole (world);
  assert_progress (world, 0, 0);
  g_assert_cmpuint (world->changes, ==, 0);
}

static void
test_no_more_than_allowed_are_in_flight (SweepWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  name_many (world->node, 300);
  start_sweep (world, 70);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 70);
  answer (world, NULL, SOCKS_STATUS_VALID);
  g_assert_cmpuint (world->n_done, ==, 1);
  g_assert_cmpuint (fake_prober_count_asked (world->prober, NULL), ==, 300);
  g_assert_cmpuint (fake_prober_get_most_in_flight (world->prober), ==, 70);
}

static void
test_whoever_answers_makes_room_for_the_next (SweepWorld *world, gconstpointer data)
{
  fake_prober_hold (world->prober, NULL);
  name_many (world->node, 3);
  start_sweep (world, 1);
  for (guint n_done = 0; n_done < 3; n_done++)
    {
      const GArray *questions = fake_prober_get_questions (world->prober);
      g_autofree char *peer = NULL;

      g_assert_cmpuint (questions->len, ==, n_done + 1);
      assert_progress (world, n_done, 3);
      peer = socks_endpoint_format (
          &g_array_index (questions, FakeQuestion, n_done).endpoint);
      answer (world, peer, SOCKS_STATUS_VALID);
    }
  g_assert_cmpuint (world->n_done, ==, 1);
}

/* That two shuffles of 200 are alike is not to be feared: there are 200! of them. */
static void
test_the_order_is_another_each_time (SweepWorld *world, gconstpointer data)
{
  const GArray *questions = fake_prober_get_questions (world->prober);
  g_autoptr (GString) first = g_string_new (NULL);
  g_autoptr (GString) second = g_string_new (NULL);
  g_autofree char *given = dup_peers (200);

  fake_source_name (world->node, given);
  for (guint i = 0; i < 2; i++)
    {
      sweep_whole (world);
      for (guint j = 0; j < questions->len; j++)
        {
          char text[SOCKS_ENDPOINT_TEXT_BYTES];

          g_string_append_printf (
              i == 0 ? first : second, "%s%s", j > 0 ? " " : "",
              socks_endpoint_write (&g_array_index (questions, FakeQuestion, j).endpoint,
                                    text));
        }
    }
  g_assert_cmpuint (first->len, ==, second->len);
  g_assert_cmpstr (first->str, !=, given);
  g_assert_cmpstr (second->str, !=, given);
  g_assert_cmpstr (first->str, !=, second->str);
}

static void
test_a_want_of_this_machine_changes_no_verdict (SweepWorld *world, gconstpointer data)
{
  gint64 last_probed_us;

  fake_source_name (world->node, ONE " " TWO " " THREE);
  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  sweep_whole (world);
  last_probed_us = look_up (world, ONE)->last_probed_us;

  fake_clock_advance (world->clock, G_USEC_PER_SEC);
  fake_prober_fail (world->prober, ONE);
  fake_prober_fail (world->prober, TWO);
  for (guint i = 0; i < 2; i++)
    {
      expected_log_push (G_LOG_LEVEL_WARNING, "2 of 3 peers could not be probed*");
      sweep_whole (world);
      expected_log_assert_seen ();
      assert_status (world, ONE, SOCKS_STATUS_VALID);
      g_assert_cmpint (look_up (world, ONE)->last_probed_us, ==, last_probed_us);
      g_assert_cmpint (look_up (world, THREE)->last_probed_us, >, last_probed_us);
      assert_progress (world, 3, 3);
    }
}

static void
test_a_cancelled_sweep_says_and_changes_nothing (SweepWorld *world, gconstpointer data)
{
  guint n_signals;

  fake_prober_hold (world->prober, NULL);
  fake_source_name (world->node, ONE " " TWO);
  fake_source_hold (world->list);
  start_sweep (world, 16);
  n_signals = world->n_signals;

  /* One answer of each is on its way when it is cancelled. */
  fake_prober_answer (world->prober, ONE, SOCKS_STATUS_VALID, 1);
  fake_source_name (world->list, THREE);
  socks_sweep_cancel (world->sweep);
  g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
  settle_main_loop ();
  g_assert_cmpuint (world->n_signals, ==, n_signals);
  assert_progress (world, 0, 2);
  assert_status (world, ONE, SOCKS_STATUS_UNPROBED);
  g_assert_null (look_up (world, THREE));
}

/* Whatever is emitted, whoever hears it may cancel the sweep, and that is the last that
 * is heard of it. */
static void
test_any_signal_may_be_answered_by_cancelling (SweepWorld *world, gconstpointer data)
{
  guint n_signals;

  fake_prober_answer (world->prober, NULL, SOCKS_STATUS_VALID, 1);
  fake_source_name (world->node, ONE " " TWO " " THREE);
  fake_source_name (world->list, "192.0.2.7:1080");
  sweep_whole (world);
  n_signals = world->n_signals;
  g_assert_cmpuint (n_signals, >, 8);

  for (guint i = 1; i <= n_signals; i++)
    {
      /* As at first, for the same signals to come again. */
      socks_peer_table_free (world->table);
      world->table = socks_peer_table_new ();
      world->cancel_at_signal = i;
      start_sweep (world, 2);
      g_assert_cmpuint (world->n_signals, ==, i);
      g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
    }
}

#define ADD(name, function) \
  g_test_add ("/sweep/" name, SweepWorld, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();

  ADD ("every-peer-is-greeted-once", test_every_peer_is_greeted_once);
  ADD ("each-answer-is-recorded", test_each_answer_is_recorded);
  ADD ("a-sweep-over-nobody-is-done", test_a_sweep_over_nobody_is_done);
  ADD ("no-more-than-allowed-are-in-flight", test_no_more_than_allowed_are_in_flight);
  ADD ("whoever-answers-makes-room-for-the-next",
       test_whoever_answers_makes_room_for_the_next);
  ADD ("the-order-is-another-each-time", test_the_order_is_another_each_time);
  ADD ("a-want-of-this-machine-changes-no-verdict",
       test_a_want_of_this_machine_changes_no_verdict);
  ADD ("a-cancelled-sweep-says-and-changes-nothing",
       test_a_cancelled_sweep_says_and_changes_nothing);
  ADD ("any-signal-may-be-answered-by-cancelling",
       test_any_signal_may_be_answered_by_cancelling);
  return g_test_run ();
}
