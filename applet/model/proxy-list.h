/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/proxy-item.h"

G_BEGIN_DECLS

/**
 * SocksProxyList:
 *
 * A #GListModel of #SocksProxyItem in the order of the service. What is updated with
 * differs little from what is there, and `items-changed` tells that little; a peer keeps
 * its item for as long as it is listed, also when it moves.
 */
#define SOCKS_TYPE_PROXY_LIST (socks_proxy_list_get_type ())
G_DECLARE_FINAL_TYPE (SocksProxyList, socks_proxy_list, SOCKS, PROXY_LIST, GObject)

SocksProxyList *socks_proxy_list_new (void);
void socks_proxy_list_set_book (SocksProxyList *self, SocksAddressBook *book);
gboolean socks_proxy_list_update (SocksProxyList *self, GVariant *entries);
SocksProxyItem *socks_proxy_list_lookup (SocksProxyList *self, const char *address);

G_END_DECLS
