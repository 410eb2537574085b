/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface of what asks one peer whether it is a proxy. */

#include "engine/prober.h"

#include <errno.h>

G_DEFINE_INTERFACE (SocksProber, socks_prober, G_TYPE_OBJECT)

static void
socks_prober_default_init (SocksProberInterface *iface)
{
}

/**
 * socks_prober_probe_async:
 * @self: a prober
 * @endpoint: whom to ask; copied
 * @kind: how much to ask
 * @cancellable: (nullable): ends the probe
 * @callback: called with the result, never before this function has returned
 * @user_data: for @callback
 *
 * Asks one peer, within the prober's one deadline for connect, write and read.
 */
void
socks_prober_probe_async (SocksProber *self,
                          const SocksEndpoint *endpoint,
                          SocksProbeKind kind,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  SOCKS_PROBER_GET_IFACE (self)->probe_async (self, endpoint, kind, cancellable, callback,
                                              user_data);
}

/**
 * socks_prober_probe_finish:
 * @self: a prober
 * @result: what the callback was given
 * @out_verdict: (out): the verdict; untouched on failure. For %SOCKS_PROBE_REACH a peer
 *   that was reached has %SOCKS_STATUS_UNPROBED: it was not asked what it is
 * @error: return location for a %SOCKS_ERROR_PROBE (want of descriptors or memory on this
 *   machine) or a %G_IO_ERROR_CANCELLED; both say nothing about the peer
 *
 * Returns: whether there is a verdict
 */
gboolean
socks_prober_probe_finish (SocksProber *self,
                           GAsyncResult *result,
                           SocksVerdict *out_verdict,
                           GError **error)
{
  return SOCKS_PROBER_GET_IFACE (self)->probe_finish (self, result, out_verdict, error);
}

/**
 * socks_prober_is_want:
 * @error_number: an errno with which a connection could not be made
 *
 * Returns: whether it is for want of descriptors or memory on this machine, and so says
 *   nothing about the peer
 */
gboolean
socks_prober_is_want (int error_number)
{
  switch (error_number)
    {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:
      return TRUE;
    default:
      return FALSE;
    }
}
