/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksTrafficCard:
 *
 * How much goes through the local port, in numbers and as a picture.
 */
#define SOCKS_TYPE_TRAFFIC_CARD (socks_traffic_card_get_type ())
G_DECLARE_FINAL_TYPE (SocksTrafficCard,
                      socks_traffic_card,
                      SOCKS,
                      TRAFFIC_CARD,
                      SocksClientBin)

G_END_DECLS
