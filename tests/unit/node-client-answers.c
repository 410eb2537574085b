/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Every kind of answer that is not one, in the place of the routes; and the longest one
 * about a key. */

#include "engine/node-client.h"

#include "core/error.h"
#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PORT 1080
#define NO_LIMIT_MS 60000

/* For answers that never end. */
#define SHORT_LIMIT_MS 150

#define OK "HTTP/1.1 200 OK\r\n"
#define BLANKS_16 "                "
#define BLANKS_64 BLANKS_16 BLANKS_16 BLANKS_16 BLANKS_16

static gboolean
write_text (int fd, const char *text)
{
  return fake_node_write (fd, text, strlen (text));
}

/* Writes @text over and over, until the other side goes or @n_bytes are written. */
static gboolean
flood (int fd, const char *text, gsize n_bytes)
{
  g_autoptr (GString) block = g_string_new (NULL);

  while (block->len < 65536)
    g_string_append (block, text);
  for (gsize n_written = 0; n_written < n_bytes; n_written += block->len)
    if (!fake_node_write (fd, block->str, block->len))
      return FALSE;
  return TRUE;
}

/* Writes @text over and over, but slowly, until the other side goes. */
static gboolean
drip (int fd, const char *text)
{
  struct pollfd end = { .fd = fd, .events = POLLRDHUP };

  while (write_text (fd, text))
    if (poll (&end, 1, 10 /* milliseconds */) != 0)
      break;
  return FALSE;
}

static gboolean
answer_dripping_body (int fd)
{
  return write_text (fd, OK "Content-Length: 100000\r\n\r\n") && drip (fd, "[");
}

static gboolean
answer_dripping_chunks (int fd)
{
  return write_text (fd, OK "Transfer-Encoding: chunked\r\n\r\n") &&
         drip (fd, "1\r\n \r\n");
}

static gboolean
answer_dripping_headers (int fd)
{
  return write_text (fd, OK) && drip (fd, "X: y\r\n");
}

static gboolean
answer_dripping_informational (int fd)
{
  return drip (fd, "HTTP/1.1 100 Continue\r\n\r\n");
}

static gboolean
answer_150_megabytes (int fd)
{
  return write_text (fd, OK "Content-Length: 157286400\r\n\r\n") &&
         flood (fd, " ", 157286400);
}

static gboolean
answer_endless_chunks (int fd)
{
  return write_text (fd, OK "Transfer-Encoding: chunked\r\n\r\n") &&
         flood (fd, "40\r\n" BLANKS_64 "\r\n", G_MAXSIZE);
}

static gboolean
answer_endless_trailers (int fd)
{
  return write_text (fd, OK "Transfer-Encoding: chunked\r\n\r\n0\r\n") &&
         flood (fd, "X: y\r\n", G_MAXSIZE);
}

static gboolean
answer_endless_chunk_size (int fd)
{
  return write_text (fd, OK "Transfer-Encoding: chunked\r\n\r\n") &&
         flood (fd, "0", G_MAXSIZE);
}

static gboolean
answer_endless_headers (int fd)
{
  return write_text (fd, OK) && flood (fd, "X: y\r\n", G_MAXSIZE);
}

static gboolean
answer_endless_line (int fd)
{
  return write_text (fd, "HTTP/1.1 200 ") && flood (fd, "OK ", G_MAXSIZE);
}

static gboolean
answer_endless_informational (int fd)
{
  return flood (fd, "HTTP/1.1 100 Continue\r\n\r\n", G_MAXSIZE);
}

static gboolean
answer_truncated (int fd)
{
  write_text (fd, OK "Content-Length: 100\r\n\r\n[]");
  return FALSE;
}

static gboolean
answer_truncated_chunks (int fd)
{
  write_text (fd, OK "Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n");
  return FALSE;
}

static gboolean
answer_nothing (int fd)
{
  return FALSE;
}

static gboolean
answer_reset (int fd)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  return FALSE;
}

static gboolean
answer_ssh (int fd)
{
  write_text (fd, "SSH-2.0-OpenSSH_9.2p1\r\n");
  return FALSE;
}

static gboolean
answer_500 (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 500 Internal Server Error\r\n", "[]");
}

static gboolean
answer_404 (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 404 Not Found\r\n", "[]");
}

static gboolean
answer_201 (int fd)
{
  return fake_node_answer (fd, "HTTP/1.1 201 Created\r\n", "[]");
}

static gboolean
answer_204 (int fd)
{
  return write_text (fd, "HTTP/1.1 204 No Content\r\n\r\n");
}

static gboolean
answer_401 (int fd)
{
  return fake_node_answer (
      fd, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n", "[]");
}

static gboolean
answer_html (int fd)
{
  return fake_node_answer (fd, OK, "<html>\033[31m</html>");
}

static gboolean
answer_brackets (int fd)
{
  g_autofree char *brackets = g_strnfill (100000, '[');

  return fake_node_answer (fd, OK, brackets);
}

/* Not inflated, so nothing that a few bytes could grow into. */
static gboolean
answer_gzip (int fd)
{
  static const char empty_array[] =
      OK "Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n"
         "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x8b\x8e\x05\x00"
         "\x29\xbb\x4c\x0d\x02\x00\x00\x00";

  return fake_node_write (fd, empty_array, sizeof empty_array - 1);
}

static const struct
{
  const char *name;
  FakeAnswer answer;
  const char *pattern; /* of the reason */
  gboolean is_endless; /* ended by nothing but our limit */
} bad_answers[] = {
  { "none", fake_node_hang, "*no answer within 0.15 s*", TRUE },
  { "dripping body", answer_dripping_body, "*no answer within 0.15 s*", TRUE },
  { "dripping chunks", answer_dripping_chunks, "*no answer within 0.15 s*", TRUE },
  { "dripping headers", answer_dripping_headers, "*no answer within 0.15 s*", TRUE },
  { "dripping informational", answer_dripping_informational, "*(HTTP status 100)*",
    FALSE },
  { "150 megabytes", answer_150_megabytes, "*more than 8388608 bytes*", FALSE },
  { "endless chunks", answer_endless_chunks, "*more than 8388608 bytes*", FALSE },
  { "endless chunk size", answer_endless_chunk_size, "*does not answer (*", FALSE },
  { "endless trailers", answer_endless_trailers, "*does not answer *(*", FALSE },
  { "endless headers", answer_endless_headers, "*does not answer (*", FALSE },
  { "endless line", answer_endless_line, "*does not answer (*", FALSE },
  { "endless informational", answer_endless_informational, "*(HTTP status 100)*", FALSE },
  { "truncated", answer_truncated, "*does not answer (*", FALSE },
  { "truncated chunks", answer_truncated_chunks, "*does not answer *(*", FALSE },
  { "closed", answer_nothing, "*does not answer (*", FALSE },
  { "reset", answer_reset, "*does not answer (*", FALSE },
  { "SSH", answer_ssh, "*does not answer (*", FALSE },
  { "500", answer_500, "*as its API describes (HTTP status 500)*", FALSE },
  { "404", answer_404, "*as its API describes (HTTP status 404)*", FALSE },
  { "201", answer_201, "*as its API describes (HTTP status 201)*", FALSE },
  { "204", answer_204, "*as its API describes (HTTP status 204)*", FALSE },
  { "401", answer_401, "*as its API describes (HTTP status 401)*", FALSE },
  { "HTML", answer_html, "*routes is not JSON)*", FALSE },
  { "brackets", answer_brackets, "*nested more than 16 levels deep)*", FALSE },
  { "gzip", answer_gzip, "*routes is not JSON)*", FALSE },
};

static void
test_a_bad_answer_about_the_routes_is_down (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_answers); i++)
    {
      g_autoptr (FakeNode) node = fake_node_new ();
      g_autofree char *url = fake_node_dup_url (node);
      guint limit_ms = bad_answers[i].is_endless ? SHORT_LIMIT_MS : NO_LIMIT_MS;
      g_autoptr (SocksNodeClient) client =
          socks_node_client_new_with_limits (url, PORT, NO_LIMIT_MS, limit_ms);
      g_autoptr (PendingFetch) fetch = NULL;

      g_test_message ("%s", bad_answers[i].name);
      node->routes_answer = bad_answers[i].answer;
      expected_log_push (G_LOG_LEVEL_WARNING, bad_answers[i].pattern);
      fetch = fetch_from (SOCKS_PEER_SOURCE (client));
      expected_log_assert_seen ();

      g_assert_error (fetch->error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      g_test_message ("%s", fetch->error->message);
      g_assert_true (
          g_pattern_match_simple (bad_answers[i].pattern, fetch->error->message));
      g_assert_cmpint (socks_node_client_get_state (client), ==, SOCKS_NODE_STATE_DOWN);
      /* The node may still be about to read what it answers too late. */
      while (fake_node_count_requests (node, "*/routes/selected") == 0)
        g_usleep (1000);
      g_assert_cmpuint (fake_node_count_requests (node, "*/routes/selected"), ==, 1);
    }
}

/* The key of peer 2, and blanks. */
static gboolean
answer_key_of_bytes (int fd, int n_bytes)
{
  g_autofree char *key = fake_node_dup_key (2);
  g_autofree char *object = g_strdup_printf ("{\"publicKey\":\"%s\"}", key);
  g_autofree char *body = g_strdup_printf ("%-*s", n_bytes, object);

  return fake_node_answer (fd, OK, body);
}

static gboolean
answer_longest_key (int fd)
{
  return answer_key_of_bytes (fd, 4 * 1024);
}

static gboolean
answer_longer_key (int fd)
{
  return answer_key_of_bytes (fd, 4 * 1024 + 1);
}

static void
test_an_answer_about_a_key_has_at_most_4_kilobytes (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autofree char *url = fake_node_dup_url (node);
  g_autoptr (SocksNodeClient) client =
      socks_node_client_new_with_limits (url, PORT, NO_LIMIT_MS, NO_LIMIT_MS);
  g_autoptr (PendingFetch) too_long = NULL;
  g_autoptr (PendingFetch) longest = NULL;

  fake_node_add_routes (node, 2, 1);
  node->key_answer = answer_longer_key;
  too_long = fetch_from (SOCKS_PEER_SOURCE (client));
  g_assert_no_error (too_long->error);
  g_assert_cmpuint (too_long->peers->len, ==, 0);

  node->key_answer = answer_longest_key;
  longest = fetch_from (SOCKS_PEER_SOURCE (client));
  g_assert_no_error (longest->error);
  g_assert_cmpuint (longest->peers->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
  g_test_add_func ("/node-client-answers/a-bad-answer-about-the-routes-is-down",
                   test_a_bad_answer_about_the_routes_is_down);
  g_test_add_func ("/node-client-answers/an-answer-about-a-key-has-at-most-4-kilobytes",
                   test_an_answer_about_a_key_has_at_most_4_kilobytes);
  return g_test_run ();
}
