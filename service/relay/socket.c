/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How both sockets of a stream are set, and how they end. Owns nothing. Any thread. */

#include "relay/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct
{
  int level;
  int name;
  int value;
} stream_options[] = {
  /* A relay adds a hop; it must not add Nagle's wait for an acknowledgement too. */
  { IPPROTO_TCP, TCP_NODELAY, 1 },
  /* Urgent data stays in its place between the other bytes, rather than being lost. */
  { SOL_SOCKET, SO_OOBINLINE, 1 },
  /* An idle stream may stay for ever, but not after its peer is gone: found out after
   * 60 + 4 × 15 s when idle, and after 120 s when bytes are on their way. */
  { SOL_SOCKET, SO_KEEPALIVE, 1 },
  { IPPROTO_TCP, TCP_KEEPIDLE, 60 },
  { IPPROTO_TCP, TCP_KEEPINTVL, 15 },
  { IPPROTO_TCP, TCP_KEEPCNT, 4 },
  { IPPROTO_TCP, TCP_USER_TIMEOUT, 120 * 1000 },
};

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
  for (gsize i = 0; i < G_N_ELEMENTS (stream_options); i++)
    if (setsockopt (fd, stream_options[i].level, stream_options[i].name,
                    &stream_options[i].value, sizeof stream_options[i].value) < 0)
      return -errno;
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
