/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A node that is absent, comes and goes, stalls or lies. */

#include "engine/node-client.h"

#include "core/error.h"
#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 1080
#define NO_LIMIT_MS 60000

/* For answers that never end; long enough for those beside them, on a busy machine. */
#define SHORT_LIMIT_MS 1000

static SocksNodeClient *
client_of (FakeNode *node, guint request_timeout_ms)
{
  g_autofree char *url = fake_node_dup_url (node);

  return socks_node_client_new_with_limits (url, PORT, NO_LIMIT_MS, request_timeout_ms);
}

static PendingFetch *
fetch_with (SocksNodeClient *client)
{
  return fetch_from (SOCKS_PEER_SOURCE (client));
}

static void
assert_state (SocksNodeClient *client, SocksNodeState state)
{
  g_assert_cmpint (socks_node_client_get_state (client), ==, state);
}

static void
assert_n_peers (PendingFetch *fetch, guint n_peers)
{
  g_assert_no_error (fetch->error);
  g_assert_cmpuint (fetch->peers->len, ==, n_peers);
}

static guint
count_keys (FakeNode *node)
{
  return fake_node_count_requests (node, "*/pubkey/*");
}

static void
count_cb (SocksNodeClient *client, gpointer data)
{
  guint *n_calls = data;

  *n_calls += 1;
}

static gboolean
answer_500 (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 500 Internal Server Error\r\n", "");
}

static gboolean
answer_empty_object (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 200 OK\r\n", "{}");
}

static gboolean
answer_nothing (int fd)
{
  return FALSE;
}

static gboolean
answer_5_kilobytes (int fd)
{
  g_autofree char *body = g_strnfill (5 * 1024, ' ');

  return fake_node_answer (fd, "HTTP/1.1 200 OK\r\n", body);
}

static gboolean
answer_redirect (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 302 Found\r\nLocation: /api/v1/admin\r\n", "");
}

static gboolean
answer_key_of_another (int fd)
{
  g_autofree char *key = fake_node_dup_key (4711);
  g_autofree char *body = g_strdup_printf ("{\"publicKey\":\"%s\"}", key);

  return fake_node_answer (fd, "HTTP/1.1 200 OK\r\n", body);
}

static gboolean
answer_slowly (int fd)
{
  struct pollfd end = { .fd = fd, .events = POLLRDHUP };

  poll (&end, 1, 40 /* milliseconds */);
  return answer_500 (fd);
}

static void
test_an_absent_node_is_told_once_and_so_is_its_return (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autoptr (PendingFetch) up = NULL;
  guint n_changes = 0;

  g_signal_connect (client, "changed", G_CALLBACK (count_cb), &n_changes);
  node->routes_answer = answer_500;
  expected_log_push (G_LOG_LEVEL_WARNING, "The Mycelium node at http://127.0.0.1:*(*)*");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (PendingFetch) down = fetch_with (client);

      g_assert_error (down->error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      assert_state (client, SOCKS_NODE_STATE_DOWN);
      expected_log_assert_seen ();
    }
  /* At the first failure both the state and the node's own address came to be known. */
  g_assert_cmpuint (n_changes, ==, 1);

  node->routes_answer = NULL;
  expected_log_push (G_LOG_LEVEL_MESSAGE, "The Mycelium node at * answers again");
  up = fetch_with (client);
  expected_log_assert_seen ();
  assert_n_peers (up, 0);
  assert_state (client, SOCKS_NODE_STATE_UP);
  g_assert_cmpuint (n_changes, ==, 2);
}

static void
test_a_refused_connection_tells_what_to_do (void)
{
  FakeNode *node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autofree char *expected = g_strdup_printf (
      "The Mycelium node at %s does not answer (Connection refused); start it, or set "
      "Url= in the group [Node]",
      socks_node_client_get_url (client));
  g_autoptr (PendingFetch) fetch = NULL;

  fake_node_free (node);
  expected_log_push (G_LOG_LEVEL_WARNING, expected);
  fetch = fetch_with (client);
  expected_log_assert_seen ();
  g_assert_error (fetch->error, SOCKS_ERROR, SOCKS_ERROR_NODE);
  g_assert_cmpstr (fetch->error->message, ==, expected);
  assert_state (client, SOCKS_NODE_STATE_DOWN);
}

static void
test_a_connection_that_does_not_come_has_a_limit_of_its_own (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int listening_fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int fds[4];
  g_autofree char *url = NULL;
  g_autoptr (SocksNodeClient) client = NULL;
  g_autoptr (PendingFetch) fetch = NULL;

  /* A queue that is full: the kernel answers nobody any more. */
  g_assert_no_errno (bind (listening_fd, (struct sockaddr *) &address, length));
  g_assert_no_errno (listen (listening_fd, 0));
  g_assert_no_errno (getsockname (listening_fd, (struct sockaddr *) &address, &length));
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      connect (fds[i], (struct sockaddr *) &address, length);
    }

  url = g_strdup_printf ("http://127.0.0.1:%u", ntohs (address.sin_port));
  client = socks_node_client_new (url, PORT);
  expected_log_push (G_LOG_LEVEL_WARNING, "*(no answer within 1 s)*");
  fetch = fetch_with (client);
  expected_log_assert_seen ();
  g_assert_error (fetch->error, SOCKS_ERROR, SOCKS_ERROR_NODE);

  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  close (listening_fd);
}

static void
test_a_url_that_is_none_is_an_error (void)
{
  static const char *const urls[] = { "", "127.0.0.1:8989", "http://", "ftp://[::1]" };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr (SocksNodeClient) client = socks_node_client_new (urls[i], PORT);
      g_autoptr (PendingFetch) fetch = NULL;

      expected_log_push (G_LOG_LEVEL_WARNING, "*set Url= in the group [Node]");
      fetch = fetch_with (client);
      expected_log_assert_seen ();
      g_assert_error (fetch->error, SOCKS_ERROR, SOCKS_ERROR_NODE);
    }
}

static void
test_the_peers_are_still_known_when_the_node_is_back (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autoptr (PendingFetch) before = NULL;
  g_autoptr (PendingFetch) down = NULL;
  g_autoptr (PendingFetch) after = NULL;
  struct in6_addr address;

  fake_node_add_routes (node, 2, 5);
  before = fetch_with (client);
  node->routes_answer = answer_500;
  node->admin_answer = answer_500;
  expected_log_push (G_LOG_LEVEL_WARNING, "*HTTP status 500*");
  down = fetch_with (client);
  g_assert_true (socks_node_client_get_address (client, &address));

  node->routes_answer = NULL;
  expected_log_push (G_LOG_LEVEL_MESSAGE, "*answers again");
  after = fetch_with (client);
  assert_n_peers (after, 5);
  g_assert_cmpuint (count_keys (node), ==, 5);
}

static void
test_admin_failing_alone_is_not_down (void)
{
  static const FakeAnswer answers[] = { answer_500, answer_empty_object, answer_nothing,
                                        answer_5_kilobytes, fake_node_hang };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (FakeNode) node = fake_node_new ();
      g_autoptr (SocksNodeClient) client =
          client_of (node, answers[i] == fake_node_hang ? SHORT_LIMIT_MS : NO_LIMIT_MS);
      g_autoptr (PendingFetch) fetch = NULL;
      struct in6_addr address;

      fake_node_add_routes (node, 2, 1);
      node->admin_answer = answers[i];
      fetch = fetch_with (client);
      assert_n_peers (fetch, 1);
      assert_state (client, SOCKS_NODE_STATE_UP);
      g_assert_false (socks_node_client_get_address (client, &address));
    }
}

static void
test_a_bad_key_loses_its_route_alone (void)
{
  static const FakeAnswer answers[] = { answer_500, answer_empty_object,
                                        answer_5_kilobytes, answer_redirect };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (FakeNode) node = fake_node_new ();
      g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
      g_autoptr (PendingFetch) without = NULL;
      g_autoptr (PendingFetch) with = NULL;

      fake_node_add_routes (node, 2, 20);
      node->key_answer = answers[i];
      node->key_answer_number = 2;
      without = fetch_with (client);
      assert_n_peers (without, 19);

      node->key_answer = NULL;
      with = fetch_with (client);
      assert_n_peers (with, 20);
      g_assert_cmpuint (count_keys (node), ==, 21);
    }
}

static void
test_a_key_of_somewhere_else_is_dropped_and_told_once (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autofree char *subnet = fake_node_dup_subnet (3);
  g_autofree char *pattern = g_strdup_printf ("*of 1 routes, the first %s;*", subnet);

  fake_node_add_routes (node, 2, 3);
  node->key_answer = answer_key_of_another;
  node->key_answer_number = 3;
  expected_log_push (G_LOG_LEVEL_WARNING, pattern);
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (PendingFetch) fetch = fetch_with (client);

      assert_n_peers (fetch, 2);
      expected_log_assert_seen ();
    }
  g_assert_cmpuint (count_keys (node), ==, 3);
}

static void
test_a_thousand_lies_make_one_line (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autoptr (PendingFetch) fetch = NULL;

  fake_node_add_routes (node, 2, 1000);
  node->key_answer = answer_key_of_another;
  expected_log_push (G_LOG_LEVEL_WARNING, "*of 1000 routes, the first *");
  fetch = fetch_with (client);
  assert_n_peers (fetch, 0);
  expected_log_assert_seen ();
}

static void
test_a_node_that_stalls_is_not_asked_for_more_keys (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, NO_LIMIT_MS);
  g_autoptr (SocksNodeClient) impatient = client_of (node, SHORT_LIMIT_MS);
  g_autoptr (PendingFetch) closed = NULL;
  g_autoptr (PendingFetch) silent = NULL;
  g_autoptr (PendingFetch) whole = NULL;

  fake_node_add_routes (node, 2, 100);
  node->key_answer = answer_nothing;
  closed = fetch_with (client);
  assert_n_peers (closed, 0);
  assert_state (client, SOCKS_NODE_STATE_UP);
  /* A question on a connection that was kept is asked again on a new one. */
  g_assert_cmpuint (count_keys (node), <=, 2 * 8);

  node->key_answer = fake_node_hang;
  silent = fetch_with (impatient);
  assert_n_peers (silent, 0);
  assert_state (impatient, SOCKS_NODE_STATE_UP);
  g_assert_cmpuint (count_keys (node), <=, 4 * 8);

  node->key_answer = NULL;
  whole = fetch_with (client);
  assert_n_peers (whole, 100);
}

static void
test_a_node_that_is_slow_with_keys_does_not_hold_up_the_fetch (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node, SHORT_LIMIT_MS);
  g_autoptr (PendingFetch) fetch = NULL;

  /* Half a minute of work, each answer well in time. */
  fake_node_add_routes (node, 2, 5000);
  node->key_answer = answer_slowly;
  fetch = fetch_with (client);
  assert_n_peers (fetch, 0);
  assert_state (client, SOCKS_NODE_STATE_UP);
  g_assert_cmpuint (count_keys (node), <, 2500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
#define ADD(path, function) g_test_add_func ("/node-client-faults/" path, function)
  ADD ("an-absent-node-is-told-once-and-so-is-its-return",
       test_an_absent_node_is_told_once_and_so_is_its_return);
  ADD ("a-refused-connection-tells-what-to-do",
       test_a_refused_connection_tells_what_to_do);
  ADD ("a-connection-that-does-not-come-has-a-limit-of-its-own",
       test_a_connection_that_does_not_come_has_a_limit_of_its_own);
  ADD ("a-url-that-is-none-is-an-error", test_a_url_that_is_none_is_an_error);
  ADD ("the-peers-are-still-known-when-the-node-is-back",
       test_the_peers_are_still_known_when_the_node_is_back);
  ADD ("admin-failing-alone-is-not-down", test_admin_failing_alone_is_not_down);
  ADD ("a-bad-key-loses-its-route-alone", test_a_bad_key_loses_its_route_alone);
  ADD ("a-key-of-somewhere-else-is-dropped-and-told-once",
       test_a_key_of_somewhere_else_is_dropped_and_told_once);
  ADD ("a-thousand-lies-make-one-line", test_a_thousand_lies_make_one_line);
  ADD ("a-node-that-stalls-is-not-asked-for-more-keys",
       test_a_node_that_stalls_is_not_asked_for_more_keys);
  ADD ("a-node-that-is-slow-with-keys-does-not-hold-up-the-fetch",
       test_a_node_that_is_slow_with_keys_does_not_hold_up_the_fetch);
#undef ADD
  return g_test_run ();
}
