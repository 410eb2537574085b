/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * SocksSettingRole:
 * @SOCKS_SETTING_SWITCH: that a proxy is used at all
 * @SOCKS_SETTING_ADDRESS: where the SOCKS proxy is, or a part of it
 * @SOCKS_SETTING_RIVAL: another proxy, that would come before ours
 *
 * What a setting means beside the others of its desktop.
 */
typedef enum
{
  SOCKS_SETTING_SWITCH,
  SOCKS_SETTING_ADDRESS,
  SOCKS_SETTING_RIVAL,
} SocksSettingRole;

#define SOCKS_TYPE_SETTING_ROLE (socks_setting_role_get_type ())
GType socks_setting_role_get_type (void);

/**
 * SocksSettingChange:
 * @backend: (owned): whose setting it is
 * @key: (owned): which
 * @role: what it means
 * @before: (owned) (nullable): what was there; %NULL for not set
 * @ours: (owned): what we set
 *
 * One setting that we change.
 */
typedef struct
{
  char *backend;
  char *key;
  SocksSettingRole role;
  char *before;
  char *ours;
} SocksSettingChange;

SocksSettingChange *socks_setting_change_new (const char *backend,
                                              const char *key,
                                              SocksSettingRole role,
                                              const char *before,
                                              const char *ours);
void socks_setting_change_free (SocksSettingChange *change);

/**
 * SocksSettingFate:
 * @SOCKS_SETTING_IS_RESTORED: it is, or never was set
 * @SOCKS_SETTING_IS_OURS: it is to be restored
 * @SOCKS_SETTING_IS_LEFT: somebody else has changed it, or needs it as it is
 *
 * What becomes of a setting.
 */
typedef enum
{
  SOCKS_SETTING_IS_RESTORED,
  SOCKS_SETTING_IS_OURS,
  SOCKS_SETTING_IS_LEFT,
} SocksSettingFate;

gboolean socks_setting_changes_decide (SocksSettingChange *const *changes,
                                       const char *const *current,
                                       guint n_changes,
                                       SocksSettingFate *out_fates);

G_END_DECLS
