/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksProxiesPage:
 *
 * The proxies, to be searched, sorted and chosen; or why there are none; and the field for
 * an address of one's own.
 */
#define SOCKS_TYPE_PROXIES_PAGE (socks_proxies_page_get_type ())
G_DECLARE_FINAL_TYPE (SocksProxiesPage,
                      socks_proxies_page,
                      SOCKS,
                      PROXIES_PAGE,
                      SocksClientBin)

void socks_proxies_page_toggle_search (SocksProxiesPage *self);
void socks_proxies_page_enter_address (SocksProxiesPage *self);

G_END_DECLS
