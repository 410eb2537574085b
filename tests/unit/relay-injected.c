/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* System calls that fail. The linker puts the functions below in front of the C library's
 * (see meson.build); calls that the relay makes are counted, and the one that is wanted
 * fails. Whatever fails, and whenever: at most the one connection that it is about is
 * lost, with no wrong byte in it, the others are served, nothing spins, and nothing is
 * left over. */

#include "relay-world.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define N_CLIENTS 3
#define N_BYTES (384 * 1024)

/* Failures one after the other; most calls come less often than this. */
#define MOST_ATTEMPTS 25

#define EVERY_CALL 0

typedef enum
{
  ACCEPT4,
  SOCKET,
  CONNECT,
  PIPE2,
  SPLICE,
  EPOLL_CREATE1,
  EPOLL_CTL,
  EVENTFD,
  SETSOCKOPT,
} Call;

static struct
{
  Call call;
  int error_number;
  int number; /* of the call that fails, from 1; or EVERY_CALL */
  _Atomic int n_calls;
} injection;

static _Thread_local gboolean is_in_api;

/* Test code makes these calls, too. */
static gboolean
is_relay (void)
{
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  return is_in_api || g_str_has_prefix (name, "relay-");
}

static gboolean
fails (Call call)
{
  int number;

  if (call != injection.call || !is_relay ())
    return FALSE;
  number = atomic_fetch_add (&injection.n_calls, 1) + 1;
  if (injection.number != EVERY_CALL && injection.number != number)
    return FALSE;
  errno = injection.error_number;
  return TRUE;
}

/* RESULT __wrap_NAME (parameters) in front of RESULT __real_NAME (parameters). */
#define WRAP(call, result, name, parameters, arguments)                                  \
  result __real_##name parameters;                                                       \
  result __wrap_##name parameters;                                                       \
  result __wrap_##name parameters                                                        \
  {                                                                                      \
    return fails (call) ? -1 : __real_##name arguments;                                  \
  }

WRAP (ACCEPT4, int, accept4,
      (int fd, struct sockaddr *peer, socklen_t *n_bytes, int flags),
      (fd, peer, n_bytes, flags))
WRAP (SOCKET, int, socket, (int family, int type, int protocol),
      (family, type, protocol))
WRAP (CONNECT, int, connect, (int fd, const struct sockaddr *peer, socklen_t n_bytes),
      (fd, peer, n_bytes))
WRAP (PIPE2, int, pipe2, (int fds[2], int flags), (fds, flags))
WRAP (SPLICE, ssize_t, splice,
      (int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n_bytes,
       unsigned flags),
      (in, in_offset, out, out_offset, n_bytes, flags))
WRAP (EPOLL_CREATE1, int, epoll_create1, (int flags), (flags))
WRAP (EVENTFD, int, eventfd, (unsigned value, int flags), (value, flags))
WRAP (SETSOCKOPT, int, setsockopt,
      (int fd, int level, int name, const void *value, socklen_t n_bytes),
      (fd, level, name, value, n_bytes))

int __real_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event);

/* To take a descriptor out never fails. */
int
__wrap_epoll_ctl (int epoll, int operation, int fd, struct epoll_event *event)
{
  return operation != EPOLL_CTL_DEL && fails (EPOLL_CTL)
             ? -1
             : __real_epoll_ctl (epoll, operation, fd, event);
}

/* A remote that says what it hears. */
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

typedef struct
{
  int fd;
  guint8 *bytes;
} Sending;

/* Unlike send_all() it may fail. */
static gpointer
send_in_thread (gpointer data)
{
  Sending *sending = data;
  gsize n_sent = 0;

  while (n_sent < N_BYTES)
    {
      ssize_t n = send (sending->fd, sending->bytes + n_sent, N_BYTES - n_sent,
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

/* Whether all of what was sent has come back; no more and nothing else comes. */
static gboolean
is_served (const SocksEndpoint *local)
{
  g_autofree guint8 *sent = g_malloc (N_BYTES);
  g_autofree guint8 *received = g_malloc (N_BYTES + 1);
  Sending sending = { connect_to (local), sent };
  GThread *thread;
  gsize n_received = 0;
  ssize_t n_read;

  pattern_fill (7, 0, sent, N_BYTES);
  thread = g_thread_new ("sending", send_in_thread, &sending);
  while ((n_read = recv (sending.fd, received + n_received, N_BYTES + 1 - n_received,
                         0)) > 0)
    n_received += (gsize) n_read;
  g_assert_true (n_read == 0 || errno == ECONNRESET);
  g_assert_cmpuint (n_received, <=, N_BYTES);
  g_assert_cmpmem (received, n_received, sent, n_received);
  g_thread_join (thread);
  close (sending.fd);
  return n_received == N_BYTES && n_read == 0;
}

/* Starts a relay; FALSE where that fails, as it should when @injection says so. */
static gboolean
start (World *world)
{
  SocksRelayOptions options = ordinary_options ();
  SocksEndpoint any;
  int result;

  options.n_workers = 1;
  g_assert_true (socks_endpoint_parse ("[::]:0", &any, NULL));
  is_in_api = TRUE;
  result = socks_relay_new (&options, &world->relay);
  if (result == 0)
    {
      result = socks_relay_listen (world->relay, &any);
      if (result == 0)
        socks_relay_forward_to (world->relay, &world->remote);
      else
        socks_relay_free (world->relay);
    }
  is_in_api = FALSE;
  g_assert_true (result == 0 || result == -injection.error_number);
  return result == 0;
}

static guint
count_cut_clients (World *world)
{
  GThread *thread =
      g_thread_new ("echo", echo, GINT_TO_POINTER (world->remote_listener));
  guint n_cut = 0;

  g_assert_true (socks_relay_get_local (world->relay, &world->local));
  for (guint i = 0; i < N_CLIENTS; i++)
    if (!is_served (&world->local))
      n_cut++;

  world_wait_for_streams (world, 0);
  world_wait_until_quiet (world);
  shutdown (world->remote_listener, SHUT_RDWR);
  g_thread_join (thread);
  return n_cut;
}

/* How many clients were cut when the call with @number, or each, failed; -1 where not
 * even a relay came to be. */
static int
inject (Call call, int error_number, int number)
{
  guint n_descriptors = count_descriptors ();
  int n_cut = -1;
  World world = { 0 };

  injection.call = call;
  injection.error_number = error_number;
  injection.number = number;
  atomic_store (&injection.n_calls, 0);
  g_test_message ("%s, call %d", g_strerror (error_number), number);

  world.remote_listener = listen_on ("[::1]", 64, &world.remote);
  if (start (&world))
    {
      n_cut = (int) count_cut_clients (&world);
      is_in_api = TRUE;
      socks_relay_free (world.relay);
      is_in_api = FALSE;
    }
  close (world.remote_listener);
  /* A shortage is told of, but only once in ten seconds. */
  g_assert_cmpuint (relay_warnings_take (), <=, 1);
  g_assert_cmpuint (count_descriptors (), ==, n_descriptors);
  return n_cut;
}

/* Lets the first call fail, then the second, and so on, while there are so many. */
static void
check_each (Call call, int error_number, int most_cut)
{
  int number;

  for (number = 1; number <= MOST_ATTEMPTS; number++)
    {
      int n_cut = inject (call, error_number, number);

      g_assert_cmpint (n_cut, <=, most_cut);
      if (atomic_load (&injection.n_calls) < number)
        break;
    }
  /* Else nothing was tested. */
  g_assert_cmpint (number, >, 1);
}

static void
test_accept4 (void)
{
  check_each (ACCEPT4, ECONNABORTED, 0);
  check_each (ACCEPT4, EMFILE, 0);
  check_each (ACCEPT4, EBADF, 0);
}

static void
test_socket (void)
{
  check_each (SOCKET, EMFILE, 1);
}

static void
test_connect (void)
{
  check_each (CONNECT, ENETUNREACH, 1);
  check_each (CONNECT, EADDRNOTAVAIL, 1);
  g_assert_cmpint (inject (CONNECT, ENETUNREACH, EVERY_CALL), ==, N_CLIENTS);
}

static void
test_pipe2 (void)
{
  check_each (PIPE2, EMFILE, 0);
  g_assert_cmpint (inject (PIPE2, EMFILE, EVERY_CALL), ==, 0);
}

static void
test_splice (void)
{
  check_each (SPLICE, EAGAIN, 0);
  check_each (SPLICE, EINVAL, 1);
  check_each (SPLICE, EIO, 1);
  /* The first of each stream is into an empty pipe: it goes on without. */
  g_assert_cmpint (inject (SPLICE, EINVAL, 1), ==, 0);
  g_assert_cmpint (inject (SPLICE, ENOMEM, EVERY_CALL), ==, 0);
  g_assert_cmpint (inject (SPLICE, ENOSYS, EVERY_CALL), ==, 0);
}

static void
test_epoll (void)
{
  check_each (EPOLL_CTL, ENOSPC, 1);
  check_each (EPOLL_CTL, ENOMEM, 1);
  check_each (EPOLL_CREATE1, EMFILE, 0);
}

static void
test_eventfd (void)
{
  check_each (EVENTFD, ENFILE, 0);
}

static void
test_setsockopt (void)
{
  check_each (SETSOCKOPT, ENOBUFS, 1);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  relay_warnings_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/injected/accept4", test_accept4);
  g_test_add_func ("/relay/injected/socket", test_socket);
  g_test_add_func ("/relay/injected/connect", test_connect);
  g_test_add_func ("/relay/injected/pipe2", test_pipe2);
  g_test_add_func ("/relay/injected/splice", test_splice);
  g_test_add_func ("/relay/injected/epoll", test_epoll);
  g_test_add_func ("/relay/injected/eventfd", test_eventfd);
  g_test_add_func ("/relay/injected/setsockopt", test_setsockopt);
  return g_test_run ();
}
