/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Speeds from counters that are read now and then, and both as words for people. Owns no
 * clock: the time comes with each reading. Any thread. */

#include "config.h"

#include "model/traffic-meter.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
push (double *rates, guint n_rates, double rate)
{
  if (n_rates == SOCKS_TRAFFIC_METER_MAX)
    {
      n_rates--;
      memmove (rates, rates + 1, n_rates * sizeof *rates);
    }
  rates[n_rates] = rate;
}

/**
 * socks_traffic_meter_reset:
 * @meter: a meter
 *
 * Forgets everything. A meter of zeros is such a one.
 */
void
socks_traffic_meter_reset (SocksTrafficMeter *meter)
{
  memset (meter, 0, sizeof *meter);
}

/**
 * socks_traffic_meter_add:
 * @meter: a meter
 * @traffic: what was counted
 * @now_us: when, by a clock that never goes back, in microseconds
 *
 * Adds a reading. The first one gives no rate; one that is smaller than the one before
 * comes from a service that was started anew, and the meter begins again with it.
 */
void
socks_traffic_meter_add (SocksTrafficMeter *meter,
                         const SocksTraffic *traffic,
                         gint64 now_us)
{
  if (meter->last_us != 0 && (traffic->bytes_sent < meter->last.bytes_sent ||
                              traffic->bytes_received < meter->last.bytes_received))
    socks_traffic_meter_reset (meter);

  if (meter->last_us != 0 && now_us > meter->last_us)
    {
      double seconds = (double) (now_us - meter->last_us) / G_USEC_PER_SEC;

      push (meter->sent, meter->n_rates,
            (double) (traffic->bytes_sent - meter->last.bytes_sent) / seconds);
      push (meter->received, meter->n_rates,
            (double) (traffic->bytes_received - meter->last.bytes_received) / seconds);
      meter->n_rates = MIN (meter->n_rates + 1, SOCKS_TRAFFIC_METER_MAX);
    }
  meter->last = *traffic;
  meter->last_us = now_us;
}

/**
 * socks_traffic_text_rate:
 * @bytes_per_second: a rate
 *
 * Returns: (transfer full): "1.2 MB/s"
 */
char *
socks_traffic_text_rate (double bytes_per_second)
{
  g_autofree char *size = g_format_size ((guint64) (bytes_per_second + 0.5));

  /* Translators: a size in each second, as in "1.2 MB/s" */
  return g_strdup_printf (_ ("%s/s"), size);
}

/**
 * socks_traffic_text_total:
 * @n_bytes: bytes since the service started
 *
 * Returns: (transfer full): "3.4 GB in all"
 */
char *
socks_traffic_text_total (guint64 n_bytes)
{
  g_autofree char *size = g_format_size (n_bytes);

  /* Translators: how much was sent or received altogether, as in "3.4 GB in all" */
  return g_strdup_printf (_ ("%s in all"), size);
}

/**
 * socks_traffic_text_connections:
 * @traffic: what was counted
 *
 * Returns: (transfer full): how many connections there are
 */
char *
socks_traffic_text_connections (const SocksTraffic *traffic)
{
  guint n = traffic->active_connections;

  if (n == 0)
    return g_strdup (_ ("No application uses it now"));
  return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u open connection", "%u open connections", n), n);
}
