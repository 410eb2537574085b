/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/clock.h"
#include "engine/prober.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_HEALTH (socks_health_get_type ())
G_DECLARE_FINAL_TYPE (SocksHealth, socks_health, SOCKS, HEALTH, GObject)

SocksHealth *socks_health_new (SocksClock *clock, SocksProber *prober);

void socks_health_watch (SocksHealth *self,
                         const SocksEndpoint *endpoint,
                         SocksProbeKind kind);
void socks_health_stop (SocksHealth *self);
void socks_health_ask_now (SocksHealth *self);
gboolean socks_health_is_watching (SocksHealth *self);

G_END_DECLS
