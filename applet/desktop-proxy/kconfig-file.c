/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Ways to KConfig's files: reading and writing them whole, and the tools kreadconfig and
 * kwriteconfig of KDE 6 and 5. Any thread; waits for the disk and for the tools. */

#include "desktop-proxy/kconfig-file.h"

#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "desktop-proxy/desktop-error.h"

/* What we write is a value like "=1". What must come back just as it was, with options
 * before the "=", escapes or letters beyond ASCII, is not left to a tool. */
static gboolean
is_plain (const char *value)
{
  if (value[0] != '=' || value[1] == ' ')
    return FALSE;
  for (const char *c = value + 1; *c != '\0'; c++)
    if (!g_ascii_isprint (*c) || *c == '\\')
      return FALSE;
  return !g_str_has_suffix (value, " ");
}

/**
 * socks_kconfig_file_load:
 * @path: a file
 * @error: return location for a #GFileError, or %SOCKS_DESKTOP_ERROR_NOT_WRITABLE for a
 *   file that is no text
 *
 * Returns: (transfer full) (nullable): what is in it, "" where it is not there
 */
char *
socks_kconfig_file_load (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) own_error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, &own_error))
    {
      if (g_error_matches (own_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_strdup ("");
      g_propagate_error (error, g_steal_pointer (&own_error));
      return NULL;
    }
  /* The journal can't keep it otherwise. */
  if (!g_utf8_validate (text, length, NULL))
    {
      g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
                   "%s is not in UTF-8", path);
      return NULL;
    }
  return g_steal_pointer (&text);
}

/**
 * socks_kconfig_file_save:
 * @path: a file, or a link to one, which stays a link
 * @text: what is to be in it
 * @error: return location for a %SOCKS_DESKTOP_ERROR_NOT_WRITABLE
 *
 * Returns: whether it is on the disk
 */
gboolean
socks_kconfig_file_save (const char *path, const char *text, GError **error)
{
  char *resolved = realpath (path, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GError) own_error = NULL;
  struct stat status;
  gboolean is_saved;

  if (resolved == NULL)
    g_mkdir_with_parents (directory, 0700);
  is_saved = g_file_set_contents_full (
      resolved != NULL ? resolved : path, text, -1,
      G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
      resolved != NULL && stat (resolved, &status) == 0 ? status.st_mode & 0777 : 0600,
      &own_error);
  free (resolved);
  if (!is_saved)
    g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
                 "Plasma's proxy can't be changed: %s", own_error->message);
  return is_saved;
}

/* Returns: (transfer full) (nullable): that of the newest KDE there is. */
static char *
find_tool (const char *name)
{
  g_autofree char *name_6 = g_strconcat (name, "6", NULL);
  g_autofree char *name_5 = g_strconcat (name, "5", NULL);
  char *path = g_find_program_in_path (name_6);

  return path != NULL ? path : g_find_program_in_path (name_5);
}

static gboolean
run (const char *const *argv, char **out_output, GError **error)
{
  g_autoptr (GSubprocess) process = g_subprocess_newv (
      argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, error);

  return process != NULL &&
         g_subprocess_communicate_utf8 (process, NULL /* input */, NULL, out_output,
                                        NULL /* errors */, error) &&
         g_spawn_check_wait_status (g_subprocess_get_status (process), error);
}

/**
 * socks_kconfig_tool_read:
 * @file: the name of a file
 * @group: the name of a group
 * @key: the name of an entry
 *
 * Returns: (transfer full) (nullable): its value, by the user's file or by the system's;
 *   %NULL where there is no tool to tell
 */
char *
socks_kconfig_tool_read (const char *file, const char *group, const char *key)
{
  g_autofree char *tool = find_tool ("kreadconfig");
  const char *argv[] = { tool, "--file", file, "--group", group, "--key", key, NULL };
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  if (tool == NULL)
    return NULL;
  if (!run (argv, &output, &error))
    {
      g_debug ("%s does not tell “%s”: %s", tool, key, error->message);
      return NULL;
    }
  return g_strstrip (output);
}

/**
 * socks_kconfig_tool_can_write:
 * @current: (nullable): what follows the name of an entry now
 * @value: (nullable): what is to follow it
 *
 * Returns: whether there is a tool, and it does it just so
 */
gboolean
socks_kconfig_tool_can_write (const char *current, const char *value)
{
  g_autofree char *tool = find_tool ("kwriteconfig");

  return tool != NULL && value != NULL && is_plain (value) &&
         (current == NULL || is_plain (current));
}

/**
 * socks_kconfig_tool_write:
 * @file: the name of a file
 * @group: the name of a group
 * @key: the name of an entry
 * @value: what is to follow it, that the tool can write
 * @error: return location for a %SOCKS_DESKTOP_ERROR_NOT_WRITABLE
 *
 * Returns: whether the tool says that it has
 */
gboolean
socks_kconfig_tool_write (const char *file,
                          const char *group,
                          const char *key,
                          const char *value,
                          GError **error)
{
  g_autofree char *tool = find_tool ("kwriteconfig");
  const char *argv[] = {
    tool, "--file", file, "--group", group, "--key", key, "--", value + strlen ("="), NULL,
  };
  g_autoptr (GError) own_error = NULL;

  if (run (argv, NULL, &own_error))
    return TRUE;
  g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
               "Plasma's proxy can't be changed: %s", own_error->message);
  return FALSE;
}
