/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksStateCard:
 *
 * The state in large, and the one big button.
 */
#define SOCKS_TYPE_STATE_CARD (socks_state_card_get_type ())
G_DECLARE_FINAL_TYPE (SocksStateCard, socks_state_card, SOCKS, STATE_CARD, SocksClientBin)

G_END_DECLS
