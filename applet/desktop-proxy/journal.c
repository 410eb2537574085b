/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The journal: a key file with a group for each setting, that exists while anything of ours
 * may be in the desktop's settings. It is written whole and is on the disk before the first
 * setting is touched, and is removed when the last one has been taken back.
 *
 * The directory is locked while the journal is open, so that a second session of the same
 * person does not take back what the first one is using. The lock ends with the program,
 * however that ends. Main thread; waits for the disk. */

#include "desktop-proxy/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "desktop-proxy/desktop-error.h"

#define FILE_NAME "desktop-proxy.journal"
#define VERSION_GROUP "Journal"
#define VERSION 1

struct _SocksJournal
{
  char *path;   /* (owned) */
  int lock_fd;  /* of the directory, whose lock is ours */
};

static gboolean
set_journal_error (GError **error, const char *path)
{
  int error_number = errno;

  g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_JOURNAL,
               "What was there can't be written down in %s: %s", path,
               g_strerror (error_number));
  return FALSE;
}

/**
 * socks_journal_open:
 * @directory: where it is, which is made if it is not there
 * @error: return location for a #SocksDesktopError: `JOURNAL` or `BUSY`
 *
 * Returns: (transfer full) (nullable): the journal, that nobody else has open
 */
SocksJournal *
socks_journal_open (const char *directory, GError **error)
{
  g_autoptr (SocksJournal) journal = g_new0 (SocksJournal, 1);

  journal->lock_fd = -1;
  journal->path = g_build_filename (directory, FILE_NAME, NULL);
  if (g_mkdir_with_parents (directory, 0700) != 0)
    {
      set_journal_error (error, directory);
      return NULL;
    }
  journal->lock_fd = g_open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (journal->lock_fd < 0)
    {
      set_journal_error (error, directory);
      return NULL;
    }
  if (flock (journal->lock_fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno == EWOULDBLOCK)
        {
          g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_BUSY,
                       "Another session of yours looks after the desktop's proxy");
          return NULL;
        }
      /* A file system without locks is no reason to leave a desktop as it is. */
      g_debug ("%s can't be locked: %s", directory, g_strerror (errno));
    }
  return g_steal_pointer (&journal);
}

void
socks_journal_close (SocksJournal *journal)
{
  if (journal->lock_fd >= 0)
    close (journal->lock_fd);
  g_free (journal->path);
  g_free (journal);
}

/**
 * socks_journal_format:
 * @changes: (element-type SocksSettingChange): what to write down
 *
 * Returns: (transfer full): the text of a journal
 */
char *
socks_journal_format (GPtrArray *changes)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GEnumClass) roles = g_type_class_ref (SOCKS_TYPE_SETTING_ROLE);

  g_key_file_set_integer (file, VERSION_GROUP, "Version", VERSION);
  for (guint i = 0; i < changes->len; i++)
    {
      const SocksSettingChange *change = g_ptr_array_index (changes, i);
      g_autofree char *group = g_strdup_printf ("Change %u", i + 1);

      g_key_file_set_string (file, group, "Desktop", change->backend);
      g_key_file_set_string (file, group, "Key", change->key);
      g_key_file_set_string (file, group, "Role",
                             g_enum_get_value (roles, change->role)->value_nick);
      if (change->before != NULL)
        g_key_file_set_string (file, group, "Before", change->before);
      g_key_file_set_string (file, group, "Ours", change->ours);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

/* GKeyFile returns half a value beside an error. */
static gboolean
read_string (GKeyFile *file,
             const char *group,
             const char *key,
             char **out_value,
             GError **error)
{
  g_autoptr (GError) own_error = NULL;
  g_autofree char *value = g_key_file_get_string (file, group, key, &own_error);

  if (own_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return FALSE;
    }
  *out_value = g_steal_pointer (&value);
  return TRUE;
}

static SocksSettingChange *
parse_change (GKeyFile *file, const char *group, GEnumClass *roles, GError **error)
{
  g_autofree char *backend = NULL;
  g_autofree char *key = NULL;
  g_autofree char *role = NULL;
  g_autofree char *before = NULL;
  g_autofree char *ours = NULL;
  const GEnumValue *role_value;

  if (!read_string (file, group, "Desktop", &backend, error) ||
      !read_string (file, group, "Key", &key, error) ||
      !read_string (file, group, "Role", &role, error) ||
      !read_string (file, group, "Ours", &ours, error) ||
      (g_key_file_has_key (file, group, "Before", NULL) &&
       !read_string (file, group, "Before", &before, error)))
    return NULL;
  role_value = g_enum_get_value_by_nick (roles, role);
  if (role_value == NULL)
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   "The Role of [%s] is none", group);
      return NULL;
    }
  return socks_setting_change_new (backend, key, role_value->value, before, ours);
}

/**
 * socks_journal_parse:
 * @text: the text of a journal
 * @error: return location for a #GKeyFileError
 *
 * Returns: (transfer full) (nullable) (element-type SocksSettingChange): what it says;
 *   %NULL where any of it is not as socks_journal_format() writes it
 */
GPtrArray *
socks_journal_parse (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GEnumClass) roles = g_type_class_ref (SOCKS_TYPE_SETTING_ROLE);
  g_autoptr (GPtrArray) changes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) socks_setting_change_free);
  g_auto (GStrv) groups = NULL;
  g_autoptr (GError) version_error = NULL;
  int version;

  if (!g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, error))
    return NULL;
  version = g_key_file_get_integer (file, VERSION_GROUP, "Version", &version_error);
  if (version_error != NULL || version != VERSION)
    {
      g_set_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                   "It is not of version %d", VERSION);
      return NULL;
    }

  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      SocksSettingChange *change;

      if (g_str_equal (groups[i], VERSION_GROUP))
        continue;
      change = parse_change (file, groups[i], roles, error);
      if (change == NULL)
        return NULL;
      g_ptr_array_add (changes, change);
    }
  return g_steal_pointer (&changes);
}

/* It is kept for a person to look at, and out of the way of the next one. */
static void
put_aside (SocksJournal *journal, const GError *error)
{
  g_autofree char *path = g_strconcat (journal->path, ".damaged", NULL);

  g_warning ("The desktop's proxy can't be restored, because %s is damaged (now %s): %s",
             journal->path, path, error->message);
  if (g_rename (journal->path, path) != 0)
    g_debug ("%s can't be renamed: %s", journal->path, g_strerror (errno));
}

/**
 * socks_journal_load:
 * @journal: a journal
 * @error: return location for a #GFileError: it is there and can't be read
 *
 * A damaged journal is put aside, with a warning, and says nothing.
 *
 * Returns: (transfer full) (nullable) (element-type SocksSettingChange): what it says,
 *   nothing where there is none
 */
GPtrArray *
socks_journal_load (SocksJournal *journal, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) own_error = NULL;
  GPtrArray *changes = NULL;

  if (g_file_get_contents (journal->path, &text, NULL, &own_error))
    {
      changes = socks_journal_parse (text, &own_error);
      if (changes == NULL)
        put_aside (journal, own_error);
    }
  else if (!g_error_matches (own_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&own_error));
      return NULL;
    }
  if (changes == NULL)
    changes = g_ptr_array_new_with_free_func ((GDestroyNotify) socks_setting_change_free);
  return changes;
}

/**
 * socks_journal_save:
 * @journal: a journal
 * @changes: (element-type SocksSettingChange): what to write down; nothing removes it
 * @error: return location for a %SOCKS_DESKTOP_ERROR_JOURNAL
 *
 * Returns: whether it is on the disk; what was there before remains otherwise
 */
gboolean
socks_journal_save (SocksJournal *journal, GPtrArray *changes, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) own_error = NULL;

  if (changes->len == 0)
    {
      if (g_unlink (journal->path) != 0)
        return errno == ENOENT || set_journal_error (error, journal->path);
    }
  else
    {
      text = socks_journal_format (changes);
      if (!g_file_set_contents_full (
              journal->path, text, -1,
              G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
              &own_error))
        {
          g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_JOURNAL,
                       "What was there can't be written down: %s", own_error->message);
          return FALSE;
        }
    }
  /* A name that came or went is on the disk only when its directory is. */
  return fsync (journal->lock_fd) == 0 || set_journal_error (error, journal->path);
}
