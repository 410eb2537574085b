/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is learnt from a node that behaves, over real connections. */

#include "engine/node-client.h"

#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"

#include <string.h>

#define PORT 1080

/* Nothing here is about time, so that a busy machine changes nothing. */
#define NO_LIMIT_MS 60000

typedef struct
{
  FakeNode *node;
  SocksNodeClient *client;
  SocksPeerSource *source; /* the client */
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
  url = fake_node_dup_url (fixture->node);
  fixture->client =
      socks_node_client_new_with_limits (url, PORT, NO_LIMIT_MS, NO_LIMIT_MS);
  fixture->source = SOCKS_PEER_SOURCE (fixture->client);
  g_signal_connect (fixture->client, "changed", G_CALLBACK (changed_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->client);
  fake_node_free (fixture->node);
  expected_log_assert_seen ();
}

/* That @fetch brought the peers numbered from @first_number on, and no others. */
static void
assert_peers (PendingFetch *fetch, guint first_number, guint n_peers)
{
  g_autoptr (GHashTable) found =
      g_hash_table_new (socks_endpoint_hash, socks_endpoint_equal);

  g_assert_no_error (fetch->error);
  for (guint i = 0; i < fetch->peers->len; i++)
    g_hash_table_add (found, &g_array_index (fetch->peers, SocksEndpoint, i));
  g_assert_cmpuint (fetch->peers->len, ==, n_peers);

  for (guint number = first_number; number < first_number + n_peers; number++)
    {
      SocksEndpoint peer = { .port = PORT };

      fake_node_get_address (number, &peer.address);
      g_assert_true (g_hash_table_contains (found, &peer));
    }
}

static void
forget_routes (FakeNode *node)
{
  g_array_set_size (node->routes, 0);
}

static void
test_nothing_is_known_before_the_first_fetch (Fixture *fixture, gconstpointer data)
{
  struct in6_addr address;

  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UNKNOWN);
  g_assert_false (socks_node_client_get_address (fixture->client, &address));
  g_assert_cmpuint (fake_node_count_connections (fixture->node), ==, 0);
}

static void
test_the_peers_are_all_that_there_are_routes_to (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;

  fake_node_add_routes (fixture->node, 2, 20);
  fetch = fetch_from (fixture->source);
  assert_peers (fetch, 2, 20);
  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UP);
  g_assert_cmpuint (socks_node_client_get_n_dropped (fixture->client), ==, 0);
}

static void
test_a_node_without_routes_is_up_and_has_no_peers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = fetch_from (fixture->source);

  assert_peers (fetch, 2, 0);
  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UP);
}

static void
test_the_own_address_is_known_and_no_peer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;
  struct in6_addr address, expected;

  fake_node_add_routes (fixture->node, 1, 3);
  fetch = fetch_from (fixture->source);
  assert_peers (fetch, 2, 2);

  g_assert_true (socks_node_client_get_address (fixture->client, &address));
  fake_node_get_address (1, &expected);
  g_assert_cmpmem (&address, sizeof address, &expected, sizeof expected);
}

static void
test_a_change_is_signalled_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) first = fetch_from (fixture->source);
  g_autoptr (PendingFetch) same = NULL;
  g_autoptr (PendingFetch) other = NULL;
  struct in6_addr address, expected;

  g_assert_no_error (first->error);
  g_assert_cmpuint (fixture->n_changes, ==, 1);
  same = fetch_from (fixture->source);
  g_assert_cmpuint (fixture->n_changes, ==, 1);

  fixture->node->own_number = 7;
  other = fetch_from (fixture->source);
  g_assert_cmpuint (fixture->n_changes, ==, 2);
  g_assert_true (socks_node_client_get_address (fixture->client, &address));
  fake_node_get_address (7, &expected);
  g_assert_cmpmem (&address, sizeof address, &expected, sizeof expected);
}

static void
test_a_route_that_stands_twice_is_one_peer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;

  fake_node_add_routes (fixture->node, 2, 1);
  fake_node_add_routes (fixture->node, 2, 1);
  fetch = fetch_from (fixture->source);
  assert_peers (fetch, 2, 1);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 1);
}

static void
test_a_subnet_and_its_subnet_are_one_peer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;
  g_autofree char *subnet = NULL;
  g_autofree char *without_length = NULL;
  g_autofree char *text = NULL;
  struct in6_addr address;
  guint number = 2;

  /* One that is in the half of its /64 that the /65 of the same first address is. */
  fake_node_get_address (number, &address);
  while ((address.s6_addr[8] & 0x80) != 0)
    fake_node_get_address (++number, &address);
  subnet = fake_node_dup_subnet (number);
  without_length = g_strndup (subnet, strlen (subnet) - strlen ("64"));
  text = g_strdup_printf ("[{\"subnet\":\"%s64\",\"metric\":1},"
                          "{\"subnet\":\"%s65\",\"metric\":1}]",
                          without_length, without_length);

  fake_node_add_routes (fixture->node, number, 1);
  fixture->node->routes_text = text;
  fetch = fetch_from (fixture->source);
  assert_peers (fetch, number, 1);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 2);
}

static void
test_a_route_to_one_address_is_asked_for_by_that_address (Fixture *fixture,
                                                          gconstpointer data)
{
  g_autoptr (PendingFetch) fetch = NULL;

  fixture->node->routes_text = "[{\"subnet\":\"400::8/128\",\"metric\":1}]";
  fetch = fetch_from (fixture->source);
  assert_peers (fetch, 2, 0);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/400::8"), ==, 1);
}

static void
test_a_key_that_is_known_is_not_asked_for_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingFetch) first = NULL;
  g_autoptr (PendingFetch) second = NULL;

  fake_node_add_routes (fixture->node, 2, 5);
  first = fetch_from (fixture->source);
  fake_node_add_routes (fixture->node, 7, 1);
  second = fetch_from (fixture->source);
  assert_peers (second, 2, 6);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 6);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/admin"), ==, 2);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/routes/selected"), ==, 2);
}

static void
test_a_key_is_asked_for_again_when_its_route_comes_back (Fixture *fixture,
                                                         gconstpointer data)
{
  g_autoptr (PendingFetch) first = NULL;
  g_autoptr (PendingFetch) without = NULL;
  g_autoptr (PendingFetch) back = NULL;

  fake_node_add_routes (fixture->node, 2, 1);
  first = fetch_from (fixture->source);
  forget_routes (fixture->node);
  without = fetch_from (fixture->source);
  assert_peers (without, 2, 0);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 1);

  fake_node_add_routes (fixture->node, 2, 1);
  back = fetch_from (fixture->source);
  assert_peers (back, 2, 1);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 2);
}

static gboolean
answer_not_found (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 404 Not Found\r\n", "");
}

static void
test_a_route_whose_key_is_gone_is_asked_for_next_time (Fixture *fixture,
                                                       gconstpointer data)
{
  g_autoptr (PendingFetch) without = NULL;
  g_autoptr (PendingFetch) with = NULL;

  fake_node_add_routes (fixture->node, 2, 30);
  fixture->node->key_answer = answer_not_found;
  fixture->node->key_answer_number = 31;
  without = fetch_from (fixture->source);
  assert_peers (without, 2, 29);
  g_assert_cmpint (socks_node_client_get_state (fixture->client), ==,
                   SOCKS_NODE_STATE_UP);

  fixture->node->key_answer = NULL;
  with = fetch_from (fixture->source);
  assert_peers (with, 2, 30);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*/pubkey/*"), ==, 31);
}

static gboolean
answer_in_chunks (int fd)
{
  g_autofree char *key = fake_node_dup_key (2);
  g_autoptr (GString) text =
      g_string_new ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "e\r\n{\"publicKey\":\"\r\n");

  for (const char *digit = key; *digit != '\0'; digit++)
    g_string_append_printf (text, "1\r\n%c\r\n", *digit);
  g_string_append (text, "2\r\n\"}\r\n0\r\n\r\n");
  return fake_node_write (fd, text->str, text->len);
}

static gboolean
answer_until_the_end (int fd)
{
  g_autofree char *key = fake_node_dup_key (2);
  g_autofree char *text =
      g_strdup_printf ("HTTP/1.0 200 OK\r\n\r\n{\"publicKey\":\"%s\"}", key);

  fake_node_write (fd, text, strlen (text));
  return FALSE;
}

/* Nobody asked for a coding, so the body is taken for what it is. */
static gboolean
answer_with_a_false_coding (int fd)
{
  g_autofree char *key = fake_node_dup_key (2);
  g_autofree char *body = g_strdup_printf ("{\"publicKey\":\"%s\"}", key);

  return fake_node_answer (
      fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: image/png\r\n",
      body);
}

static void
test_a_body_is_read_however_it_is_sent (Fixture *fixture, gconstpointer data)
{
  static const FakeAnswer answers[] = { answer_in_chunks, answer_until_the_end,
                                        answer_with_a_false_coding };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (PendingFetch) with = NULL;
      g_autoptr (PendingFetch) without = NULL;

      fake_node_add_routes (fixture->node, 2, 1);
      fixture->node->key_answer = answers[i];
      with = fetch_from (fixture->source);
      assert_peers (with, 2, 1);

      forget_routes (fixture->node);
      without = fetch_from (fixture->source);
    }
}

static void
test_entries_that_are_wrong_are_counted_and_told_once (Fixture *fixture,
                                                       gconstpointer data)
{
  g_autofree char *subnet = fake_node_dup_subnet (2);
  g_autofree char *text =
      g_strdup_printf ("[{\"subnet\":\"%s\",\"metric\":1},{\"subnet\":1},13]", subnet);

  fake_node_add_routes (fixture->node, 2, 1);
  fixture->node->routes_text = text;
  expected_log_push (G_LOG_LEVEL_MESSAGE, "*tells 2 routes that are not as its API*");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (PendingFetch) fetch = fetch_from (fixture->source);

      assert_peers (fetch, 2, 1);
      g_assert_cmpuint (socks_node_client_get_n_dropped (fixture->client), ==, 2);
      expected_log_assert_seen ();
    }
}

static void
test_ten_thousand_peers_are_found_over_eight_connections (Fixture *fixture,
                                                          gconstpointer data)
{
  g_autoptr (PendingFetch) first = NULL;
  g_autoptr (PendingFetch) second = NULL;

  fake_node_add_routes (fixture->node, 2, 10000);
  first = fetch_from (fixture->source);
  assert_peers (first, 2, 10000);
  g_assert_cmpuint (fake_node_count_connections (fixture->node), <=, 8);

  second = fetch_from (fixture->source);
  assert_peers (second, 2, 10000);
  g_assert_cmpuint (fake_node_count_requests (fixture->node, "*"), ==, 10004);
}

static void
test_a_slash_at_the_end_of_the_url_does_not_matter (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autofree char *url = fake_node_dup_url (node);
  g_autofree char *with_slash = g_strconcat (url, "/", NULL);
  g_autoptr (SocksNodeClient) client = socks_node_client_new (with_slash, PORT);
  g_autoptr (PendingFetch) fetch = fetch_from (SOCKS_PEER_SOURCE (client));

  g_assert_no_error (fetch->error);
  g_assert_cmpstr (socks_node_client_get_url (client), ==, url);
  g_assert_cmpuint (fake_node_count_requests (node, "/api/v1/admin"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
#define ADD(path, function)                                                              \
  g_test_add ("/node-client/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("nothing-is-known-before-the-first-fetch",
       test_nothing_is_known_before_the_first_fetch);
  ADD ("the-peers-are-all-that-there-are-routes-to",
       test_the_peers_are_all_that_there_are_routes_to);
  ADD ("a-node-without-routes-is-up-and-has-no-peers",
       test_a_node_without_routes_is_up_and_has_no_peers);
  ADD ("the-own-address-is-known-and-no-peer", test_the_own_address_is_known_and_no_peer);
  ADD ("a-change-is-signalled-once", test_a_change_is_signalled_once);
  ADD ("a-route-that-stands-twice-is-one-peer",
       test_a_route_that_stands_twice_is_one_peer);
  ADD ("a-subnet-and-its-subnet-are-one-peer", test_a_subnet_and_its_subnet_are_one_peer);
  ADD ("a-route-to-one-address-is-asked-for-by-that-address",
       test_a_route_to_one_address_is_asked_for_by_that_address);
  ADD ("a-key-that-is-known-is-not-asked-for-again",
       test_a_key_that_is_known_is_not_asked_for_again);
  ADD ("a-key-is-asked-for-again-when-its-route-comes-back",
       test_a_key_is_asked_for_again_when_its_route_comes_back);
  ADD ("a-route-whose-key-is-gone-is-asked-for-next-time",
       test_a_route_whose_key_is_gone_is_asked_for_next_time);
  ADD ("a-body-is-read-however-it-is-sent", test_a_body_is_read_however_it_is_sent);
  ADD ("entries-that-are-wrong-are-counted-and-told-once",
       test_entries_that_are_wrong_are_counted_and_told_once);
  ADD ("ten-thousand-peers-are-found-over-eight-connections",
       test_ten_thousand_peers_are_found_over_eight_connections);
#undef ADD
  g_test_add_func ("/node-client/a-slash-at-the-end-of-the-url-does-not-matter",
                   test_a_slash_at_the_end_of_the_url_does_not_matter);
  return g_test_run ();
}
