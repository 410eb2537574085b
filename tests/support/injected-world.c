/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A world in which a system call of the relay's fails. Whichever it is, the relay does
 * not spin and leaves nothing behind: that is checked here. */

#include "injected-world.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  int fd;
  const guint8 *bytes;
  gsize n_bytes;
} Sending;

static gpointer
echo (gpointer data)
{
  g_autofree guint8 *bytes = g_malloc (64 * 1024);
  int fd;

  while ((fd = accept4 (GPOINTER_TO_INT (data), NULL, NULL, SOCK_CLOEXEC)) >= 0)
    {
      ssize_t n_read;

      while ((n_read = recv (fd, bytes, 64 * 1024, 0)) > 0)
        if (send (fd, bytes, (gsize) n_read, MSG_NOSIGNAL) != n_read)
          break;
      close (fd);
    }
  return NULL;
}

/* Unlike send_all() it may fail. */
static gpointer
send_and_end (gpointer data)
{
  const Sending *sending = data;
  gsize n_sent = 0;

  while (n_sent < sending->n_bytes)
    {
      ssize_t n = send (sending->fd, sending->bytes + n_sent, sending->n_bytes - n_sent,
                        MSG_NOSIGNAL);

      if (n < 0)
        {
          g_assert_cmpint (errno, !=, EAGAIN);
          return NULL;
        }
      n_sent += (gsize) n;
    }
  shutdown (sending->fd, SHUT_WR);
  return NULL;
}

static void
check_holdings (InjectedWorld *self)
{
  /* Joined threads may still be on their way out of the kernel: now, and before. */
  WAIT_UNTIL (take_stock ().threads <= self->before.threads);
  g_assert_cmpuint (count_descriptors (), ==, self->before.descriptors);
}

static gpointer
do_nothing (gpointer data)
{
  return NULL;
}

/* FALSE where not even a relay came to be, which is right only if the failing call says
 * so; then there is nothing to clear. */
gboolean
injected_world_init (InjectedWorld *self,
                     guint n_workers,
                     Call call,
                     int error_number,
                     int number)
{
  SocksRelayOptions options = ordinary_options ();
  World *world = &self->world;
  SocksEndpoint any;
  int result;

  /* A race detector has a thread of its own, which comes with the first other one. */
  g_thread_join (g_thread_new ("first", do_nothing, NULL));
  *self = (InjectedWorld){ .before = take_stock () };
  injection_begin (call, error_number, number);
  world->remote_listener = listen_on ("[::1]", 64, &world->remote);
  options.n_workers = n_workers;
  g_assert_true (socks_endpoint_parse ("[::]:0", &any, NULL));

  is_in_api = TRUE;
  result = socks_relay_new (&options, &world->relay);
  if (result == 0)
    {
      result = socks_relay_listen (world->relay, &any);
      if (result < 0)
        socks_relay_free (world->relay);
    }
  if (result == 0)
    socks_relay_forward_to (world->relay, &world->remote);
  is_in_api = FALSE;

  if (result < 0)
    {
      g_assert_cmpint (result, ==, -error_number);
      close (world->remote_listener);
      check_holdings (self);
      return FALSE;
    }
  g_assert_true (socks_relay_get_local (world->relay, &world->local));
  return TRUE;
}

void
injected_world_clear (InjectedWorld *self)
{
  World *world = &self->world;

  world_wait_for_streams (world, 0);
  world_wait_until_quiet (world);
  shutdown (world->remote_listener, SHUT_RDWR);
  if (self->echo != NULL)
    g_thread_join (self->echo);
  is_in_api = TRUE;
  socks_relay_free (world->relay);
  is_in_api = FALSE;
  close (world->remote_listener);

  /* A shortage is told of, but only once in ten seconds. */
  g_assert_cmpuint (relay_warnings_take (), <=, 1);
  check_holdings (self);
}

/* From now on the remote says what it hears. */
void
injected_world_echo (InjectedWorld *self)
{
  self->echo =
      g_thread_new ("echo", echo, GINT_TO_POINTER (self->world.remote_listener));
}

/* Whether all of what a client sends has come back; no more and nothing else comes. */
gboolean
injected_world_serves (InjectedWorld *self, gsize n_bytes)
{
  g_autofree guint8 *sent = g_malloc (n_bytes);
  g_autofree guint8 *received = g_malloc (n_bytes + 1);
  Sending sending = { connect_to (&self->world.local), sent, n_bytes };
  GThread *thread;
  gsize n_received = 0;
  ssize_t n_read;

  pattern_fill (7, 0, sent, n_bytes);
  thread = g_thread_new ("sending", send_and_end, &sending);
  while ((n_read = recv (sending.fd, received + n_received, n_bytes + 1 - n_received,
                         0)) > 0)
    n_received += (gsize) n_read;
  g_assert_true (n_read == 0 || errno == ECONNRESET);
  g_assert_cmpuint (n_received, <=, n_bytes);
  g_assert_cmpmem (received, n_received, sent, n_received);
  g_thread_join (thread);
  close (sending.fd);
  return n_received == n_bytes && n_read == 0;
}
