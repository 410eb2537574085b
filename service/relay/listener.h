/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

G_BEGIN_DECLS

/**
 * SocksListener:
 * @fd: the listening socket
 * @asked: the address that was asked for
 * @bound: the address that it got, with its port where 0 was asked for
 * @reference_count: (private):
 *
 * The local port. Immutable; shared by the main thread and the workers, and closed with
 * the last reference.
 */
typedef struct
{
  int fd;
  SocksEndpoint asked;
  SocksEndpoint bound;
  gint reference_count;
} SocksListener;

int socks_listener_open (const SocksEndpoint *local,
                         gboolean local_only,
                         SocksListener **out_listener);
SocksListener *socks_listener_ref (SocksListener *listener);
void socks_listener_unref (SocksListener *listener);
void socks_listener_shut (SocksListener *listener);

G_END_DECLS
