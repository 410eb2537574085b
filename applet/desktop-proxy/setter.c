/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The order of things, so that it may end at any of them: the journal is on the disk before
 * the first setting is touched, and goes when the last one is back and has outlived us.
 *
 *   set       plan → journal → settings, the switch last → commit → look
 *   restore   journal → look → settings, the switch first → commit → look → no journal
 *
 * A setting is changed only from the value that was last seen there: whoever changes it
 * in between is left alone. Main thread; waits for the disk and for the desktop's tools. */

#include "desktop-proxy/setter.h"

#include "desktop-proxy/desktop-error.h"

struct _SocksDesktopSetter
{
  SocksJournal *journal; /* (owned) */
  GPtrArray *backends;   /* (owned): of SocksDesktopBackend */
};

/**
 * socks_desktop_setter_new:
 * @journal: (transfer full): where it is written down
 * @backends: (transfer full) (element-type SocksDesktopBackend): the desktops, there or not
 *
 * Returns: (transfer full): a setter. Restore first, for a former run
 */
SocksDesktopSetter *
socks_desktop_setter_new (SocksJournal *journal, GPtrArray *backends)
{
  SocksDesktopSetter *setter = g_new0 (SocksDesktopSetter, 1);

  setter->journal = journal;
  setter->backends = backends;
  return setter;
}

/* What is set stays set. */
void
socks_desktop_setter_free (SocksDesktopSetter *setter)
{
  g_ptr_array_unref (setter->backends);
  socks_journal_close (setter->journal);
  g_free (setter);
}

/* Returns: whether there is a desktop to be set. */
gboolean
socks_desktop_setter_is_supported (SocksDesktopSetter *setter)
{
  for (guint i = 0; i < setter->backends->len; i++)
    if (socks_desktop_backend_is_present (g_ptr_array_index (setter->backends, i)))
      return TRUE;
  return FALSE;
}

/* Appends to @part what @changes say of @backend. */
static void
find_changes (GPtrArray *changes, SocksDesktopBackend *backend, GPtrArray *part)
{
  const char *name = socks_desktop_backend_get_name (backend);

  for (guint i = 0; i < changes->len; i++)
    {
      SocksSettingChange *change = g_ptr_array_index (changes, i);

      if (g_str_equal (change->backend, name))
        g_ptr_array_add (part, change);
    }
}

/* Decides each of @part, all of them of @backend, by what is there now. */
static gboolean
look (SocksDesktopBackend *backend,
      GPtrArray *part,
      SocksSettingFate *fates,
      gboolean *out_is_changed,
      GError **error)
{
  g_autoptr (GPtrArray) current = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < part->len; i++)
    {
      const SocksSettingChange *change = g_ptr_array_index (part, i);
      char *value = NULL;

      if (!socks_desktop_backend_read (backend, change->key, &value, error))
        return FALSE;
      g_ptr_array_add (current, value);
    }
  *out_is_changed = socks_setting_changes_decide (
      (SocksSettingChange *const *) part->pdata, (const char *const *) current->pdata,
      part->len, fates);
  return TRUE;
}

static gboolean
restore_role (SocksDesktopBackend *backend,
              GPtrArray *part,
              const SocksSettingFate *fates,
              gboolean is_switch,
              GError **error)
{
  for (guint i = 0; i < part->len; i++)
    {
      const SocksSettingChange *change = g_ptr_array_index (part, i);
      g_autoptr (GError) own_error = NULL;

      if (fates[i] != SOCKS_SETTING_IS_OURS ||
          (change->role == SOCKS_SETTING_SWITCH) != is_switch)
        continue;
      if (!socks_desktop_backend_replace (backend, change->key, change->ours,
                                          change->before, &own_error) &&
          own_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&own_error));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
restore_part (SocksDesktopBackend *backend,
              GPtrArray *part,
              gboolean *out_is_changed,
              GError **error)
{
  g_autofree SocksSettingFate *fates = g_new0 (SocksSettingFate, part->len);
  gboolean is_changed_later;

  if (!look (backend, part, fates, out_is_changed, error) ||
      !restore_role (backend, part, fates, TRUE /* switch */, error) ||
      !restore_role (backend, part, fates, FALSE /* switch */, error))
    return FALSE;
  socks_desktop_backend_commit (backend);

  if (!look (backend, part, fates, &is_changed_later, error))
    return FALSE;
  *out_is_changed |= is_changed_later;
  for (guint i = 0; i < part->len; i++)
    if (fates[i] == SOCKS_SETTING_IS_OURS)
      {
        const SocksSettingChange *change = g_ptr_array_index (part, i);

        g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
                     "“%s” of %s can't be restored", change->key, change->backend);
        return FALSE;
      }
  return TRUE;
}

static SocksDesktopBackend *
find_backend (SocksDesktopSetter *setter, const char *name)
{
  for (guint i = 0; i < setter->backends->len; i++)
    {
      SocksDesktopBackend *backend = g_ptr_array_index (setter->backends, i);

      if (g_str_equal (socks_desktop_backend_get_name (backend), name) &&
          socks_desktop_backend_is_known (backend))
        return backend;
    }
  return NULL;
}

/* What is of desktops that are not installed now, and may be again. */
static GPtrArray *
find_unknown (SocksDesktopSetter *setter, GPtrArray *changes)
{
  GPtrArray *unknown = g_ptr_array_new ();

  for (guint i = 0; i < changes->len; i++)
    {
      SocksSettingChange *change = g_ptr_array_index (changes, i);

      if (find_backend (setter, change->backend) == NULL)
        g_ptr_array_add (unknown, change);
    }
  return unknown;
}

/**
 * socks_desktop_setter_restore:
 * @setter: a setter
 * @out_is_changed: (out): whether somebody else had changed what we had set
 * @error: return location for a #SocksDesktopError or a #GFileError
 *
 * Takes back what this run or a former one has set, all that is still ours. Having set
 * nothing is success. What can't be taken back stays in the journal for the next time.
 *
 * Returns: whether nothing of ours is left
 */
gboolean
socks_desktop_setter_restore (SocksDesktopSetter *setter,
                              gboolean *out_is_changed,
                              GError **error)
{
  g_autoptr (GPtrArray) changes = socks_journal_load (setter->journal, error);
  g_autoptr (GPtrArray) unknown = NULL;
  g_autoptr (GError) first_error = NULL;

  *out_is_changed = FALSE;
  if (changes == NULL)
    return FALSE;
  if (changes->len == 0)
    return TRUE;

  for (guint i = 0; i < setter->backends->len; i++)
    {
      SocksDesktopBackend *backend = g_ptr_array_index (setter->backends, i);
      g_autoptr (GPtrArray) part = g_ptr_array_new ();
      gboolean is_changed = FALSE;

      find_changes (changes, backend, part);
      /* One desktop that fails is no reason to leave the others. */
      if (part->len != 0 && socks_desktop_backend_is_known (backend))
        restore_part (backend, part, &is_changed,
                      first_error == NULL ? &first_error : NULL);
      *out_is_changed |= is_changed;
    }
  if (first_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&first_error));
      return FALSE;
    }
  unknown = find_unknown (setter, changes);
  return socks_journal_save (setter->journal, unknown, error);
}

static gboolean
apply (SocksDesktopSetter *setter, GPtrArray *changes, GError **error)
{
  for (guint i = 0; i < changes->len; i++)
    {
      const SocksSettingChange *change = g_ptr_array_index (changes, i);
      SocksDesktopBackend *backend = find_backend (setter, change->backend);
      g_autoptr (GError) own_error = NULL;

      if (backend == NULL ||
          socks_desktop_backend_replace (backend, change->key, change->before, change->ours,
                                         &own_error))
        continue;
      if (own_error != NULL)
        g_propagate_error (error, g_steal_pointer (&own_error));
      else
        g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_CHANGED,
                     "Somebody else has changed “%s” of %s", change->key, change->backend);
      return FALSE;
    }
  return TRUE;
}

/* Whether all is as we have set it. */
static gboolean
confirm (SocksDesktopSetter *setter, GPtrArray *changes, GError **error)
{
  for (guint i = 0; i < setter->backends->len; i++)
    {
      SocksDesktopBackend *backend = g_ptr_array_index (setter->backends, i);
      g_autoptr (GPtrArray) part = g_ptr_array_new ();
      g_autofree SocksSettingFate *fates = NULL;
      gboolean is_changed;

      find_changes (changes, backend, part);
      if (part->len == 0 || !socks_desktop_backend_is_known (backend))
        continue;
      socks_desktop_backend_commit (backend);
      fates = g_new0 (SocksSettingFate, part->len);
      if (!look (backend, part, fates, &is_changed, error))
        return FALSE;
      for (guint j = 0; j < part->len; j++)
        if (fates[j] != SOCKS_SETTING_IS_OURS)
          {
            const SocksSettingChange *change = g_ptr_array_index (part, j);

            g_set_error (error, SOCKS_DESKTOP_ERROR,
                         is_changed ? SOCKS_DESKTOP_ERROR_CHANGED
                                    : SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
                         "“%s” of %s does not keep what is set", change->key,
                         change->backend);
            return FALSE;
          }
    }
  return TRUE;
}

/**
 * socks_desktop_setter_set:
 * @setter: a setter that has set nothing, or has restored it
 * @target: where the desktop's programs are to be sent
 * @error: return location for a #SocksDesktopError or an error of a file
 *
 * Sets the proxy of each desktop that is there. What is as it should be already is not
 * touched, and stays when the rest is restored.
 *
 * Returns: whether it is set; on failure all is as it was
 */
gboolean
socks_desktop_setter_set (SocksDesktopSetter *setter,
                          const SocksDesktopTarget *target,
                          GError **error)
{
  g_autoptr (GPtrArray) changes = NULL;
  g_autoptr (GPtrArray) planned =
      g_ptr_array_new_with_free_func ((GDestroyNotify) socks_setting_change_free);
  g_autoptr (GError) restore_error = NULL;
  gboolean is_changed;

  if (!socks_desktop_setter_is_supported (setter))
    {
      g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_UNSUPPORTED,
                   "This desktop has no setting for a proxy that is known");
      return FALSE;
    }
  for (guint i = 0; i < setter->backends->len; i++)
    {
      SocksDesktopBackend *backend = g_ptr_array_index (setter->backends, i);

      if (socks_desktop_backend_is_present (backend) &&
          !socks_desktop_backend_plan (backend, target, planned, error))
        return FALSE;
    }
  if (planned->len == 0)
    return TRUE;

  /* What is left there is of a desktop that is not installed now. */
  changes = socks_journal_load (setter->journal, error);
  if (changes == NULL)
    return FALSE;
  g_ptr_array_extend_and_steal (changes, g_steal_pointer (&planned));
  if (!socks_journal_save (setter->journal, changes, error))
    return FALSE;
  if (apply (setter, changes, error) && confirm (setter, changes, error))
    return TRUE;

  if (!socks_desktop_setter_restore (setter, &is_changed, &restore_error))
    g_warning ("The desktop's proxy is set by half: %s", restore_error->message);
  return FALSE;
}
