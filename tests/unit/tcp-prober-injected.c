/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* System calls of a probe that fail. The linker puts the functions below in front of the
 * C library's (see meson.build). A want of this machine is told as such and never becomes
 * a verdict on the peer, and no descriptor is left behind. */

#include "core/error.h"
#include "engine/tcp-prober.h"
#include "probe-world.h"
#include "relay-world.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

typedef enum
{
  NONE,
  CONNECT,
  EPOLL_CTL,
  SOCKET,
} Call;

static struct
{
  Call call; /* that fails */
  int error_number;
} injection;

static gboolean
fails (Call call)
{
  if (call != injection.call)
    return FALSE;
  errno = injection.error_number;
  return TRUE;
}

/* RESULT __wrap_NAME (parameters) in front of RESULT __real_NAME (parameters). */
#define WRAP(call, result, name, parameters, arguments) \
  result __real_##name parameters; \
  result __wrap_##name parameters; \
  result __wrap_##name parameters { return fails (call) ? -1 : __real_##name arguments; }

WRAP (CONNECT,
      int,
      connect,
      (int fd, const struct sockaddr *peer, socklen_t n_bytes),
      (fd, peer, n_bytes))
WRAP (EPOLL_CTL,
      int,
      epoll_ctl,
      (int epoll, int operation, int fd, struct epoll_event *event),
      (epoll, operation, fd, event))
WRAP (SOCKET, int, socket, (int family, int type, int protocol), (family, type, protocol))

typedef struct
{
  SocksProber *prober; /* (owned) */
  int listener;
  SocksEndpoint peer;
  guint n_descriptors;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->prober = probe_world_new_prober (PATIENCE_SEC * 1000);
  fixture->listener = listen_on ("[::1]", 16, &fixture->peer);
  fixture->n_descriptors = count_descriptors ();
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_descriptors (), ==, fixture->n_descriptors);
  close (fixture->listener);
  g_assert_finalize_object (fixture->prober);
}

/* Starts a probe whose @call fails with @error_number. */
static PendingProbe *
start_failing (Fixture *fixture, Call call, int error_number)
{
  PendingProbe *probe;

  g_test_message ("%d: %s", call, g_strerror (error_number));
  injection.call = call;
  injection.error_number = error_number;
  probe = pending_probe_new (fixture->prober, &fixture->peer, SOCKS_PROBE_GREETING,
                             NULL /* cancellable */);
  pending_probe_wait (probe);
  injection.call = NONE;
  return probe;
}

typedef struct
{
  Call call;
  int error_number;
} Case;

static void
test_a_want_of_this_machine_is_no_verdict (Fixture *fixture, gconstpointer data)
{
  static const Case cases[] = {
    { SOCKET, EMFILE },    { SOCKET, ENFILE },    { SOCKET, ENOBUFS },
    { SOCKET, ENOMEM },    { CONNECT, ENOBUFS },  { CONNECT, ENOMEM },
    { EPOLL_CTL, ENOMEM }, { EPOLL_CTL, ENOSPC },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PendingProbe) probe =
          start_failing (fixture, cases[i].call, cases[i].error_number);

      g_assert_error (probe->error, SOCKS_ERROR, SOCKS_ERROR_PROBE);
    }
}

/* The socket fails on a machine without IPv6. */
static void
test_where_this_machine_has_no_way_is_unreachable (Fixture *fixture, gconstpointer data)
{
  static const Case cases[] = {
    { SOCKET, EAFNOSUPPORT }, { CONNECT, ENETUNREACH },   { CONNECT, EHOSTUNREACH },
    { CONNECT, ENETDOWN },    { CONNECT, EADDRNOTAVAIL }, { CONNECT, EACCES },
    { CONNECT, EPERM },       { CONNECT, EINVAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (PendingProbe) probe =
          start_failing (fixture, cases[i].call, cases[i].error_number);

      pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_UNREACHABLE);
    }
}

#define ADD(name, function) \
  g_test_add ("/tcp-prober-injected/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  probe_world_init ();

  ADD ("a-want-of-this-machine-is-no-verdict", test_a_want_of_this_machine_is_no_verdict);
  ADD ("where-this-machine-has-no-way-is-unreachable",
       test_where_this_machine_has_no_way_is_unreachable);
  return g_test_run ();
}
