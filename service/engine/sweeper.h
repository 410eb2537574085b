/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/peer-table.h"
#include "engine/clock.h"
#include "engine/peer-source.h"
#include "engine/prober.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_SWEEPER (socks_sweeper_get_type ())
G_DECLARE_FINAL_TYPE (SocksSweeper, socks_sweeper, SOCKS, SWEEPER, GObject)

SocksSweeper *socks_sweeper_new (SocksClock *clock,
                                 SocksProber *prober,
                                 guint interval_s,
                                 guint parallel);
void socks_sweeper_add_source (SocksSweeper *self, SocksPeerSource *source);

void socks_sweeper_set_probing (SocksSweeper *self, gboolean is_probing);
void socks_sweeper_sweep_now (SocksSweeper *self);
void socks_sweeper_keep (SocksSweeper *self, const SocksEndpoint *endpoint);

SocksPeerTable *socks_sweeper_get_table (SocksSweeper *self);
guint socks_sweeper_get_interval_s (SocksSweeper *self);
gboolean socks_sweeper_is_probing (SocksSweeper *self);
gboolean socks_sweeper_is_sweeping (SocksSweeper *self);
gboolean socks_sweeper_is_first_sweep_awaited (SocksSweeper *self);
void socks_sweeper_get_progress (SocksSweeper *self, guint *out_done, guint *out_total);
gint64 socks_sweeper_get_last_sweep_us (SocksSweeper *self);
gint64 socks_sweeper_get_last_duration_us (SocksSweeper *self);

G_END_DECLS
