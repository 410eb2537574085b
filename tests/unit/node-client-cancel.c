/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Fetches that are given up, at every stage. */

#include "engine/node-client.h"

#include "fake-node.h"
#include "pending-fetch.h"

#define PORT 1080
#define NO_LIMIT_MS 60000

typedef struct
{
  FakeNode *node;
  SocksNodeClient *client;
  GCancellable *cancellable;
  guint n_changes;
} Fixture;

static void
changed_cb (SocksNodeClient *client, gpointer data)
{
  Fixture *fixture = data;

  fixture->n_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *url = NULL;

  fixture->node = fake_node_new ();
  fake_node_add_routes (fixture->node, 2, 100);
  url = fake_node_dup_url (fixture->node);
  fixture->client =
      socks_node_client_new_with_limits (url, PORT, NO_LIMIT_MS, NO_LIMIT_MS);
  fixture->cancellable = g_cancellable_new ();
  g_signal_connect (fixture->client, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->client);
  g_assert_finalize_object (fixture->cancellable);
  fake_node_free (fixture->node);
}

static PendingFetch *
start (Fixture *fixture)
{
  return pending_fetch_new (SOCKS_PEER_SOURCE (fixture->client), fixture->cancellable);
}

static void
assert_cancelled (Fixture *fixture, PendingFetch *fetch)
{
  pending_fetch_wait (fetch);
  g_assert_error (fetch->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
assert_works (Fixture *fixture, PendingFetch *fetch)
{
  pending_fetch_wait (fetch);
  g_assert_no_error (fetch->error);
  g_assert_cmpuint (fetch->peers->len, ==, 100);
}

static gboolean
is_asked_for_routes_cb (gpointer data)
{
  const Fixture *fixture = data;

  return fake_node_count_requests (fixture->node, "*/routes/selected") > 0;
}

static gboolean
is_asked_for_eight_keys_cb (gpointer data)
{
  const Fixture *fixture = data;

  return fake_node_count_requests (fixture->node, "*/pubkey/*") == 8;
}

static void
test_a_fetch_cancelled_beforehand_asks_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;

  g_cancellable_cancel (fixture->cancellable);
  fetch = start (fixture);
  assert_cancelled (fixture, fetch);
  g_assert_cmpuint (fixture->n_changes, ==, 0);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*"), ==, 0);
}

static void
test_a_fetch_cancelled_at_once_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = start (fixture);

  g_cancellable_cancel (fixture->cancellable);
  g_assert_false (fetch->is_over);
  assert_cancelled (fixture, fetch);
  g_assert_cmpuint (fixture->n_changes, ==, 0);
  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UNKNOWN);
}

static gboolean
answer_half_of_the_routes (int fd)
{
  static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[";

  fake_node_write (fd, text, sizeof text - 1);
  return fake_node_hang (fd);
}

static void
test_a_fetch_cancelled_before_the_routes_changes_nothing (Fixture *fixture,
                                                          gconstpointer data)
{
  static const FakeAnswer answers[] = { fake_node_hang, answer_half_of_the_routes };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (PendingFetch) fetch = NULL;

      g_cancellable_reset (fixture->cancellable);
      fixture->node->routes_answer = answers[i];
      fetch = start (fixture);
      wait_until (is_asked_for_routes_cb, fixture);
      g_cancellable_cancel (fixture->cancellable);
      assert_cancelled (fixture, fetch);
      g_assert_cmpuint (fixture->n_changes, ==, 0);
      g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                       SOCKS_NODE_STATE_UNKNOWN);
    }
}

static void
test_a_fetch_cancelled_among_the_keys_asks_no_more (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;
  g_autoptr (PendingFetch) next = NULL;

  fixture->node->key_answer = fake_node_hang;
  fetch = start (fixture);
  wait_until (is_asked_for_eight_keys_cb, fixture);
  g_cancellable_cancel (fixture->cancellable);
  assert_cancelled (fixture, fetch);
  g_assert_true (is_asked_for_eight_keys_cb (fixture));

  fixture->node->key_answer = NULL;
  g_cancellable_reset (fixture->cancellable);
  next = start (fixture);
  assert_works (fixture, next);
}

static void
test_the_next_fetch_need_not_wait_for_one_that_is_cancelled (Fixture *fixture,
                                                             gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (PendingFetch) fetch = NULL;
  g_autoptr (PendingFetch) next = NULL;

  fixture->node->key_answer = fake_node_hang;
  fixture->node->key_answer_number = 2;
  fetch = start (fixture);
  wait_until (is_asked_for_routes_cb, fixture);

  g_cancellable_cancel (fixture->cancellable);
  fixture->node->key_answer_number = 1;
  next = pending_fetch_new (SOCKS_PEER_SOURCE (fixture->client), cancellable);
  g_assert_false (fetch->is_over);
  assert_works (fixture, next);
  assert_cancelled (fixture, fetch);
}

/* Between any two things that happen, until there is nothing left to cancel. */
static void
test_a_fetch_can_be_cancelled_at_any_turn_of_the_loop (Fixture *fixture,
                                                       gconstpointer data)
{
  gboolean is_over = FALSE;
  guint n_turns;

  for (n_turns = 0; !is_over; n_turns++)
    {
      g_autoptr (PendingFetch) fetch = NULL;

      g_cancellable_reset (fixture->cancellable);
      fetch = start (fixture);
      for (guint i = 0; i < n_turns && !fetch->is_over; i++)
        g_main_context_iteration (NULL /* the default */, TRUE /* may block */);

      is_over = fetch->is_over;
      if (is_over)
        assert_works (fixture, fetch);
      else
        {
          g_cancellable_cancel (fixture->cancellable);
          assert_cancelled (fixture, fetch);
        }
    }
  g_assert_cmpuint (n_turns, >, 10);
}

static void
test_a_cancellable_that_outlives_the_fetch_does_nothing_to_it (Fixture *fixture,
                                                               gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = start (fixture);

  assert_works (fixture, fetch);
  g_cancellable_cancel (fixture->cancellable);
  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UP);
}

static void
test_the_end_of_the_client_ends_the_fetch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;

  fixture->node->routes_answer = fake_node_hang;
  fetch = start (fixture);
  wait_until (is_asked_for_routes_cb, fixture);
  g_object_run_dispose (G_OBJECT (fixture->client));
  assert_cancelled (fixture, fetch);
  g_assert_false (g_cancellable_is_cancelled (fixture->cancellable));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                              \
  g_test_add ("/node-client-cancel/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("a-fetch-cancelled-beforehand-asks-nothing",
       test_a_fetch_cancelled_beforehand_asks_nothing);
  ADD ("a-fetch-cancelled-at-once-changes-nothing",
       test_a_fetch_cancelled_at_once_changes_nothing);
  ADD ("a-fetch-cancelled-before-the-routes-changes-nothing",
       test_a_fetch_cancelled_before_the_routes_changes_nothing);
  ADD ("a-fetch-cancelled-among-the-keys-asks-no-more",
       test_a_fetch_cancelled_among_the_keys_asks_no_more);
  ADD ("the-next-fetch-need-not-wait-for-one-that-is-cancelled",
       test_the_next_fetch_need_not_wait_for_one_that_is_cancelled);
  ADD ("a-fetch-can-be-cancelled-at-any-turn-of-the-loop",
       test_a_fetch_can_be_cancelled_at_any_turn_of_the_loop);
  ADD ("a-cancellable-that-outlives-the-fetch-does-nothing-to-it",
       test_a_cancellable_that_outlives_the_fetch_does_nothing_to_it);
  ADD ("the-end-of-the-client-ends-the-fetch", test_the_end_of_the_client_ends_the_fetch);
#undef ADD
  return g_test_run ();
}
