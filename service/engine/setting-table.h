/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

typedef struct _SocksSetting SocksSetting;

/**
 * SocksSettingReadFunc:
 * @setting: the row of the table
 * @text: a value, or one item of a list, without blanks at its ends
 * @settings: where it goes; what stands above in the table has been read before
 *
 * Returns: whether @text is allowed; if not, @settings are untouched
 */
typedef gboolean (*SocksSettingReadFunc) (const SocksSetting *setting,
                                          const char *text,
                                          SocksSettings *settings);

/**
 * SocksSetting:
 * @group: where it stands in the file
 * @name: its key there
 * @default_text: its value where the file says nothing
 * @read: how a value is read
 * @field_offset: where the value goes
 * @least: for numbers
 * @most: for numbers
 * @is_list: whether it has items between “;”; the field is a #GArray
 * @allowed: (nullable): what may stand there; %NULL for numbers
 *
 * One key of the configuration file.
 */
struct _SocksSetting
{
  const char *group;
  const char *name;
  const char *default_text;
  SocksSettingReadFunc read;
  gsize field_offset;
  guint least, most;
  gboolean is_list;
  const char *allowed;
};

extern const SocksSetting socks_setting_table[];
extern const gsize socks_setting_table_length;

char *socks_setting_read (const SocksSetting *setting,
                          const char *text,
                          SocksSettings *settings);
char *socks_setting_describe_allowed (const SocksSetting *setting);

G_END_DECLS
