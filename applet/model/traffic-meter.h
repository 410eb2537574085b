/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/client.h"

G_BEGIN_DECLS

/* How many rates are remembered: a minute, of one a second. */
#define SOCKS_TRAFFIC_METER_MAX 60

/**
 * SocksTrafficMeter:
 * @n_rates: how many rates there are
 * @sent: bytes a second towards the remote, the oldest first
 * @received: bytes a second from the remote, the oldest first
 *
 * What the counters of the service say about speed.
 */
typedef struct
{
  guint n_rates;
  double sent[SOCKS_TRAFFIC_METER_MAX];
  double received[SOCKS_TRAFFIC_METER_MAX];

  /*< private >*/
  SocksTraffic last;
  gint64 last_us; /* 0: there is none */
} SocksTrafficMeter;

void socks_traffic_meter_reset (SocksTrafficMeter *meter);
void socks_traffic_meter_add (SocksTrafficMeter *meter,
                              const SocksTraffic *traffic,
                              gint64 now_us);

char *socks_traffic_text_rate (double bytes_per_second);
char *socks_traffic_text_total (guint64 n_bytes);
char *socks_traffic_text_connections (const SocksTraffic *traffic);

G_END_DECLS
