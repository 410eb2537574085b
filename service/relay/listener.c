/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The local port: opening it as it must be open, and letting go of it. Accepting is the
 * workers' part. Any thread.
 *
 * All workers accept from one socket. SO_REUSEPORT would give each its own, but then any
 * other program of the same user could quietly take a share of the connections, and
 * nobody would learn that the port is taken. */

#include "relay/listener.h"

#include "relay/socket.h"

#include <errno.h>
#include <unistd.h>

/* As many as the connections that may be forwarded; the kernel cuts it to somaxconn. */
#define BACKLOG 4096

static int
set_option (int fd, int level, int name, int value)
{
  return setsockopt (fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

static int
configure (int fd, int family, gboolean local_only)
{
  static const char loopback[] = "lo";
  int result;

  /* After a restart, streams in TIME_WAIT may still hold the port. Two listening sockets
   * on one port stay impossible. */
  result = set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (result == 0 && family == AF_INET6)
    result = set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (result == 0 && local_only &&
      setsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, loopback, sizeof loopback) < 0)
    result = -errno;
  if (result == 0)
    result = socks_socket_set_client_options (fd);
  return result;
}

static int
bind_and_listen (int fd, const struct sockaddr_storage *sockaddr, socklen_t n_bytes)
{
  if (bind (fd, (const struct sockaddr *) sockaddr, n_bytes) < 0 ||
      listen (fd, BACKLOG) < 0)
    return -errno;
  return 0;
}

/**
 * socks_listener_open:
 * @local: where to listen; `[::]` takes IPv4 too; port 0 lets the kernel choose one
 * @local_only: only this machine may connect, by the loopback device; where that cannot
 *   be had the port is not opened
 * @out_listener: (out) (transfer full): the open port; untouched on failure
 *
 * Returns: 0, or a negative errno: `-EADDRINUSE` where another program has the port
 */
int
socks_listener_open (const SocksEndpoint *local,
                     gboolean local_only,
                     SocksListener **out_listener)
{
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes = socks_endpoint_to_sockaddr (local, &sockaddr);
  int family = sockaddr.ss_family;
  SocksListener *self;
  int fd, result;

  fd = socket (family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;

  result = configure (fd, family, local_only);
  if (result == 0)
    result = bind_and_listen (fd, &sockaddr, n_bytes);
  if (result == 0 && getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes) < 0)
    result = -errno;
  if (result < 0)
    {
      close (fd);
      return result;
    }

  self = g_new0 (SocksListener, 1);
  self->fd = fd;
  self->asked = *local;
  socks_endpoint_from_sockaddr (&sockaddr, &self->bound);
  self->reference_count = 1;
  *out_listener = self;
  return 0;
}

/**
 * socks_listener_ref:
 * @listener: an open port
 *
 * Returns: (transfer full): @listener
 */
SocksListener *
socks_listener_ref (SocksListener *listener)
{
  g_atomic_int_inc (&listener->reference_count);
  return listener;
}

/**
 * socks_listener_unref:
 * @listener: (transfer full): an open port
 */
void
socks_listener_unref (SocksListener *listener)
{
  if (!g_atomic_int_dec_and_test (&listener->reference_count))
    return;
  close (listener->fd);
  g_free (listener);
}

/**
 * socks_listener_shut:
 * @listener: an open port
 *
 * Stops it for all who hold a reference, at once: new connections are refused by the
 * kernel, and accept4() gives `EINVAL` from now on.
 */
void
socks_listener_shut (SocksListener *listener)
{
  shutdown (listener->fd, SHUT_RDWR);
}
