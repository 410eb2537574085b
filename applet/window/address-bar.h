/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksAddressBar:
 *
 * A field for the address of a proxy or its name, which says what is wrong with it while
 * it is typed.
 */
#define SOCKS_TYPE_ADDRESS_BAR (socks_address_bar_get_type ())
G_DECLARE_FINAL_TYPE (SocksAddressBar,
                      socks_address_bar,
                      SOCKS,
                      ADDRESS_BAR,
                      SocksClientBin)

G_END_DECLS
