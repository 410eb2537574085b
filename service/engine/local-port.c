/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The local port as the engine sees it: opened with an error that a person can act on,
 * and never its own remote. Main thread. */

#include "engine/local-port.h"

#include <errno.h>
#include <ifaddrs.h>

#include "core/error.h"
#include "relay/listener.h"
#include "relay/port-holder.h"

/**
 * socks_local_port_open:
 * @relay: the relay that listens
 * @address: on what
 * @error: return location for a %SOCKS_ERROR_ADDRESS_IN_USE or %SOCKS_ERROR_LISTEN_FAILED
 *
 * Opens the local port; success where it is open already.
 *
 * Returns: whether the port accepts connections
 */
gboolean
socks_local_port_open (SocksRelay *relay, const SocksEndpoint *address, GError **error)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];
  int result = socks_relay_listen (relay, address);

  if (result == 0)
    return TRUE;

  socks_endpoint_write (address, text);
  if (result == -EADDRINUSE)
    {
      g_autofree char *holder = socks_port_holder_describe (address);

      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_ADDRESS_IN_USE,
                   "Could not bind TCP listener on %s: the port is held by %s; stop that "
                   "program, or set another Address= in the group [Listen]",
                   text, holder != NULL ? holder : "another program");
    }
  else
    g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_LISTEN_FAILED,
                 "Could not listen on %s: %s; check Address= and Scope= in the group "
                 "[Listen]",
                 text, g_strerror (-result));
  return FALSE;
}

/**
 * socks_local_port_can_open:
 * @address: on what
 * @local_only: only this machine may connect
 *
 * Tries it, for a moment.
 *
 * Returns: 0, or a negative errno: `-EADDRINUSE` where another program has the port
 */
int
socks_local_port_can_open (const SocksEndpoint *address, gboolean local_only)
{
  SocksListener *listener;
  int result = socks_listener_open (address, local_only, &listener);

  if (result == 0)
    socks_listener_unref (listener);
  return result;
}

/**
 * socks_local_port_check_remote:
 * @remote: where streams would be forwarded to
 * @listening_port: the port that this service listens on, open or not
 * @node_address: (nullable): the Mycelium node's own address, which need not be on an
 *   interface of this machine
 * @error: return location for a %SOCKS_ERROR_REMOTE_NOT_ALLOWED
 *
 * socks_endpoint_check_remote() with the addresses that this machine has now.
 *
 * Returns: whether @remote may be a remote
 */
gboolean
socks_local_port_check_remote (const SocksEndpoint *remote,
                               guint16 listening_port,
                               const struct in6_addr *node_address,
                               GError **error)
{
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (struct in6_addr));
  struct ifaddrs *interfaces = NULL;

  if (node_address != NULL)
    g_array_append_val (own, *node_address);

  /* Should this fail, the loopback and the node's address are still known. */
  if (getifaddrs (&interfaces) < 0)
    g_warning ("The addresses of this machine can't be read: %s", g_strerror (errno));
  for (const struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
    if (i->ifa_addr != NULL && (i->ifa_addr->sa_family == AF_INET ||
                                i->ifa_addr->sa_family == AF_INET6))
      {
        SocksEndpoint endpoint;

        socks_endpoint_from_sockaddr ((const struct sockaddr_storage *) i->ifa_addr,
                                      &endpoint);
        g_array_append_val (own, endpoint.address);
      }
  freeifaddrs (interfaces);

  return socks_endpoint_check_remote (remote, listening_port,
                                      (const struct in6_addr *) (gpointer) own->data,
                                      own->len, error);
}
