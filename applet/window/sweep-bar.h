/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/client-bin.h"

G_BEGIN_DECLS

/**
 * SocksSweepBar:
 *
 * What is above the list: how many proxies were found, how far the sweep is, and the
 * buttons to look again and to choose an order from the property `order-menu`.
 */
#define SOCKS_TYPE_SWEEP_BAR (socks_sweep_bar_get_type ())
G_DECLARE_FINAL_TYPE (SocksSweepBar, socks_sweep_bar, SOCKS, SWEEP_BAR, SocksClientBin)

G_END_DECLS
