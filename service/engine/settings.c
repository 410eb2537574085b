/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The configuration file, read by the table of its keys. What the settings do is everyone
 * else's. Runs once, at the start, in the main thread. */

#include "engine/settings.h"

#include "core/error.h"
#include "engine/key-file.h"
#include "engine/setting-table.h"

#include <string.h>

#define MAX_FILE_BYTES (1024 * 1024)

/* How much of a wrong value is shown. */
#define SHOWN_BYTES 64

static gboolean
read_file (GKeyFile *file, const char *path, SocksSettings *settings, GError **error)
{
  for (gsize i = 0; i < socks_setting_table_length; i++)
    {
      const SocksSetting *setting = &socks_setting_table[i];
      /* As it stands there: no value has a use for GLib's escapes. */
      g_autofree char *text =
          g_key_file_get_value (file, setting->group, setting->name, NULL /* error */);
      /* GLib strips what stands before a value, but not what nobody sees behind it. */
      g_autofree char *wrong =
          text != NULL ? socks_setting_read (setting, g_strstrip (text), settings) : NULL;

      if (wrong != NULL)
        {
          g_autofree char *shown = socks_key_file_show (wrong, SHOWN_BYTES);
          g_autofree char *allowed = socks_setting_describe_allowed (setting);

          g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS,
                       "%s: in group [%s], key %s has “%s”, but must be %s",
                       path, setting->group, setting->name, shown, allowed);
          return FALSE;
        }
    }
  return TRUE;
}

/* Whether the program knows @group, and if @name is given, that key in it. */
static gboolean
is_known (const char *group, const char *name)
{
  for (gsize i = 0; i < socks_setting_table_length; i++)
    if (strcmp (socks_setting_table[i].group, group) == 0 &&
        (name == NULL || strcmp (socks_setting_table[i].name, name) == 0))
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
  for (gsize i = 0; i < socks_setting_table_length; i++)
    {
      const SocksSetting *setting = &socks_setting_table[i];
      g_autofree char *wrong =
          socks_setting_read (setting, setting->default_text, settings);

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
  g_free (settings->metrics_path);
  g_free (settings);
}
