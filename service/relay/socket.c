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

static const Option transfer_options[] = {
  /* A relay adds a hop; it must not add Nagle's wait for an acknowledgement too. */
  { IPPROTO_TCP, TCP_NODELAY, 1 },
  /* Urgent data stays in its place between the other bytes, rather than being lost. */
  { SOL_SOCKET, SO_OOBINLINE, 1 },
};

static const Option keepalive_options[] = {
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
static const Option remote_options[] = {
  { IPPROTO_TCP, TCP_USER_TIMEOUT, 120 * 1000 },
};

static int
set_options (int fd, const Option *options, gsize n_options)
{
  for (gsize i = 0; i < n_options; i++)
    if (setsockopt (fd, options[i].level, options[i].name, &options[i].value,
                    sizeof options[i].value) < 0)
      return -errno;
  return 0;
}

#define SET_OPTIONS(fd, options) set_options (fd, options, G_N_ELEMENTS (options))

/**
 * socks_socket_set_client_options:
 * @fd: a listening TCP socket, whose accepted sockets inherit all of this on Linux
 *
 * Returns: 0, or a negative errno
 */
int
socks_socket_set_client_options (int fd)
{
  int result = SET_OPTIONS (fd, transfer_options);

  return result < 0 ? result : SET_OPTIONS (fd, keepalive_options);
}

/**
 * socks_error_is_of_client:
 * @error_number: an errno of accept4()
 *
 * Returns: whether the connection that was next is gone, and there may be more after it:
 *   accept(2), "Error handling"
 */
gboolean
socks_error_is_of_client (int error_number)
{
  switch (error_number)
    {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * socks_socket_keep_alive:
 * @remote_fd: a socket of socks_socket_dial() that is there to stay
 *
 * Makes it find out when its peer is gone.
 *
 * Returns: 0, or a negative errno
 */
int
socks_socket_keep_alive (int remote_fd)
{
  int result = SET_OPTIONS (remote_fd, keepalive_options);

  return result < 0 ? result : SET_OPTIONS (remote_fd, remote_options);
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

  result = SET_OPTIONS (fd, transfer_options);
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
