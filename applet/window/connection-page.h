/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksConnectionPage:
 *
 * What goes through the local port, who can reach it and how applications are told of it,
 * which proxy is used, and the search for others.
 */
#define SOCKS_TYPE_CONNECTION_PAGE (socks_connection_page_get_type ())
G_DECLARE_FINAL_TYPE (SocksConnectionPage,
                      socks_connection_page,
                      SOCKS,
                      CONNECTION_PAGE,
                      SocksClientBin)

G_END_DECLS
