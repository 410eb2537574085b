/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The configuration file. One table holds all that is known about each key: its default,
 * its range, and where its value goes; the defaults are read from their text like any
 * value in the file. What the settings do is everyone else's. Runs once, at the start,
 * in the main thread. */

#include "engine/settings.h"

#include "core/error.h"
#include "engine/key-file.h"

#include <string.h>

#define MAX_FILE_BYTES (1024 * 1024)

/* How much of a wrong value is shown. */
#define SHOWN_BYTES 64

typedef struct _Key Key;

/**
 * ReadFunc:
 * @key: the row of the table
 * @text: a value, or one item of a list, without blanks at its ends
 * @settings: where it goes; what stands above in the table has been read before
 *
 * Returns: whether @text is allowed; if not, @settings are untouched
 */
typedef gboolean (*ReadFunc) (const Key *key, const char *text, SocksSettings *settings);

struct _Key
{
  const char *group;
  const char *name;
  const char *default_text;
  ReadFunc read;
  gsize field_offset;
  guint least, most;   /* for numbers */
  gboolean is_list;    /* items between “;”; the field is a #GArray */
  const char *allowed; /* (nullable): what may stand there; %NULL for numbers */
};

static gpointer
field_of (const Key *key, SocksSettings *settings)
{
  return G_STRUCT_MEMBER_P (settings, key->field_offset);
}

static gboolean
read_boolean (const Key *key, const char *text, SocksSettings *settings)
{
  gboolean *value = field_of (key, settings);

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
parse_number (const Key *key, const char *text, guint *out_number)
{
  guint64 number = 0;

  if ((*text != '\0' || *key->default_text != '\0') &&
      !g_ascii_string_to_unsigned (text, 10, key->least, key->most, &number, NULL))
    return FALSE;

  *out_number = (guint) number;
  return TRUE;
}

static gboolean
read_number (const Key *key, const char *text, SocksSettings *settings)
{
  return parse_number (key, text, field_of (key, settings));
}

static gboolean
read_port (const Key *key, const char *text, SocksSettings *settings)
{
  guint port;

  if (!parse_number (key, text, &port))
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
read_url (const Key *key, const char *text, SocksSettings *settings)
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
read_listen_address (const Key *key, const char *text, SocksSettings *settings)
{
  SocksEndpoint endpoint;

  /* Port 0 would be another one after each start. */
  if (!socks_endpoint_parse (text, &endpoint, NULL /* error */) || endpoint.port == 0)
    return FALSE;

  settings->listen_address = endpoint;
  return TRUE;
}

static gboolean
read_scope (const Key *key, const char *text, SocksSettings *settings)
{
  gboolean is_local = strcmp (text, "local") == 0;

  if (!is_local && strcmp (text, "any") != 0)
    return FALSE;

  settings->listen_local_only = is_local;
  return TRUE;
}

static gboolean
read_peer (const Key *key, const char *text, SocksSettings *settings)
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
read_prefix (const Key *key, const char *text, SocksSettings *settings)
{
  SocksPrefix prefix;

  if (!socks_prefix_parse (text, &prefix))
    return FALSE;

  g_array_append_val (settings->allow_from, prefix);
  return TRUE;
}

#define FIELD(name) G_STRUCT_OFFSET (SocksSettings, name)
#define TRUE_OR_FALSE 0, 0, FALSE, "“true” or “false”"

/* In the order of reading: the listening address is needed to judge the peers. */
static const Key keys[] = {
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
};

/* Gives @settings the value of @key that @text says. Returns: (nullable) (transfer full):
 * the part of @text that is not allowed. */
static char *
read_value (const Key *key, const char *text, SocksSettings *settings)
{
  /* GLib strips what stands before a value, but not what nobody sees behind it. */
  g_autofree char *value = g_strstrip (g_strdup (text));
  g_auto (GStrv) items = NULL;

  if (!key->is_list)
    return key->read (key, value, settings) ? NULL : g_steal_pointer (&value);

  g_array_set_size (*(GArray **) field_of (key, settings), 0);
  items = g_strsplit (value, ";", -1);
  for (char **item = items; *item != NULL; item++)
    if (*g_strstrip (*item) != '\0' && !key->read (key, *item, settings))
      return g_strdup (*item);
  return NULL;
}

static char *
describe_allowed (const Key *key)
{
  if (key->allowed != NULL)
    return g_strdup (key->allowed);
  return g_strdup_printf ("%sa whole number from %u to %u",
                          *key->default_text == '\0' ? "nothing or " : "", key->least,
                          key->most);
}

static gboolean
read_file (GKeyFile *file, const char *path, SocksSettings *settings, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const Key *key = &keys[i];
      /* As it stands there: no value has a use for GLib's escapes. */
      g_autofree char *text =
          g_key_file_get_value (file, key->group, key->name, NULL /* error */);
      g_autofree char *wrong = text != NULL ? read_value (key, text, settings) : NULL;

      if (wrong != NULL)
        {
          g_autofree char *shown = socks_key_file_show (wrong, SHOWN_BYTES);
          g_autofree char *allowed = describe_allowed (key);

          g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS,
                       "%s: in group [%s], key %s has “%s”, but must be %s",
                       path, key->group, key->name, shown, allowed);
          return FALSE;
        }
    }
  return TRUE;
}

/* Whether the program knows @group, and if @name is given, that key in it. */
static gboolean
is_known (const char *group, const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].group, group) == 0 &&
        (name == NULL || strcmp (keys[i].name, name) == 0))
      return TRUE;
  return FALSE;
}

static void
warn_about_unknown_keys (GKeyFile *file, const char *path)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (char **group = groups; *group != NULL; group++)
    {
      g_autofree char *shown_group = socks_key_file_show (*group, SHOWN_BYTES);
      g_auto (GStrv) names = NULL;

      if (!is_known (*group, NULL))
        {
          g_warning ("%s: group [%s] is unknown and has no effect", path, shown_group);
          continue;
        }

      names = g_key_file_get_keys (file, *group, NULL, NULL /* error */);
      for (char **name = names; *name != NULL; name++)
        if (!is_known (*group, *name))
          {
            g_autofree char *shown_name = socks_key_file_show (*name, SHOWN_BYTES);

            g_warning ("%s: in group [%s], key %s is unknown and has no effect", path,
                       shown_group, shown_name);
          }
    }
}

/* What is allowed, but hardly what was meant. */
static void
warn_about_doubtful_values (const SocksSettings *settings, const char *path)
{
  g_autoptr (GUri) uri = g_uri_parse (settings->node_url, G_URI_FLAGS_ENCODED_PATH, NULL);

  if (g_ascii_strcasecmp (g_uri_get_host (uri), "localhost") == 0)
    g_warning ("%s: in group [Node], key Url names localhost, which may be [::1], where "
               "any program could answer for the node; write http://127.0.0.1:8989",
               path);
  if (!settings->listen_local_only && settings->allow_from->len == 0)
    g_warning ("%s: in group [Listen], Scope=any admits nobody else while AllowFrom is "
               "empty; name the networks that may connect",
               path);
  if (settings->listen_local_only && settings->allow_from->len > 0)
    g_warning ("%s: in group [Listen], AllowFrom has no effect with Scope=local; write "
               "Scope=any to let others connect",
               path);
}

/**
 * socks_settings_new_defaults:
 *
 * Returns: (transfer full): what holds where the configuration file says nothing
 */
SocksSettings *
socks_settings_new_defaults (void)
{
  SocksSettings *settings = g_new0 (SocksSettings, 1);

  settings->static_peers = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));
  settings->allow_from = g_array_new (FALSE, FALSE, sizeof (SocksPrefix));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *wrong = read_value (&keys[i], keys[i].default_text, settings);

      g_assert (wrong == NULL);
    }
  return settings;
}

/**
 * socks_settings_load:
 * @path: the configuration file
 * @may_be_missing: whether a missing file means the defaults
 * @error: return location for a %SOCKS_ERROR_SETTINGS
 *
 * Reads the configuration file, at most 1 MiB. A value that is not allowed is an error
 * whose message names file, group and key, and what is allowed; an unknown key or group,
 * and values that are allowed but at odds with each other, are one warning each.
 *
 * The node's URL has no slash at its end. The static peers are not compared with each
 * other, nor with this machine's addresses beyond the loopback ones.
 *
 * Returns: (transfer full): the settings; %NULL on failure
 */
SocksSettings *
socks_settings_load (const char *path, gboolean may_be_missing, GError **error)
{
  g_autoptr (SocksSettings) settings = socks_settings_new_defaults ();
  g_autoptr (GError) file_error = NULL;
  g_autoptr (GKeyFile) file = socks_key_file_load (path, MAX_FILE_BYTES, &file_error);

  if (file == NULL)
    {
      if (may_be_missing &&
          g_error_matches (file_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&settings);

      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS,
                   "The configuration file %s can't be read: %s", path,
                   file_error->message);
      return NULL;
    }

  if (!read_file (file, path, settings, error))
    return NULL;
  warn_about_unknown_keys (file, path);
  warn_about_doubtful_values (settings, path);
  return g_steal_pointer (&settings);
}

/**
 * socks_settings_free:
 * @settings: (transfer full): settings
 *
 * Frees @settings and all in it.
 */
void
socks_settings_free (SocksSettings *settings)
{
  g_free (settings->node_url);
  g_array_unref (settings->static_peers);
  g_array_unref (settings->allow_from);
  g_free (settings);
}
