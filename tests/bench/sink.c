/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The far end: it does what the first bytes of a connection say, counts, and tells the
 * counts when asked. Some threads, each with its own epoll; all accept from one socket. A
 * connection belongs to one thread at a time. */

#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOT_YET_KNOWN 0
#define EVENTS_PER_TURN 64
#define BACKLOG 4096

typedef struct
{
  int epoll_fd;
  int listening_fd;
  guint8 buffer[WIRE_CHUNK_BYTES];
  atomic_uint n_bulk;
  _Atomic guint64 received_bytes;
  _Atomic guint64 n_greetings;
} Server;

typedef struct
{
  int fd;
  guint8 head[WIRE_HEAD_BYTES];
  guint8 n_head_bytes;
  WireFlow flow;
} Client;

static Server *servers;
static guint n_servers;

static void
watch (Server *server, Client *client, guint32 interest, int operation)
{
  struct epoll_event event = { .events = interest, .data.ptr = client };

  if (epoll_ctl (server->epoll_fd, operation, client->fd, &event) < 0)
    fail ("epoll: %s", g_strerror (errno));
}

static void
accept_client (Server *server)
{
  int fd = accept4 (server->listening_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  Client *client;

  if (fd < 0)
    {
      if (errno == EMFILE)
        fail ("the sink may not open so many connections");
      return;
    }
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  client = g_new0 (Client, 1);
  client->fd = fd;
  watch (server, client, EPOLLIN, EPOLL_CTL_ADD);
}

static gboolean
is_bulk (const Client *client)
{
  return client->head[0] == WIRE_GIVE || client->head[0] == WIRE_EXCHANGE;
}

static void
end_client (Server *server, Client *client)
{
  if (is_bulk (client))
    atomic_fetch_sub (&server->n_bulk, 1);
  close (client->fd);
  g_free (client);
}

/* Bulk is for the thread that has the least of it: it would be chance otherwise whether
 * two streams share a thread. */
static void
move_to_idlest (Server *server, Client *client)
{
  Server *idlest = server;

  for (guint i = 0; i < n_servers; i++)
    if (atomic_load (&servers[i].n_bulk) < atomic_load (&idlest->n_bulk))
      idlest = &servers[i];
  atomic_fetch_add (&idlest->n_bulk, 1);
  if (idlest != server)
    watch (server, client, 0, EPOLL_CTL_DEL);
  watch (idlest, client, EPOLLIN | EPOLLOUT,
         idlest == server ? EPOLL_CTL_MOD : EPOLL_CTL_ADD);
}

static gboolean
sends_all (Client *client, gconstpointer bytes, gsize n_bytes)
{
  return send (client->fd, bytes, n_bytes, MSG_NOSIGNAL) == (gssize) n_bytes;
}

/* These return whether the client stays. */

static gboolean
read_head (Server *server, Client *client)
{
  static const guint8 reply[] = { 5, 0 };
  gssize n_bytes = recv (client->fd, client->head + client->n_head_bytes,
                         sizeof client->head - client->n_head_bytes, 0);

  if (n_bytes <= 0)
    {
      client->head[0] = NOT_YET_KNOWN;
      return FALSE;
    }
  client->n_head_bytes += (guint8) n_bytes;
  if (client->n_head_bytes < sizeof client->head)
    return TRUE;

  switch (client->head[0])
    {
    case WIRE_GREETING:
      atomic_fetch_add_explicit (&server->n_greetings, 1, memory_order_relaxed);
      return sends_all (client, reply, sizeof reply);
    case WIRE_GIVE:
    case WIRE_EXCHANGE:
      move_to_idlest (server, client);
      return TRUE;
    case WIRE_ECHO:
    case WIRE_ASK:
      return TRUE;
    default:
      fail ("a connection begins with %#x", client->head[0]);
    }
}

static gboolean
exchange (Server *server, Client *client, guint32 events)
{
  if ((events & EPOLLIN) != 0)
    {
      gssize n_bytes = wire_receive (&client->flow, client->fd, server->buffer);

      if (n_bytes < 0)
        return FALSE;
      atomic_fetch_add_explicit (&server->received_bytes, (guint64) n_bytes,
                                 memory_order_relaxed);
    }
  return (events & EPOLLOUT) == 0 || wire_send (&client->flow, client->fd) >= 0;
}

static WireCounts
count (void)
{
  WireCounts counts = { .when_us = g_get_monotonic_time () };

  for (guint i = 0; i < n_servers; i++)
    {
      counts.received_bytes += atomic_load (&servers[i].received_bytes);
      counts.n_greetings += atomic_load (&servers[i].n_greetings);
      counts.n_bulk += atomic_load (&servers[i].n_bulk);
    }
  return counts;
}

static gboolean
answer (Server *server, Client *client)
{
  gssize n_bytes = recv (client->fd, server->buffer, sizeof server->buffer, 0);

  if (n_bytes <= 0)
    return n_bytes < 0 && errno == EAGAIN;
  if (client->head[0] == WIRE_ECHO)
    return sends_all (client, server->buffer, (gsize) n_bytes);
  if (client->head[0] == WIRE_ASK)
    {
      WireCounts counts = count ();

      return sends_all (client, &counts, sizeof counts);
    }
  fail ("a client goes on after the greeting");
}

static gboolean
serve_client (Server *server, Client *client, guint32 events)
{
  if ((events & (EPOLLERR | EPOLLHUP)) != 0)
    return FALSE;
  if (client->n_head_bytes < sizeof client->head)
    return read_head (server, client);
  return is_bulk (client) ? exchange (server, client, events) : answer (server, client);
}

static gpointer
serve (gpointer data)
{
  Server *server = data;

  for (;;)
    {
      struct epoll_event events[EVENTS_PER_TURN];
      int n_events = epoll_wait (server->epoll_fd, events, EVENTS_PER_TURN, -1);

      for (int i = 0; i < n_events; i++)
        {
          Client *client = events[i].data.ptr;

          if (client == NULL)
            accept_client (server);
          else if (!serve_client (server, client, events[i].events))
            end_client (server, client);
        }
    }
  return NULL;
}

static int
open_port (const struct sockaddr_in6 *address)
{
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof (int));
  if (bind (fd, (const struct sockaddr *) address, sizeof *address) < 0 ||
      listen (fd, BACKLOG) < 0)
    fail ("the sink's port: %s", g_strerror (errno));
  return fd;
}

/**
 * load_sink:
 * @options: where to listen, with how many threads
 *
 * Serves until it is killed.
 */
void
load_sink (const LoadOptions *options)
{
  int listening_fd = open_port (&options->sink);

  n_servers = options->n_threads;
  servers = g_new0 (Server, n_servers);
  for (guint i = 0; i < n_servers; i++)
    {
      struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = NULL };

      servers[i].listening_fd = listening_fd;
      servers[i].epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
      if (epoll_ctl (servers[i].epoll_fd, EPOLL_CTL_ADD, listening_fd, &event) < 0)
        fail ("epoll: %s", g_strerror (errno));
    }
  for (guint i = 1; i < n_servers; i++)
    g_thread_new ("sink", serve, &servers[i]);
  serve (&servers[0]);
  g_assert_not_reached ();
}
