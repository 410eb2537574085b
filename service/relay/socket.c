/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the sockets of a stream are set, begin and end. Owns nothing. Any thread. */

#include "relay/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct
{
  int level;
  int name;
  int value;
} Option;

static const Option stream_options[] = {
  /* A relay adds a hop; it must not add Nagle's wait for an acknowledgement too. */
  { IPPROTO_TCP, TCP_NODELAY, 1 },
  /* Urgent data stays in its place between the other bytes, rather than being lost. */
  { SOL_SOCKET, SO_OOBINLINE, 1 },
  /* An idle stream may stay for ever, but not after its peer is gone, which is found out
   * after 60 + 4 × 15 s. */
  { SOL_SOCKET, SO_KEEPALIVE, 1 },
  { IPPROTO_TCP, TCP_KEEPIDLE, 60 },
  { IPPROTO_TCP, TCP_KEEPINTVL, 15 },
  { IPPROTO_TCP, TCP_KEEPCNT, 4 },
};

/* While bytes are on their way there is no keepalive; a remote that is gone is then found
 * out after 120 s. Only towards the remote: Linux counts a closed receive window as
 * silence, and a local program that pauses its reading for more than two minutes, such as
 * a video player, must find its download where it was. */
static const Option dial_option = { IPPROTO_TCP, TCP_USER_TIMEOUT, 120 * 1000 };

static int
set_option (int fd, const Option *option)
{
  return setsockopt (fd, option->level, option->name, &option->value,
                     sizeof option->value) < 0
             ? -errno
             : 0;
}

/**
 * socks_socket_set_stream_options:
 * @fd: a TCP socket: one to dial with, or a listening one, whose accepted sockets
 *   inherit all of this on Linux
 *
 * Returns: 0, or a negative errno
 */
int
socks_socket_set_stream_options (int fd)
{
  int result = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (stream_options) && result == 0; i++)
    result = set_option (fd, &stream_options[i]);
  return result;
}

/**
 * socks_socket_dial:
 * @remote: where to connect to
 * @out_fd: (out) (transfer full): the socket, which connects without waiting: it becomes
 *   writable when it has, and reports an error when it could not; untouched on failure
 *
 * Returns: 0, or a negative errno
 */
int
socks_socket_dial (const SocksEndpoint *remote, int *out_fd)
{
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes = socks_endpoint_to_sockaddr (remote, &sockaddr);
  int fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int result;

  if (fd < 0)
    return -errno;

  result = socks_socket_set_stream_options (fd);
  if (result == 0)
    result = set_option (fd, &dial_option);
  if (result == 0 && connect (fd, (struct sockaddr *) &sockaddr, n_bytes) < 0 &&
      errno != EINPROGRESS)
    result = -errno;
  if (result < 0)
    {
      close (fd);
      return result;
    }
  *out_fd = fd;
  return 0;
}

/**
 * socks_socket_close:
 * @fd: (transfer full): a socket
 * @closing: how
 */
void
socks_socket_close (int fd, SocksClosing closing)
{
  if (closing == SOCKS_CLOSING_RESET)
    {
      /* With a linger time of 0, close() sends RST and drops what was not sent. */
      struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

      setsockopt (fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
  close (fd);
}
