/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/proxy-item.h"

G_BEGIN_DECLS

GMenuModel *socks_row_menu_new (SocksProxyItem *item);

G_END_DECLS
