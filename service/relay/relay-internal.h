/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/relay.h"

G_BEGIN_DECLS

/* For tests and benchmarks: whether the workers sleep when they should. */
guint64 socks_relay_count_turns (SocksRelay *relay);

G_END_DECLS
