/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "ctl/session.h"

G_BEGIN_DECLS

void ctl_json_add_string (JsonBuilder *builder, const char *key, const char *value);
void ctl_json_add_word (JsonBuilder *builder, const char *key, GType type, int value);
void ctl_json_add_number (JsonBuilder *builder, const char *key, gint64 value);
void ctl_json_add_known (JsonBuilder *builder, const char *key, gint64 value);
void ctl_json_add_boolean (JsonBuilder *builder, const char *key, gboolean value);
void ctl_json_add_counts (JsonBuilder *builder,
                          const guint counts[static SOCKS_N_PROXY_STATUSES]);
void ctl_json_add_proxy (JsonBuilder *builder, SocksProxyItem *proxy);

void ctl_json_print (JsonBuilder *builder, gboolean on_one_line);

G_END_DECLS
