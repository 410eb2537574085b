/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "core/greeting.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksProbeKind:
 * @SOCKS_PROBE_GREETING: connect, send the greeting, judge the answer
 * @SOCKS_PROBE_REACH: connect and no more
 *
 * How much is asked of a peer.
 */
typedef enum
{
  SOCKS_PROBE_GREETING,
  SOCKS_PROBE_REACH,
} SocksProbeKind;

#define SOCKS_TYPE_PROBER (socks_prober_get_type ())
G_DECLARE_INTERFACE (SocksProber, socks_prober, SOCKS, PROBER, GObject)

/**
 * SocksProberInterface:
 * @probe_async: see socks_prober_probe_async()
 * @probe_finish: see socks_prober_probe_finish()
 *
 * What asks a peer whether it is a proxy: the network, or a test. Main thread.
 */
struct _SocksProberInterface
{
  GTypeInterface g_iface;

  void (*probe_async) (SocksProber *self,
                       const SocksEndpoint *endpoint,
                       SocksProbeKind kind,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
  gboolean (*probe_finish) (SocksProber *self,
                            GAsyncResult *result,
                            SocksVerdict *out_verdict,
                            GError **error);
};

void socks_prober_probe_async (SocksProber *self,
                               const SocksEndpoint *endpoint,
                               SocksProbeKind kind,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean socks_prober_probe_finish (SocksProber *self,
                                    GAsyncResult *result,
                                    SocksVerdict *out_verdict,
                                    GError **error);

gboolean socks_prober_is_want (int error_number);

G_END_DECLS
