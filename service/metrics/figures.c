/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The figures as a text that two kinds of reader understand: those of OpenMetrics 1.0,
 * and those of the older Prometheus format 0.0.4, among which is the textfile collector
 * of node_exporter. Pure function, any thread.
 *
 * What is valid in both is less than either. Of the types only “gauge” and “counter” have
 * the same name, so that the state is a gauge for each state rather than a “stateset”. A
 * counter NAME_total is declared as NAME, as OpenMetrics has it; to the older format that
 * is the name of nothing, and the sample an untyped one, which rate() does not mind. (The
 * other way round, OpenMetrics would refuse the file.) Units are comments to the older
 * format, and so is the end; and neither is told a time, which node_exporter refuses. */

#include "config.h"

#include "metrics/figures.h"

#define PREFIX "mycelium_socks_"

typedef enum
{
  GAUGE,
  COUNTER,
} Type;

/* @unit: (nullable): the end of @name */
static void
add_family (GString *text,
            const char *name,
            Type type,
            const char *unit,
            const char *help)
{
  g_string_append_printf (text, "# TYPE " PREFIX "%s %s\n", name,
                          type == GAUGE ? "gauge" : "counter");
  if (unit != NULL)
    g_string_append_printf (text, "# UNIT " PREFIX "%s %s\n", name, unit);
  g_string_append_printf (text, "# HELP " PREFIX "%s %s\n", name, help);
}

static void
add_sample (GString *text,
            const char *name,
            const char *label_name,
            const char *label,
            guint64 number)
{
  g_string_append_printf (text, PREFIX "%s{%s=\"%s\"} %" G_GUINT64_FORMAT "\n", name,
                          label_name, label, number);
}

static void
add_seconds (GString *text, const char *name, const char *help, gint64 us)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  add_family (text, name, GAUGE, "seconds", help);
  /* Whatever the decimal point of the user's language. */
  g_ascii_formatd (seconds, sizeof seconds, "%.6f", (double) us / G_USEC_PER_SEC);
  g_string_append_printf (text, PREFIX "%s %s\n", name, seconds);
}

static void
add_gauge (GString *text, const char *name, const char *help, guint64 number)
{
  add_family (text, name, GAUGE, NULL /* unit */, help);
  g_string_append_printf (text, PREFIX "%s %" G_GUINT64_FORMAT "\n", name, number);
}

static void
add_counter (GString *text, const char *name, const char *help, guint64 number)
{
  add_family (text, name, COUNTER, NULL /* unit */, help);
  g_string_append_printf (text, PREFIX "%s_total %" G_GUINT64_FORMAT "\n", name, number);
}

static void
add_states (GString *text, SocksState state)
{
  add_family (text, "state", GAUGE, NULL /* unit */, "1 for the present state, else 0.");
  for (guint i = 0; i < SOCKS_N_STATES; i++)
    add_sample (text, "state", "state", socks_state_to_string (i), i == state);
}

static void
add_peers (GString *text, const guint n_peers[static SOCKS_N_STATUSES])
{
  static const char *const labels[SOCKS_N_STATUSES] = {
    [SOCKS_STATUS_UNPROBED] = "unprobed",
    [SOCKS_STATUS_VALID] = "valid",
    [SOCKS_STATUS_AUTHENTICATION_REQUIRED] = "authentication_required",
    [SOCKS_STATUS_NOT_A_PROXY] = "not_a_proxy",
    [SOCKS_STATUS_NOT_LISTENING] = "not_listening",
  };

  add_family (text, "peers", GAUGE, NULL /* unit */,
              "Peers known, by what they answered to the last probe.");
  for (guint i = 0; i < SOCKS_N_STATUSES; i++)
    add_sample (text, "peers", "status", labels[i], n_peers[i]);
}

/**
 * socks_figures_format:
 * @figures: figures
 *
 * What is not known, because there was no sweep yet, is left out.
 *
 * Returns: (transfer full): the whole file, see
 *   <https://prometheus.io/docs/specs/om/open_metrics_spec/>
 */
char *
socks_figures_format (const SocksFigures *figures)
{
  const SocksRelayCounters *relay = &figures->relay;
  GString *text = g_string_new (NULL);

  add_family (text, "build_info", GAUGE, NULL /* unit */, "Always 1; says the version.");
  add_sample (text, "build_info", "version", PACKAGE_VERSION, 1);
  add_seconds (text, "start_time_seconds",
               "When the service started, since the Unix epoch.", figures->started_us);
  add_states (text, figures->state);
  add_peers (text, figures->n_peers);

  if (figures->last_sweep_us != 0)
    {
      add_seconds (text, "last_sweep_timestamp_seconds",
                   "When the last sweep over all peers ended, since the Unix epoch.",
                   figures->last_sweep_us);
      add_seconds (text, "sweep_duration_seconds",
                   "How long the last sweep over all peers took.",
                   figures->sweep_duration_us);
    }

  add_gauge (text, "streams", "Connections that are forwarded now.",
             relay->active_streams);
  add_counter (text, "accepted_streams", "Connections accepted to be forwarded.",
               relay->total_streams);
  add_counter (text, "refused_streams",
               "Connections closed at once: too many, not allowed, or no proxy there.",
               relay->refused_streams);
  add_counter (text, "dial_failures", "Connections for which the proxy was not reached.",
               relay->failed_dials);
  add_family (text, "bytes", COUNTER, "bytes",
              "Bytes forwarded, sent to the proxy or received from it.");
  add_sample (text, "bytes_total", "direction", "sent", relay->bytes_sent);
  add_sample (text, "bytes_total", "direction", "received", relay->bytes_received);
  add_counter (text, "failovers", "Proxies that died and were replaced by another.",
               figures->n_failovers);

  g_string_append (text, "# EOF\n");
  return g_string_free (text, FALSE);
}
