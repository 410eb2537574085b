/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A world for a relay: real sockets on the loopback device, both ends of each stream in
 * the hands of the test. What belongs to a test fails here, so that a test reads as what
 * it is about. */

#include "relay-world.h"

#include "relay/relay-internal.h"

#include <errno.h>
#include <malloc.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* In the sanitizers' allocators, which mallinfo2() knows nothing of. */
gsize __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static gint n_warnings;

static GLogWriterOutput
write_log_cb (GLogLevelFlags level,
              const GLogField *fields,
              gsize n_fields,
              gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0 &&
        strcmp (fields[i].value, "socks-relay") == 0 &&
        (level & G_LOG_LEVEL_WARNING) != 0)
      {
        g_atomic_int_inc (&n_warnings);
        return G_LOG_WRITER_HANDLED;
      }
  return g_log_writer_default (level, fields, n_fields, data);
}

void
relay_warnings_init (void)
{
  g_log_set_writer_func (write_log_cb, NULL, NULL);
}

/* How many there were since the last call. */
guint
relay_warnings_take (void)
{
  return (guint) g_atomic_int_exchange (&n_warnings, 0);
}

SocksRelayOptions
ordinary_options (void)
{
  return (SocksRelayOptions){ .n_workers = 2, .max_streams = 8192, .local_only = TRUE };
}

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n_entries = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n_entries++;
  return n_entries;
}

guint
count_descriptors (void)
{
  return count_entries ("/proc/self/fd") - 1 /* the folder's own */;
}

static gsize
count_heap_bytes (void)
{
  struct mallinfo2 heap;

  if (__sanitizer_get_current_allocated_bytes != NULL)
    return __sanitizer_get_current_allocated_bytes ();
  heap = mallinfo2 ();
  return heap.uordblks + heap.hblkhd;
}

Holdings
take_stock (void)
{
  return (Holdings){
    .descriptors = count_descriptors (),
    .threads = count_entries ("/proc/self/task"),
    .heap_bytes = count_heap_bytes (),
  };
}

/* As far as it goes; returns the new limit. */
guint
raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &limit));
  return (guint) MIN (limit.rlim_cur, 1000000);
}

static void
set_patience (int fd)
{
  struct timeval patience = { .tv_sec = PATIENCE_SEC };

  g_assert_no_errno (
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience));
  g_assert_no_errno (
      setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience));
}

/* With port 0, that is: @address is as in "[::1]". */
int
listen_on (const char *address, int backlog, SocksEndpoint *out_endpoint)
{
  g_autofree char *text = g_strconcat (address, ":0", NULL);
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes;
  int fd;

  g_assert_true (socks_endpoint_parse (text, out_endpoint, NULL));
  n_bytes = socks_endpoint_to_sockaddr (out_endpoint, &sockaddr);
  fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fd);
  set_patience (fd);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &sockaddr, n_bytes));
  g_assert_no_errno (listen (fd, backlog));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes));
  socks_endpoint_from_sockaddr (&sockaddr, out_endpoint);
  return fd;
}

/* Where @endpoint is `[::]`, that is `[::1]`. Returns a negative errno on failure. */
int
try_to_connect (const SocksEndpoint *endpoint)
{
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes = socks_endpoint_to_sockaddr (endpoint, &sockaddr);
  int fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int error_number;

  g_assert_no_errno (fd);
  set_patience (fd);
  if (connect (fd, (struct sockaddr *) &sockaddr, n_bytes) == 0)
    return fd;
  error_number = errno;
  close (fd);
  return -error_number;
}

int
connect_to (const SocksEndpoint *endpoint)
{
  int fd = try_to_connect (endpoint);

  if (fd < 0)
    g_error ("connecting failed: %s", g_strerror (-fd));
  return fd;
}

int
accept_from (int listener)
{
  int fd = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);

  g_assert_no_errno (fd);
  set_patience (fd);
  return fd;
}

void
reset (int fd)
{
  struct linger at_once = { .l_onoff = 1 };

  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
  close (fd);
}

static void
set_number (int fd, int level, int name, int value)
{
  g_assert_no_errno (setsockopt (fd, level, name, &value, sizeof value));
}

/* As over a slow link: small segments, and room for a few. Of a socket that is to listen
 * or to connect. */
void
make_narrow (int fd)
{
  set_number (fd, IPPROTO_TCP, TCP_MAXSEG, 536);
  /* The kernel makes the least that it allows of these. */
  set_number (fd, SOL_SOCKET, SO_RCVBUF, 1);
  set_number (fd, SOL_SOCKET, SO_SNDBUF, 1);
}

void
send_all (int fd, gconstpointer bytes, gsize n_bytes)
{
  while (n_bytes > 0)
    {
      ssize_t n_sent = send (fd, bytes, n_bytes, MSG_NOSIGNAL);

      g_assert_no_errno (n_sent);
      bytes = (const guint8 *) bytes + n_sent;
      n_bytes -= (gsize) n_sent;
    }
}

void
expect_bytes (int fd, gconstpointer bytes, gsize n_bytes)
{
  g_autofree guint8 *received = g_malloc (n_bytes);
  gsize n_received = 0;

  while (n_received < n_bytes)
    {
      ssize_t n_read = recv (fd, received + n_received, n_bytes - n_received, 0);

      g_assert_no_errno (n_read);
      g_assert_cmpint (n_read, >, 0);
      n_received += (gsize) n_read;
    }
  g_assert_cmpmem (received, n_bytes, bytes, n_bytes);
}

void
expect_end (int fd)
{
  char byte;

  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, 0);
}

void
expect_reset (int fd)
{
  char byte;

  g_assert_cmpint (recv (fd, &byte, 1, 0), ==, -1);
  g_assert_cmpint (errno, ==, ECONNRESET);
}

void
world_init (World *world, const SocksRelayOptions *options)
{
  SocksRelayOptions ordinary = ordinary_options ();
  SocksEndpoint any;

  world->n_descriptors = count_descriptors ();
  world->remote_listener = listen_on ("[::1]", 4096, &world->remote);
  g_assert_cmpint (
      socks_relay_new (options != NULL ? options : &ordinary, &world->relay), ==, 0);
  g_assert_true (socks_endpoint_parse ("[::]:0", &any, NULL));
  g_assert_cmpint (socks_relay_listen (world->relay, &any), ==, 0);
  g_assert_true (socks_relay_get_local (world->relay, &world->local));
  socks_relay_forward_to (world->relay, &world->remote);
  world_wait_until_settled (world);
}

/* Whatever a test has done, nothing may be left of it. */
void
world_clear (World *world)
{
  socks_relay_free (world->relay);
  close (world->remote_listener);
  g_assert_cmpuint (count_descriptors (), ==, world->n_descriptors);
}

void
world_open_pair (World *world, Pair *pair)
{
  pair->client = connect_to (&world->local);
  pair->remote = accept_from (world->remote_listener);
}

void
pair_clear (Pair *pair)
{
  close (pair->client);
  close (pair->remote);
}

typedef int (*GetName) (int fd, struct sockaddr *name, socklen_t *n_bytes);

static guint16
get_port (int fd, GetName get_name)
{
  struct sockaddr_in6 name = { 0 };
  socklen_t n_bytes = sizeof name;

  return get_name (fd, (struct sockaddr *) &name, &n_bytes) == 0 ? name.sin6_port : 0;
}

/* The relay's own socket towards a pair's remote. */
int
pair_find_dialled (const Pair *pair)
{
  guint16 here = get_port (pair->remote, getsockname);
  guint16 there = get_port (pair->remote, getpeername);

  for (int fd = 0; fd < sysconf (_SC_OPEN_MAX); fd++)
    if (get_port (fd, getsockname) == there && get_port (fd, getpeername) == here)
      return fd;
  g_assert_not_reached ();
}

/* Until the end of a stream's first second, the last that happens to it by itself. */
void
pair_wait_until_grown_up (const Pair *pair)
{
  int dialled = pair_find_dialled (pair);
  int is_kept_alive = 0;
  socklen_t n_bytes = sizeof is_kept_alive;

  WAIT_UNTIL (getsockopt (dialled, SOL_SOCKET, SO_KEEPALIVE, &is_kept_alive, &n_bytes) ==
                  0 &&
              is_kept_alive);
}

void
world_wait_until_settled (World *world)
{
  struct pollfd event = { .fd = socks_relay_get_event_fd (world->relay),
                          .events = POLLIN };

  while (!socks_relay_is_settled (world->relay))
    {
      g_assert_cmpint (poll (&event, 1, PATIENCE_SEC * 1000), ==, 1);
      socks_relay_collect_events (world->relay);
    }
}

/* Whether all threads of relays wait for something: one that has something to do but no
 * processor to do it on is not asleep. */
static gboolean
workers_sleep (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (threads)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", name, "stat", NULL);
      g_autofree char *stat = NULL;

      /* "1234 (relay-0) S …" */
      if (g_file_get_contents (path, &stat, NULL, NULL) &&
          strstr (stat, " (relay-") != NULL && strstr (stat, ") S ") == NULL)
        return FALSE;
    }
  return TRUE;
}

/* Until the workers sleep: a loop that spins is never quiet. */
void
world_wait_until_quiet (World *world)
{
  guint64 n_turns = 0;
  guint n_times = 0;

  WAIT_UNTIL (({
    guint64 now = socks_relay_count_turns (world->relay);

    n_times = now == n_turns && workers_sleep () ? n_times + 1 : 0;
    n_turns = now;
    n_times == 10;
  }));
}

SocksRelayCounters
world_get_counters (World *world)
{
  SocksRelayCounters counters;

  socks_relay_get_counters (world->relay, &counters);
  return counters;
}

void
world_wait_for_streams (World *world, guint n_streams)
{
  WAIT_UNTIL (world_get_counters (world).active_streams == n_streams);
}
