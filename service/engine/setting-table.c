/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* All that is known about each key of the configuration file, in one table: its default,
 * its range, how its value is read, and where that goes. Defaults are read from their
 * text like any value in the file. The file itself is read elsewhere. */

#include "engine/setting-table.h"

#include <string.h>

static gpointer
field_of (const SocksSetting *setting, SocksSettings *settings)
{
  return G_STRUCT_MEMBER_P (settings, setting->field_offset);
}

static gboolean
read_boolean (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  gboolean *value = field_of (setting, settings);

  if (strcmp (text, "true") == 0 || strcmp (text, "1") == 0)
    *value = TRUE;
  else if (strcmp (text, "false") == 0 || strcmp (text, "0") == 0)
    *value = FALSE;
  else
    return FALSE;
  return TRUE;
}

/* A number whose default is empty may be empty, which is 0. */
static gboolean
parse_number (const SocksSetting *setting, const char *text, guint *out_number)
{
  guint64 number = 0;

  if ((*text != '\0' || *setting->default_text != '\0') &&
      !g_ascii_string_to_unsigned (text, 10, setting->least, setting->most, &number,
                                   NULL))
    return FALSE;

  *out_number = (guint) number;
  return TRUE;
}

static gboolean
read_number (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  return parse_number (setting, text, field_of (setting, settings));
}

static gboolean
read_port (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  guint port;

  if (!parse_number (setting, text, &port))
    return FALSE;

  settings->probe_port = (guint16) port;
  return TRUE;
}

static gboolean
is_host (const char *text)
{
  static const char letters[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-.";

  return g_hostname_is_ip_address (text) ||
         (*text != '\0' && text[strspn (text, letters)] == '\0');
}

/* Written again from its parts, so that there is no slash before what is appended. */
static gboolean
read_url (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  g_autofree char *path = NULL;
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_ENCODED_PATH, NULL /* error */);

  if (uri == NULL ||
      (strcmp (g_uri_get_scheme (uri), "http") != 0 &&
       strcmp (g_uri_get_scheme (uri), "https") != 0) ||
      g_uri_get_host (uri) == NULL || !is_host (g_uri_get_host (uri)) ||
      g_uri_get_port (uri) == 0 || g_uri_get_userinfo (uri) != NULL ||
      g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return FALSE;

  path = g_strdup (g_uri_get_path (uri));
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';

  g_free (settings->node_url);
  settings->node_url =
      g_uri_join (G_URI_FLAGS_ENCODED_PATH, g_uri_get_scheme (uri), NULL /* userinfo */,
                  g_uri_get_host (uri), g_uri_get_port (uri), path, NULL /* query */,
                  NULL /* fragment */);
  return TRUE;
}

static gboolean
read_listen_address (const SocksSetting *setting,
                     const char *text,
                     SocksSettings *settings)
{
  SocksEndpoint endpoint;

  /* Port 0 would be another one after each start. */
  if (!socks_endpoint_parse (text, &endpoint, NULL /* error */) || endpoint.port == 0)
    return FALSE;

  settings->listen_address = endpoint;
  return TRUE;
}

static gboolean
read_scope (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  gboolean is_local = strcmp (text, "local") == 0;

  if (!is_local && strcmp (text, "any") != 0)
    return FALSE;

  settings->listen_local_only = is_local;
  return TRUE;
}

static gboolean
read_peer (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  SocksEndpoint peer;

  if (!socks_endpoint_parse (text, &peer, NULL /* error */) ||
      !socks_endpoint_check_remote (&peer, settings->listen_address.port,
                                    NULL /* own addresses: not known yet */, 0,
                                    NULL /* error */))
    return FALSE;

  g_array_append_val (settings->static_peers, peer);
  return TRUE;
}

static gboolean
read_prefix (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  SocksPrefix prefix;

  if (!socks_prefix_parse (text, &prefix))
    return FALSE;

  g_array_append_val (settings->allow_from, prefix);
  return TRUE;
}

/* A collector reads no other names, and what the working directory is nobody knows. */
static gboolean
read_text_file (const SocksSetting *setting, const char *text, SocksSettings *settings)
{
  gboolean is_off = *text == '\0';

  if (!is_off && (!g_path_is_absolute (text) || !g_str_has_suffix (text, ".prom")))
    return FALSE;

  g_free (settings->metrics_path);
  settings->metrics_path = is_off ? NULL : g_strdup (text);
  return TRUE;
}

#define FIELD(name) G_STRUCT_OFFSET (SocksSettings, name)
#define TRUE_OR_FALSE 0, 0, FALSE, "“true” or “false”"

/* In the order of reading: the listening address is needed to judge the peers. */
const SocksSetting socks_setting_table[] = {
  { "Listen", "Address", "[::]:1080", read_listen_address, FIELD (listen_address),
    0, 0, FALSE, "an address and a port of this machine, such as [::]:1080" },
  { "Listen", "Scope", "local", read_scope, FIELD (listen_local_only),
    0, 0, FALSE, "“local” or “any”" },
  { "Listen", "AllowFrom", "", read_prefix, FIELD (allow_from),
    0, 0, TRUE, "networks such as 192.168.1.0/24 or fd00::/8, whose host bits are all 0, "
                "separated by “;”" },
  { "Node", "Url", "http://127.0.0.1:8989", read_url, FIELD (node_url),
    0, 0, FALSE, "a URL such as http://127.0.0.1:8989, without user name, “?” and “#”" },
  { "Probing", "Enabled", "true", read_boolean, FIELD (probing_enabled), TRUE_OR_FALSE },
  { "Probing", "IntervalSec", "60", read_number, FIELD (probe_interval_s), 1, 86400 },
  { "Probing", "TimeoutSec", "5", read_number, FIELD (probe_timeout_s), 1, 60 },
  { "Probing", "Port", "1080", read_port, FIELD (probe_port), 1, 65535 },
  { "Probing", "Parallel", "1024", read_number, FIELD (parallel_probes), 1, 4096 },
  { "Probing", "StaticPeers", "", read_peer, FIELD (static_peers),
    0, 0, TRUE, "addresses and ports of other proxies, such as [400::1]:1080, "
                "separated by “;”" },
  { "Selection", "Failover", "true", read_boolean, FIELD (failover), TRUE_OR_FALSE },
  { "Selection", "Restore", "true", read_boolean, FIELD (restore), TRUE_OR_FALSE },
  { "Limits", "Connections", "4096", read_number, FIELD (max_connections), 1, 65536 },
  { "Limits", "Threads", "", read_number, FIELD (n_threads), 1, 64 },
  { "Metrics", "TextFile", "", read_text_file, FIELD (metrics_path),
    0, 0, FALSE, "nothing or an absolute path that ends in “.prom”, such as "
                 "/run/mycelium-socks/mycelium-socks.prom" },
};

const gsize socks_setting_table_length = G_N_ELEMENTS (socks_setting_table);

/**
 * socks_setting_read:
 * @setting: a row of the table
 * @text: what the file says for it, without blanks at its ends
 * @settings: where the value goes; what stands above in the table has been read before
 *
 * Returns: (nullable) (transfer full): the part of @text that is not allowed
 */
char *
socks_setting_read (const SocksSetting *setting,
                    const char *text,
                    SocksSettings *settings)
{
  g_auto (GStrv) items = NULL;

  if (!setting->is_list)
    return setting->read (setting, text, settings) ? NULL : g_strdup (text);

  g_array_set_size (*(GArray **) field_of (setting, settings), 0);
  items = g_strsplit (text, ";", -1);
  for (char **item = items; *item != NULL; item++)
    if (*g_strstrip (*item) != '\0' && !setting->read (setting, *item, settings))
      return g_strdup (*item);
  return NULL;
}

/**
 * socks_setting_describe_allowed:
 * @setting: a row of the table
 *
 * Returns: (transfer full): what may stand there, to be read after “must be”
 */
char *
socks_setting_describe_allowed (const SocksSetting *setting)
{
  if (setting->allowed != NULL)
    return g_strdup (setting->allowed);
  return g_strdup_printf ("%sa whole number from %u to %u",
                          *setting->default_text == '\0' ? "nothing or " : "",
                          setting->least, setting->most);
}
