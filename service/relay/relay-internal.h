/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/relay.h"

G_BEGIN_DECLS

/* For tests and benchmarks: whether the workers sleep when they should, and share. */
guint64 socks_relay_count_turns (SocksRelay *relay);
void socks_relay_get_counters_of (SocksRelay *relay,
                                  guint worker,
                                  SocksRelayCounters *out_counters);

G_END_DECLS
