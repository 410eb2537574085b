/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/clock.h"

G_BEGIN_DECLS

#define FAKE_TYPE_CLOCK (fake_clock_get_type ())
G_DECLARE_FINAL_TYPE (FakeClock, fake_clock, FAKE, CLOCK, GObject)

FakeClock *fake_clock_new (void);
void fake_clock_advance (FakeClock *self, gint64 us);
void fake_clock_jump (FakeClock *self, gint64 us);
void fake_clock_set_wall_us (FakeClock *self, gint64 wall_us);
guint fake_clock_count_timers (FakeClock *self);

void settle_main_loop (void);

G_END_DECLS
