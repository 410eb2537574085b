/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SocksOrder:
 * @SOCKS_ORDER_BEST: as the service has them: the open ones first, then the fastest
 * @SOCKS_ORDER_FASTEST: the fastest first, whether open or not
 * @SOCKS_ORDER_ADDRESS: by address
 *
 * In what order proxies are listed, behind those that are pinned and were used last.
 */
typedef enum
{
  SOCKS_ORDER_BEST,
  SOCKS_ORDER_FASTEST,
  SOCKS_ORDER_ADDRESS,
} SocksOrder;

#define SOCKS_TYPE_ORDER (socks_order_get_type ())
GType socks_order_get_type (void);

/**
 * SocksCalmOrder:
 *
 * A #GtkSorter that puts proxies into an order and keeps them there until it is told to
 * look again, so that no row moves away under a pointer. What is new in between comes at
 * the end.
 */
#define SOCKS_TYPE_CALM_ORDER (socks_calm_order_get_type ())
G_DECLARE_FINAL_TYPE (SocksCalmOrder, socks_calm_order, SOCKS, CALM_ORDER, GtkSorter)

void socks_calm_order_settle (SocksCalmOrder *self, GListModel *proxies, SocksOrder order);

G_END_DECLS
