/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/proxy-item.h"

G_BEGIN_DECLS

/**
 * SocksProxyRow:
 *
 * One proxy in the list, its property `item`.
 */
#define SOCKS_TYPE_PROXY_ROW (socks_proxy_row_get_type ())
G_DECLARE_FINAL_TYPE (SocksProxyRow, socks_proxy_row, SOCKS, PROXY_ROW, AdwBin)

SocksProxyItem *socks_proxy_row_get_item (SocksProxyRow *self);
void socks_proxy_row_open_menu (SocksProxyRow *self);

G_END_DECLS
