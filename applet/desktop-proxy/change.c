/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What we change in a desktop's settings, and which of it may be taken back. Pure: neither
 * files nor settings are touched here.
 *
 * A value that is still ours is taken back, one that is not is somebody else's. But a
 * person who changes the port alone means our host and our switch to stay, so a setting is
 * not judged by itself:
 *
 * - Host and port are one: with one of them changed, both stay.
 * - The switch stays as soon as any other setting of that desktop has been changed, for
 *   what was changed would no longer be in use.
 *
 * What is as it was before is restored already, by a run that ended in the middle. */

#include "desktop-proxy/change.h"

G_DEFINE_ENUM_TYPE (SocksSettingRole,
                    socks_setting_role,
                    G_DEFINE_ENUM_VALUE (SOCKS_SETTING_SWITCH, "switch"),
                    G_DEFINE_ENUM_VALUE (SOCKS_SETTING_ADDRESS, "address"),
                    G_DEFINE_ENUM_VALUE (SOCKS_SETTING_RIVAL, "rival"))

SocksSettingChange *
socks_setting_change_new (const char *backend,
                          const char *key,
                          SocksSettingRole role,
                          const char *before,
                          const char *ours)
{
  SocksSettingChange *change = g_new0 (SocksSettingChange, 1);

  change->backend = g_strdup (backend);
  change->key = g_strdup (key);
  change->role = role;
  change->before = g_strdup (before);
  change->ours = g_strdup (ours);
  return change;
}

void
socks_setting_change_free (SocksSettingChange *change)
{
  g_free (change->backend);
  g_free (change->key);
  g_free (change->before);
  g_free (change->ours);
  g_free (change);
}

static SocksSettingFate
decide_alone (const SocksSettingChange *change, const char *current)
{
  if (g_strcmp0 (current, change->ours) == 0)
    return SOCKS_SETTING_IS_OURS;
  return g_strcmp0 (current, change->before) == 0 ? SOCKS_SETTING_IS_RESTORED
                                                  : SOCKS_SETTING_IS_LEFT;
}

/**
 * socks_setting_changes_decide:
 * @changes: (array length=n_changes): what we have changed in the settings of one desktop
 * @current: (array length=n_changes) (element-type nullable): what is there now
 * @n_changes: how many
 * @out_fates: (array length=n_changes): what is to become of each
 *
 * Returns: whether somebody else has changed something
 */
gboolean
socks_setting_changes_decide (SocksSettingChange *const *changes,
                              const char *const *current,
                              guint n_changes,
                              SocksSettingFate *out_fates)
{
  gboolean is_changed = FALSE, has_other_address = FALSE, has_other_setting = FALSE;

  for (guint i = 0; i < n_changes; i++)
    {
      out_fates[i] = decide_alone (changes[i], current[i]);
      if (out_fates[i] != SOCKS_SETTING_IS_LEFT)
        continue;
      is_changed = TRUE;
      has_other_address |= changes[i]->role == SOCKS_SETTING_ADDRESS;
      has_other_setting |= changes[i]->role != SOCKS_SETTING_SWITCH;
    }

  for (guint i = 0; i < n_changes; i++)
    if ((changes[i]->role == SOCKS_SETTING_ADDRESS && has_other_address) ||
        (changes[i]->role == SOCKS_SETTING_SWITCH && has_other_setting))
      out_fates[i] = SOCKS_SETTING_IS_LEFT;
  return is_changed;
}
