/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The configuration file: settings that are accepted are in range and come back from a
 * file that says the same; others are an error that names the file. */

#include "target.h"

#include "core/error.h"
#include "engine/settings.h"

#include <string.h>

static char *
list_peers (const SocksSettings *settings)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < settings->static_peers->len; i++)
    {
      char peer[SOCKS_ENDPOINT_TEXT_BYTES];

      socks_endpoint_write (&g_array_index (settings->static_peers, SocksEndpoint, i),
                            peer);
      g_string_append_printf (text, "%s;", peer);
    }
  return g_string_free (text, FALSE);
}

static char *
list_networks (const SocksSettings *settings)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < settings->allow_from->len; i++)
    {
      g_autofree char *network =
          socks_prefix_format (&g_array_index (settings->allow_from, SocksPrefix, i));

      g_string_append_printf (text, "%s;", network);
    }
  return g_string_free (text, FALSE);
}

/* A configuration file that says what the settings are, every key of it. */
static char *
write_settings (const SocksSettings *settings)
{
  g_autofree char *peers = list_peers (settings);
  g_autofree char *networks = list_networks (settings);
  g_autofree char *threads =
      settings->n_threads != 0 ? g_strdup_printf ("%u", settings->n_threads) : NULL;
  char address[SOCKS_ENDPOINT_TEXT_BYTES];

  socks_endpoint_write (&settings->listen_address, address);
  return g_strdup_printf (
      "[Node]\nUrl=%s\n"
      "[Probing]\nEnabled=%d\nIntervalSec=%u\nTimeoutSec=%u\nPort=%u\nParallel=%u\n"
      "StaticPeers=%s\n"
      "[Listen]\nAddress=%s\nScope=%s\nAllowFrom=%s\n"
      "[Selection]\nFailover=%d\nRestore=%d\n"
      "[Limits]\nConnections=%u\nThreads=%s\n"
      "[Metrics]\nTextFile=%s\n",
      settings->node_url, settings->probing_enabled, settings->probe_interval_s,
      settings->probe_timeout_s, settings->probe_port, settings->parallel_probes, peers,
      address, settings->listen_local_only ? "local" : "any", networks,
      settings->failover, settings->restore, settings->max_connections,
      threads != NULL ? threads : "",
      settings->metrics_path != NULL ? settings->metrics_path : "");
}

static void
assert_is_in_range (const SocksSettings *settings)
{
  g_assert_true (g_str_has_prefix (settings->node_url, "http://") ||
                 g_str_has_prefix (settings->node_url, "https://"));
  g_assert_false (g_str_has_suffix (settings->node_url, "/"));
  g_assert_true (settings->probe_interval_s >= 1 && settings->probe_interval_s <= 86400);
  g_assert_true (settings->probe_timeout_s >= 1 && settings->probe_timeout_s <= 60);
  g_assert_cmpuint (settings->probe_port, !=, 0);
  g_assert_true (settings->parallel_probes >= 1 && settings->parallel_probes <= 4096);
  g_assert_true (settings->max_connections >= 1 && settings->max_connections <= 65536);
  g_assert_cmpuint (settings->n_threads, <=, 64);
  g_assert_cmpuint (settings->listen_address.port, !=, 0);
  g_assert_true (settings->metrics_path == NULL ||
                 (settings->metrics_path[0] == '/' &&
                  g_str_has_suffix (settings->metrics_path, ".prom")));
  for (guint i = 0; i < settings->static_peers->len; i++)
    g_assert_true (socks_endpoint_check_remote (
        &g_array_index (settings->static_peers, SocksEndpoint, i),
        settings->listen_address.port, NULL /* own addresses */, 0, NULL /* error */));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  const char *path = target_write_file (data, n_bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (SocksSettings) settings =
      socks_settings_load (path, FALSE /* may be missing */, &error);
  g_autoptr (SocksSettings) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *written_again = NULL;

  if (settings == NULL)
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS);
      g_assert_nonnull (strstr (error->message, path));
      target_assert_is_shown_safely (error->message);
      return 0;
    }

  g_assert_no_error (error);
  assert_is_in_range (settings);
  written = write_settings (settings);
  again = socks_settings_load (target_write_file (written, strlen (written)), FALSE,
                               &error);
  g_assert_no_error (error);
  written_again = write_settings (again);
  g_assert_cmpstr (written_again, ==, written);
  return 0;
}
