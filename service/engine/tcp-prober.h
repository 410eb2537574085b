/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/prober.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_TCP_PROBER (socks_tcp_prober_get_type ())
G_DECLARE_FINAL_TYPE (SocksTcpProber, socks_tcp_prober, SOCKS, TCP_PROBER, GObject)

SocksProber *socks_tcp_prober_new (gint64 timeout_us, GError **error);

G_END_DECLS
