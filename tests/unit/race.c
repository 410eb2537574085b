/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The first proxy without a login wins, once, and nobody runs on behind its back. */

#include "engine/race.h"

#include "core/error.h"
#include "fake-clock.h"
#include "fake-prober.h"

typedef struct
{
  FakeClock *clock;          /* (owned) */
  FakeProber *prober;        /* (owned) */
  GCancellable *cancellable; /* (owned) */

  /* The result of the race. */
  gboolean is_over;
  SocksEndpoint winner; /* 0: none */
  GError *error;        /* (owned) (nullable) */
} Fixture;

/* Nobody answers until told. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = fake_clock_new ();
  fixture->prober = fake_prober_new ();
  fixture->cancellable = g_cancellable_new ();
  fake_prober_hold (fixture->prober, NULL);
}

/* Whatever a race was, its end leaves nothing behind. */
static void
tear_down (Fixture *fixture, gconstpointer data)
{
  settle_main_loop ();
  g_assert_true (fixture->is_over);
  g_assert_cmpuint (fake_clock_count_timers (fixture->clock), ==, 0);
  g_assert_cmpuint (fake_prober_count_in_flight (fixture->prober, NULL), ==, 0);
  g_clear_error (&fixture->error);
  g_assert_finalize_object (fixture->cancellable);
  g_assert_finalize_object (fixture->prober);
  g_assert_finalize_object (fixture->clock);
}

static void
over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;
  gboolean has_winner;

  g_assert_false (fixture->is_over);
  fixture->is_over = TRUE;
  has_winner = socks_race_finish (result, &fixture->winner, &fixture->error);
  g_assert_true (has_winner == (fixture->error == NULL));
}

/* Starts a race between @candidates, with a space between two. */
static void
start_race (Fixture *fixture, const char *candidates)
{
  g_auto (GStrv) texts = g_strsplit (candidates, " ", -1);
  g_autoptr (GArray) endpoints = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));

  for (guint i = 0; texts[i] != NULL; i++)
    {
      SocksEndpoint endpoint = endpoint_of (texts[i]);

      g_array_append_val (endpoints, endpoint);
    }
  socks_race_async (SOCKS_PROBER (fixture->prober), SOCKS_CLOCK (fixture->clock),
                    (SocksEndpoint *) endpoints->data, endpoints->len,
                    fixture->cancellable, over_cb, fixture);
  g_assert_false (fixture->is_over);
  settle_main_loop ();
}

static void
answer (Fixture *fixture, const char *peer, SocksStatus status)
{
  fake_prober_answer (fixture->prober, peer, status, 1000);
  settle_main_loop ();
}

static void
assert_won_by (Fixture *fixture, const char *peer)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];

  g_assert_true (fixture->is_over);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (socks_endpoint_write (&fixture->winner, text), ==, peer);
}

static void
assert_lost (Fixture *fixture)
{
  static const SocksEndpoint untouched = { 0 };

  g_assert_true (fixture->is_over);
  g_assert_error (fixture->error, SOCKS_ERROR, SOCKS_ERROR_NO_VALID_PROXY);
  g_assert_cmpmem (&fixture->winner, sizeof untouched, &untouched, sizeof untouched);
}

static void
test_the_first_correct_answer_wins (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080 [400::3]:1080");
  g_assert_cmpuint (fake_prober_count_in_flight (fixture->prober, NULL), ==, 3);
  answer (fixture, "[400::2]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::2]:1080");
}

static void
test_everybody_is_asked_for_the_greeting_at_once (Fixture *fixture, gconstpointer data)
{
  const GArray *questions = fake_prober_get_questions (fixture->prober);

  start_race (fixture, "[400::1]:1080 192.0.2.7:9050");
  g_assert_cmpuint (questions->len, ==, 2);
  for (guint i = 0; i < questions->len; i++)
    g_assert_cmpint (g_array_index (questions, FakeQuestion, i).kind, ==,
                     SOCKS_PROBE_GREETING);
  answer (fixture, "192.0.2.7:9050", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "192.0.2.7:9050");
}

static void
test_the_losers_are_let_go (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080 [400::3]:1080");
  answer (fixture, "[400::3]:1080", SOCKS_STATUS_VALID);
  g_assert_cmpuint (fake_prober_count_in_flight (fixture->prober, NULL), ==, 0);
  g_assert_cmpuint (fake_clock_count_timers (fixture->clock), ==, 0);
}

static void
test_only_a_proxy_without_a_login_wins (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080 [400::3]:1080 [400::4]:1080");
  answer (fixture, "[400::1]:1080", SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  answer (fixture, "[400::2]:1080", SOCKS_STATUS_NOT_A_PROXY);
  answer (fixture, "[400::3]:1080", SOCKS_STATUS_NOT_LISTENING);
  g_assert_false (fixture->is_over);
  answer (fixture, "[400::4]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::4]:1080");
}

static void
test_without_a_proxy_it_ends_with_the_last_answer (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  answer (fixture, "[400::1]:1080", SOCKS_STATUS_NOT_LISTENING);
  g_assert_false (fixture->is_over);
  answer (fixture, "[400::2]:1080", SOCKS_STATUS_AUTHENTICATION_REQUIRED);
  assert_lost (fixture);
}

static void
test_of_two_answers_in_one_turn_one_wins (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  fake_prober_answer (fixture->prober, "[400::2]:1080", SOCKS_STATUS_VALID, 1);
  fake_prober_answer (fixture->prober, "[400::1]:1080", SOCKS_STATUS_VALID, 1);
  settle_main_loop ();
  assert_won_by (fixture, "[400::2]:1080");
}

static void
test_at_most_64_run_the_first_ones (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) candidates = g_string_new ("[400::1]:1080");

  for (guint i = 2; i <= 100; i++)
    g_string_append_printf (candidates, " [400::%x]:1080", i);
  start_race (fixture, candidates->str);
  g_assert_cmpuint (fake_prober_count_asked (fixture->prober, NULL), ==, 64);
  g_assert_cmpuint (fake_prober_count_asked (fixture->prober, "[400::40]:1080"), ==, 1);
  g_assert_cmpuint (fake_prober_count_asked (fixture->prober, "[400::41]:1080"), ==, 0);

  answer (fixture, "[400::41]:1080", SOCKS_STATUS_VALID);
  g_assert_false (fixture->is_over);
  answer (fixture, "[400::40]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::40]:1080");
}

static void
test_it_takes_5_seconds_at_most (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  fake_clock_advance (fixture->clock, 5 * G_USEC_PER_SEC - 1);
  g_assert_false (fixture->is_over);
  fake_clock_advance (fixture->clock, 1);
  assert_lost (fixture);
  g_assert_cmpuint (fake_prober_count_in_flight (fixture->prober, NULL), ==, 0);
}

static void
test_an_answer_in_the_last_moment_counts (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080");
  fake_clock_advance (fixture->clock, 5 * G_USEC_PER_SEC - 1);
  answer (fixture, "[400::1]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::1]:1080");
}

static void
test_nobody_wins_a_race_without_runners (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "");
  assert_lost (fixture);
  g_assert_cmpuint (fake_prober_count_asked (fixture->prober, NULL), ==, 0);
}

static void
test_a_cancelled_race_has_no_winner (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  g_cancellable_cancel (fixture->cancellable);
  settle_main_loop ();
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fake_prober_count_in_flight (fixture->prober, NULL), ==, 0);
}

static void
test_cancelling_beats_an_answer_of_the_same_turn (Fixture *fixture, gconstpointer data)
{
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  fake_prober_answer (fixture->prober, "[400::1]:1080", SOCKS_STATUS_VALID, 1);
  g_cancellable_cancel (fixture->cancellable);
  settle_main_loop ();
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_a_race_cancelled_before_it_starts_asks_nobody (Fixture *fixture, gconstpointer data)
{
  g_cancellable_cancel (fixture->cancellable);
  start_race (fixture, "[400::1]:1080");
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (fake_prober_count_asked (fixture->prober, NULL), ==, 0);
}

static void
test_it_can_do_without_a_cancellable (Fixture *fixture, gconstpointer data)
{
  SocksEndpoint candidate = endpoint_of ("[400::1]:1080");

  socks_race_async (SOCKS_PROBER (fixture->prober), SOCKS_CLOCK (fixture->clock),
                    &candidate, 1, NULL /* cancellable */, over_cb, fixture);
  answer (fixture, "[400::1]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::1]:1080");
}

static void
test_who_could_not_be_asked_is_out (Fixture *fixture, gconstpointer data)
{
  fake_prober_fail (fixture->prober, "[400::1]:1080");
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  g_assert_false (fixture->is_over);
  answer (fixture, "[400::2]:1080", SOCKS_STATUS_VALID);
  assert_won_by (fixture, "[400::2]:1080");
}

static void
test_if_none_could_be_asked_none_wins (Fixture *fixture, gconstpointer data)
{
  fake_prober_fail (fixture->prober, NULL);
  start_race (fixture, "[400::1]:1080 [400::2]:1080");
  assert_lost (fixture);
}

#define ADD(name, function) \
  g_test_add ("/race/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("the-first-correct-answer-wins", test_the_first_correct_answer_wins);
  ADD ("everybody-is-asked-for-the-greeting-at-once",
       test_everybody_is_asked_for_the_greeting_at_once);
  ADD ("the-losers-are-let-go", test_the_losers_are_let_go);
  ADD ("only-a-proxy-without-a-login-wins", test_only_a_proxy_without_a_login_wins);
  ADD ("without-a-proxy-it-ends-with-the-last-answer",
       test_without_a_proxy_it_ends_with_the_last_answer);
  ADD ("of-two-answers-in-one-turn-one-wins", test_of_two_answers_in_one_turn_one_wins);
  ADD ("at-most-64-run-the-first-ones", test_at_most_64_run_the_first_ones);
  ADD ("it-takes-5-seconds-at-most", test_it_takes_5_seconds_at_most);
  ADD ("an-answer-in-the-last-moment-counts", test_an_answer_in_the_last_moment_counts);
  ADD ("nobody-wins-a-race-without-runners", test_nobody_wins_a_race_without_runners);
  ADD ("a-cancelled-race-has-no-winner", test_a_cancelled_race_has_no_winner);
  ADD ("cancelling-beats-an-answer-of-the-same-turn",
       test_cancelling_beats_an_answer_of_the_same_turn);
  ADD ("a-race-cancelled-before-it-starts-asks-nobody",
       test_a_race_cancelled_before_it_starts_asks_nobody);
  ADD ("it-can-do-without-a-cancellable", test_it_can_do_without_a_cancellable);
  ADD ("who-could-not-be-asked-is-out", test_who_could_not_be_asked_is_out);
  ADD ("if-none-could-be-asked-none-wins", test_if_none_could_be_asked_none_wins);
  return g_test_run ();
}
