/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/peer-table.h"
#include "engine/clock.h"
#include "engine/prober.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_SWEEP (socks_sweep_get_type ())
G_DECLARE_FINAL_TYPE (SocksSweep, socks_sweep, SOCKS, SWEEP, GObject)

SocksSweep *socks_sweep_new (SocksClock *clock,
                             SocksProber *prober,
                             SocksPeerTable *table,
                             guint parallel);
void socks_sweep_start (SocksSweep *self, GPtrArray *sources);
void socks_sweep_cancel (SocksSweep *self);
void socks_sweep_get_progress (SocksSweep *self, guint *out_done, guint *out_total);
gint64 socks_sweep_get_duration_us (SocksSweep *self);

G_END_DECLS
