/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A stand-in for the Mycelium node's HTTP API that can be made to misbehave in every way
 * that a TCP server can. Plain blocking sockets, so that what goes over the wire is what
 * is written here. */

#include "fake-node.h"

#include "core/endpoint.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX_BYTES 4096

typedef struct _FakeNodePrivate FakeNodePrivate;

struct _FakeNodePrivate
{
  int listening_fd;
  guint16 port;
  GThread *thread; /* (owned): accepts */

  GMutex mutex;        /* of all that follows */
  GPtrArray *paths;    /* (owned): of the requests that came */
  GPtrArray *threads;  /* (owned): of GThread (owned): one for each connection */
  GArray *fds;         /* (owned): the connections that are open */
  GHashTable *numbers; /* (owned): text of a subnet's ::1 → number of the peer */
};

typedef struct
{
  FakeNode *node; /* (unowned) */
  int fd;         /* (owned) */
} Connection;

static void
key_of_number (guint number, guint8 out_key[static SOCKS_NODE_KEY_BYTES])
{
  memset (out_key, 0x5a, SOCKS_NODE_KEY_BYTES);
  memcpy (out_key, &number, sizeof number);
}

/* The overlay address of the peer @number, which follows from its key. */
void
fake_node_get_address (guint number, struct in6_addr *out_address)
{
  guint8 key[SOCKS_NODE_KEY_BYTES];

  key_of_number (number, key);
  socks_overlay_address_from_key (key, out_address);
}

/* The key of the peer @number, as the API writes it. */
char *
fake_node_dup_key (guint number)
{
  guint8 key[SOCKS_NODE_KEY_BYTES];
  GString *text = g_string_new (NULL);

  key_of_number (number, key);
  for (gsize i = 0; i < sizeof key; i++)
    g_string_append_printf (text, "%02x", key[i]);
  return g_string_free (text, FALSE);
}

static void
subnet_of_number (guint number, SocksPrefix *out_subnet)
{
  fake_node_get_address (number, &out_subnet->address);
  memset (&out_subnet->address.s6_addr[8], 0, 8);
  out_subnet->length_bits = 64;
}

/* The subnet that the peer @number announces, as the API writes it. */
char *
fake_node_dup_subnet (guint number)
{
  SocksPrefix subnet;

  subnet_of_number (number, &subnet);
  return socks_prefix_format (&subnet);
}

/* Writes all of it; FALSE when the other side is gone. */
gboolean
fake_node_write (int fd, const void *bytes, gsize n_bytes)
{
  const char *rest = bytes;

  while (n_bytes > 0)
    {
      gssize n_sent = send (fd, rest, n_bytes, MSG_NOSIGNAL);

      if (n_sent < 0 && errno == EINTR)
        continue;
      if (n_sent < 0)
        return FALSE;
      rest += n_sent;
      n_bytes -= (gsize) n_sent;
    }
  return TRUE;
}

/* An answer with the status line and headers of @head, each ended by CRLF, and @body. */
gboolean
fake_node_answer (int fd, const char *head, const char *body)
{
  g_autofree char *text = g_strdup_printf ("%sContent-Length: %" G_GSIZE_FORMAT
                                           "\r\n\r\n%s",
                                           head, strlen (body), body);

  return fake_node_write (fd, text, strlen (text));
}

/* Says nothing until the other side goes. */
gboolean
fake_node_hang (int fd)
{
  char byte;

  while (recv (fd, &byte, sizeof byte, 0) > 0)
    ;
  return FALSE;
}

static char *
routes_text (FakeNode *node)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < node->routes->len; i++)
    {
      g_autofree char *subnet =
          fake_node_dup_subnet (g_array_index (node->routes, guint, i));

      g_string_append_printf (text,
                              "%s{\"subnet\":\"%s\",\"nextHop\":\"TCP 192.0.2.1:9651\","
                              "\"metric\":%u,\"seqno\":0}",
                              i == 0 ? "" : ",", subnet, i % 65535);
    }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

static gboolean
answer_json (int fd, const char *body)
{
  return fake_node_answer (fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n",
                           body);
}

static gboolean
answer_key (FakeNode *node, int fd, const char *address)
{
  FakeNodePrivate *private = node->private;
  g_autofree char *key = NULL;
  g_autofree char *body = NULL;
  guint number;

  g_mutex_lock (&private->mutex);
  number = GPOINTER_TO_UINT (g_hash_table_lookup (private->numbers, address));
  g_mutex_unlock (&private->mutex);

  if (number == 0)
    return fake_node_answer (fd, "HTTP/1.1 404 Not Found\r\n", "");
  if (node->key_answer != NULL &&
      (node->key_answer_number == 0 || node->key_answer_number == number))
    return node->key_answer (fd);

  key = fake_node_dup_key (number);
  body = g_strdup_printf ("{\"publicKey\":\"%s\"}", key);
  return answer_json (fd, body);
}

static gboolean
answer (FakeNode *node, int fd, const char *path)
{
  g_autofree char *body = NULL;

  if (strcmp (path, "/api/v1/admin") == 0)
    {
      g_autofree char *key = fake_node_dup_key (node->own_number);

      if (node->admin_answer != NULL)
        return node->admin_answer (fd);
      body = g_strdup_printf ("{\"nodePubkey\":\"%s\"}", key);
      return answer_json (fd, body);
    }
  if (strcmp (path, "/api/v1/admin/routes/selected") == 0)
    {
      if (node->routes_answer != NULL)
        return node->routes_answer (fd);
      body = node->routes_text != NULL ? g_strdup (node->routes_text)
                                       : routes_text (node);
      return answer_json (fd, body);
    }
  if (g_str_has_prefix (path, "/api/v1/pubkey/"))
    return answer_key (node, fd, path + strlen ("/api/v1/pubkey/"));

  return fake_node_answer (fd, "HTTP/1.1 404 Not Found\r\n", "");
}

/* Reads one request without a body; its path, or NULL at the end of the connection. */
static char *
read_path (int fd)
{
  char request[REQUEST_MAX_BYTES];
  gsize n_bytes = 0;
  g_auto (GStrv) words = NULL;

  while (n_bytes < 4 || memcmp (request + n_bytes - 4, "\r\n\r\n", 4) != 0)
    {
      gssize n_read = n_bytes == sizeof request - 1
                          ? 0
                          : recv (fd, request + n_bytes, sizeof request - 1 - n_bytes, 0);

      if (n_read <= 0)
        return NULL;
      n_bytes += (gsize) n_read;
    }

  request[n_bytes] = '\0';
  words = g_strsplit (request, " ", 3);
  if (g_strv_length (words) != 3 || strcmp (words[0], "GET") != 0)
    return NULL;
  return g_strdup (words[1]);
}

static gpointer
serve_connection (gpointer data)
{
  g_autofree Connection *connection = data;
  FakeNodePrivate *private = connection->node->private;
  gboolean is_kept = TRUE;

  while (is_kept)
    {
      char *path = read_path (connection->fd);

      if (path == NULL)
        break;
      g_mutex_lock (&private->mutex);
      g_ptr_array_add (private->paths, path);
      g_mutex_unlock (&private->mutex);

      is_kept = answer (connection->node, connection->fd, path);
    }

  g_mutex_lock (&private->mutex);
  for (guint i = 0; i < private->fds->len; i++)
    if (g_array_index (private->fds, int, i) == connection->fd)
      g_array_remove_index_fast (private->fds, i);
  close (connection->fd);
  g_mutex_unlock (&private->mutex);
  return NULL;
}

static gpointer
accept_connections (gpointer data)
{
  FakeNode *node = data;
  FakeNodePrivate *private = node->private;
  int fd;

  /* Until the listening socket is shut down. */
  while ((fd = accept4 (private->listening_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
    {
      Connection *connection = g_new0 (Connection, 1);
      int on = 1;

      setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      connection->node = node;
      connection->fd = fd;
      g_mutex_lock (&private->mutex);
      g_array_append_val (private->fds, fd);
      g_ptr_array_add (private->threads,
                       g_thread_new ("fake-node", serve_connection, connection));
      g_mutex_unlock (&private->mutex);
    }
  return NULL;
}

/* A node without routes, numbered 1. */
FakeNode *
fake_node_new (void)
{
  FakeNode *node = g_new0 (FakeNode, 1);
  FakeNodePrivate *private = g_new0 (FakeNodePrivate, 1);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;

  node->private = private;
  node->routes = g_array_new (FALSE, FALSE, sizeof (guint));
  node->own_number = 1;

  g_mutex_init (&private->mutex);
  private->paths = g_ptr_array_new_with_free_func (g_free);
  private->threads = g_ptr_array_new ();
  private->fds = g_array_new (FALSE, FALSE, sizeof (int));
  private->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  private->listening_fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (private->listening_fd);
  g_assert_no_errno (
      bind (private->listening_fd, (struct sockaddr *) &address, sizeof address));
  g_assert_no_errno (listen (private->listening_fd, 64));
  g_assert_no_errno (
      getsockname (private->listening_fd, (struct sockaddr *) &address, &length));
  private->port = ntohs (address.sin_port);
  private->thread = g_thread_new ("fake-node-accept", accept_connections, node);
  return node;
}

/* Closes all connections, whatever they are at. */
void
fake_node_free (FakeNode *node)
{
  FakeNodePrivate *private = node->private;

  shutdown (private->listening_fd, SHUT_RDWR);
  g_thread_join (private->thread);
  close (private->listening_fd);

  g_mutex_lock (&private->mutex);
  for (guint i = 0; i < private->fds->len; i++)
    shutdown (g_array_index (private->fds, int, i), SHUT_RDWR);
  g_mutex_unlock (&private->mutex);
  for (guint i = 0; i < private->threads->len; i++)
    g_thread_join (g_ptr_array_index (private->threads, i));

  g_ptr_array_unref (private->paths);
  g_ptr_array_unref (private->threads);
  g_array_unref (private->fds);
  g_hash_table_unref (private->numbers);
  g_mutex_clear (&private->mutex);
  g_free (private);
  g_array_unref (node->routes);
  g_free (node);
}

char *
fake_node_dup_url (FakeNode *node)
{
  return g_strdup_printf ("http://127.0.0.1:%u", node->private->port);
}

/* Routes to the peers from @first_number on, which is not 0. */
void
fake_node_add_routes (FakeNode *node, guint first_number, guint n_routes)
{
  g_mutex_lock (&node->private->mutex);
  for (guint number = first_number; number < first_number + n_routes; number++)
    {
      SocksPrefix subnet;

      subnet_of_number (number, &subnet);
      subnet.address.s6_addr[15] = 1;
      g_array_append_val (node->routes, number);
      g_hash_table_replace (node->private->numbers,
                            socks_address_format (&subnet.address),
                            GUINT_TO_POINTER (number));
    }
  g_mutex_unlock (&node->private->mutex);
}

/* How many requests have come whose path matches the glob @path_pattern. */
guint
fake_node_count_requests (FakeNode *node, const char *path_pattern)
{
  GPtrArray *paths = node->private->paths;
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&node->private->mutex);
  guint n_requests = 0;

  for (guint i = 0; i < paths->len; i++)
    if (g_pattern_match_simple (path_pattern, g_ptr_array_index (paths, i)))
      n_requests++;
  return n_requests;
}

/* How many connections have been made, requests or not. */
guint
fake_node_count_connections (FakeNode *node)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker =
      g_mutex_locker_new (&node->private->mutex);

  return node->private->threads->len;
}
