/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Speeds from counters, and the local port, as people and shells read them. */

#include <string.h>

#include "model/port-text.h"
#include "model/traffic-meter.h"

#define SECOND G_USEC_PER_SEC

static void
test_a_rate_is_what_came_between_two_readings (void)
{
  SocksTrafficMeter meter = { 0 };

  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_sent = 1000 }, 5 * SECOND);
  g_assert_cmpuint (meter.n_rates, ==, 0);
  socks_traffic_meter_add (
      &meter, &(SocksTraffic){ .bytes_sent = 3000, .bytes_received = 50 }, 7 * SECOND);
  g_assert_cmpuint (meter.n_rates, ==, 1);
  g_assert_cmpfloat (meter.sent[0], ==, 1000);
  g_assert_cmpfloat (meter.received[0], ==, 25);
}

static void
test_two_readings_at_once_are_no_rate (void)
{
  SocksTrafficMeter meter = { 0 };

  socks_traffic_meter_add (&meter, &(SocksTraffic){ 0 }, SECOND);
  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_sent = 1 }, SECOND);
  g_assert_cmpuint (meter.n_rates, ==, 0);
}

static void
test_a_service_started_anew_begins_the_meter_anew (void)
{
  SocksTrafficMeter meter = { 0 };

  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_received = 10 }, SECOND);
  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_received = 20 }, 2 * SECOND);
  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_received = 5 }, 3 * SECOND);
  g_assert_cmpuint (meter.n_rates, ==, 0);
  socks_traffic_meter_add (&meter, &(SocksTraffic){ .bytes_received = 6 }, 4 * SECOND);
  g_assert_cmpfloat (meter.received[0], ==, 1);
}

static void
test_the_oldest_rates_are_forgotten (void)
{
  SocksTrafficMeter meter = { 0 };
  SocksTraffic traffic = { 0 };

  for (guint i = 1; i <= SOCKS_TRAFFIC_METER_MAX + 2; i++)
    {
      traffic.bytes_sent += i;
      socks_traffic_meter_add (&meter, &traffic, i * SECOND);
    }
  g_assert_cmpuint (meter.n_rates, ==, SOCKS_TRAFFIC_METER_MAX);
  g_assert_cmpfloat (meter.sent[0], ==, 3);
  g_assert_cmpfloat (meter.sent[SOCKS_TRAFFIC_METER_MAX - 1], ==,
                     SOCKS_TRAFFIC_METER_MAX + 2);
}

static void
test_traffic_is_said_in_words (void)
{
  g_autofree char *none = socks_traffic_text_rate (0);
  g_autofree char *fast = socks_traffic_text_rate (1234567);
  g_autofree char *total = socks_traffic_text_total (3400000000);
  g_autofree char *unused = socks_traffic_text_connections (&(SocksTraffic){ 0 });
  g_autofree char *one =
      socks_traffic_text_connections (&(SocksTraffic){ .active_connections = 1 });
  g_autofree char *two =
      socks_traffic_text_connections (&(SocksTraffic){ .active_connections = 2 });

  g_assert_cmpstr (none, ==, "0 bytes/s");
  /* GLib's own no-break space stands before the unit. */
  g_assert_cmpstr (fast, ==, "1.2\u00a0MB/s");
  g_assert_cmpstr (total, ==, "3.4\u00a0GB in all");
  g_assert_cmpstr (unused, ==, "No application uses it now");
  g_assert_cmpstr (one, ==, "1 open connection");
  g_assert_cmpstr (two, ==, "2 open connections");
}

static void
test_the_local_port_is_said_as_applications_take_it (void)
{
  const char *const ports[][2] = {
    { "", "socks5h://localhost:1080" },
    { "[::]:1080", "socks5h://localhost:1080" },
    { "[::]:9050", "socks5h://localhost:9050" },
    { "0.0.0.0:1080", "socks5h://localhost:1080" },
    { "127.0.0.1:1080", "socks5h://localhost:1080" },
    { "[::1]:1080", "socks5h://localhost:1080" },
    { "192.0.2.1:1080", "socks5h://192.0.2.1:1080" },
    { "[400::5]:1080", "socks5h://[400::5]:1080" },
    { "nonsense", "socks5h://localhost:1080" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ports); i++)
    {
      g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
      g_autofree char *url = NULL;

      g_free (snapshot->listening);
      snapshot->listening = g_strdup (ports[i][0]);
      url = socks_port_text_url (snapshot);
      g_assert_cmpstr (url, ==, ports[i][1]);
    }
}

static void
test_a_shell_gets_both_spellings (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
  g_autofree char *lines = socks_port_text_shell (snapshot);

  g_assert_cmpstr (lines, ==,
                   "unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY "
                   "ftp_proxy FTP_PROXY\n"
                   "export all_proxy=socks5h://localhost:1080 "
                   "ALL_PROXY=socks5h://localhost:1080\n"
                   "export no_proxy=localhost,127.0.0.1,::1 "
                   "NO_PROXY=localhost,127.0.0.1,::1\n");
}

static void
test_a_shell_forgets_other_proxies (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
  g_autofree char *lines = socks_port_text_shell (snapshot);
  g_autofree char *script = g_strconcat (lines, "env", NULL);
  const char *const arguments[] = { "sh", "-eu", "-c", script, NULL };
  g_auto (GStrv) environment = g_get_environ ();
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  for (guint i = 0; socks_port_text_rivals[i] != NULL; i++)
    environment = g_environ_setenv (environment, socks_port_text_rivals[i],
                                    "http://elsewhere:1", TRUE);
  g_spawn_sync (NULL /* directory */, (char **) arguments, environment,
                G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_nonnull (strstr (output, "all_proxy=socks5h://localhost:1080\n"));
  g_assert_null (strstr (output, "elsewhere"));
}

static void
test_who_can_reach_the_port_is_said (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  g_assert_cmpstr (socks_port_text_reach (snapshot), ==,
                   "Closed. It opens when you connect.");
  g_free (snapshot->listening);
  snapshot->listening = g_strdup ("[::]:1080");
  g_assert_cmpstr (socks_port_text_reach (snapshot), ==,
                   "Only applications on this computer can use it.");
  snapshot->is_open_to_others = TRUE;
  g_assert_cmpstr (socks_port_text_reach (snapshot), ==,
                   "Open to other computers too, as the configuration says.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/traffic-meter/" #name, test_##name)
  ADD (a_rate_is_what_came_between_two_readings);
  ADD (two_readings_at_once_are_no_rate);
  ADD (a_service_started_anew_begins_the_meter_anew);
  ADD (the_oldest_rates_are_forgotten);
  ADD (traffic_is_said_in_words);
  ADD (the_local_port_is_said_as_applications_take_it);
  ADD (a_shell_gets_both_spellings);
  ADD (a_shell_forgets_other_proxies);
  ADD (who_can_reach_the_port_is_said);
#undef ADD
  return g_test_run ();
}
