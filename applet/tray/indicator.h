/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "model/snapshot.h"

G_BEGIN_DECLS

/**
 * SocksIndicator:
 *
 * The icon in whatever tray there is, now or later.
 */
#define SOCKS_TYPE_INDICATOR (socks_indicator_get_type ())
G_DECLARE_FINAL_TYPE (SocksIndicator, socks_indicator, SOCKS, INDICATOR, GObject)

SocksIndicator *socks_indicator_new (GDBusConnection *session_bus, GtkMenu *menu);
void socks_indicator_show (SocksIndicator *self, const SocksSnapshot *snapshot);

const char *socks_indicator_icon_name (const SocksSnapshot *snapshot);

G_END_DECLS
