/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The figures as a text. That others can read it is shown by real readers, in the whole
 * tests. */

#include "config.h"

#include "metrics/figures.h"

#include <string.h>

static const SocksFigures some_figures = {
  .started_us = G_GINT64_CONSTANT (1700000000123456),
  .state = SOCKS_STATE_CONNECTED,
  .n_peers = { 1, 2, 3, 4, 5 },
  .relay = { .active_streams = 6,
             .total_streams = 7,
             .refused_streams = 8,
             .failed_dials = 9,
             .bytes_sent = G_MAXUINT64,
             .bytes_received = 10 },
  .n_failovers = 11,
  .last_sweep_us = G_GINT64_CONSTANT (1700000060000001),
  .sweep_duration_us = 51234567,
};

static void
assert_line (const char *text, const char *line)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (!g_strv_contains ((const char *const *) lines, line))
    g_error ("no line “%s” in:\n%s", line, text);
}

static void
test_every_figure_has_its_place (void)
{
  static const char *const lines[] = {
    "mycelium_socks_build_info{version=\"" PACKAGE_VERSION "\"} 1",
    "mycelium_socks_start_time_seconds 1700000000.123456",
    "mycelium_socks_state{state=\"disconnected\"} 0",
    "mycelium_socks_state{state=\"connecting\"} 0",
    "mycelium_socks_state{state=\"connected\"} 1",
    "mycelium_socks_state{state=\"failing\"} 0",
    "mycelium_socks_peers{status=\"unprobed\"} 1",
    "mycelium_socks_peers{status=\"valid\"} 2",
    "mycelium_socks_peers{status=\"authentication_required\"} 3",
    "mycelium_socks_peers{status=\"not_a_proxy\"} 4",
    "mycelium_socks_peers{status=\"not_listening\"} 5",
    "mycelium_socks_streams 6",
    "mycelium_socks_accepted_streams_total 7",
    "mycelium_socks_refused_streams_total 8",
    "mycelium_socks_dial_failures_total 9",
    "mycelium_socks_bytes_total{direction=\"sent\"} 18446744073709551615",
    "mycelium_socks_bytes_total{direction=\"received\"} 10",
    "mycelium_socks_failovers_total 11",
    "mycelium_socks_last_sweep_timestamp_seconds 1700000060.000001",
    "mycelium_socks_sweep_duration_seconds 51.234567",
  };
  g_autofree char *text = socks_figures_format (&some_figures);
  g_auto (GStrv) all = g_strsplit (text, "\n", -1);
  guint n_samples = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    assert_line (text, lines[i]);
  for (char **line = all; *line != NULL; line++)
    n_samples += **line != '\0' && **line != '#';
  g_assert_cmpuint (n_samples, ==, G_N_ELEMENTS (lines));
}

static void
test_the_end_is_the_end (void)
{
  g_autofree char *text = socks_figures_format (&some_figures);

  g_assert_true (g_str_has_suffix (text, "\n# EOF\n"));
  g_assert_true (strstr (text, "# EOF") == strrchr (text, '#'));
}

static void
test_a_sweep_that_was_not_is_left_out (void)
{
  SocksFigures figures = some_figures;
  g_autofree char *text = NULL;

  figures.last_sweep_us = 0;
  figures.sweep_duration_us = 0;
  text = socks_figures_format (&figures);
  g_assert_null (strstr (text, "sweep"));
}

static void
test_a_sweep_over_nobody_took_no_time (void)
{
  SocksFigures figures = some_figures;
  g_autofree char *text = NULL;

  figures.sweep_duration_us = 0;
  text = socks_figures_format (&figures);
  assert_line (text, "mycelium_socks_sweep_duration_seconds 0.000000");
}

#define ADD(name, function) g_test_add_func ("/metrics-figures/" name, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("every-figure-has-its-place", test_every_figure_has_its_place);
  ADD ("the-end-is-the-end", test_the_end_is_the_end);
  ADD ("a-sweep-that-was-not-is-left-out", test_a_sweep_that_was_not_is_left_out);
  ADD ("a-sweep-over-nobody-took-no-time", test_a_sweep_over_nobody_took_no_time);
  return g_test_run ();
}
