/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* System calls that fail. The linker puts the functions below in front of the C library's
 * (see meson.build); calls that the relay makes are counted, and the one that is wanted
 * fails. */

#include "injected-calls.h"

#include <errno.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

Injection injection;
_Thread_local gboolean is_in_api;

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
  int number, failing;

  if (call != injection.call || !is_relay ())
    return FALSE;
  number = atomic_fetch_add (&injection.n_calls, 1) + 1;
  failing = atomic_load (&injection.number);
  if (failing != EVERY_CALL && failing != number)
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
WRAP (EPOLL_WAIT, int, epoll_wait,
      (int epoll, struct epoll_event *events, int n_events, int timeout_ms),
      (epoll, events, n_events, timeout_ms))
WRAP (EVENTFD, int, eventfd, (unsigned value, int flags), (value, flags))
WRAP (GETSOCKNAME, int, getsockname,
      (int fd, struct sockaddr *local, socklen_t *n_bytes), (fd, local, n_bytes))
WRAP (RECV, ssize_t, recv, (int fd, void *bytes, size_t n_bytes, int flags),
      (fd, bytes, n_bytes, flags))
WRAP (SEND, ssize_t, send, (int fd, const void *bytes, size_t n_bytes, int flags),
      (fd, bytes, n_bytes, flags))
WRAP (TIMERFD_CREATE, int, timerfd_create, (int clock, int flags), (clock, flags))
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

/* Not while there is a relay. */
void
injection_begin (Call call, int error_number, int number)
{
  injection.call = call;
  injection.error_number = error_number;
  atomic_store (&injection.number, number);
  atomic_store (&injection.n_calls, 0);
}
