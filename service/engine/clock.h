/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SOCKS_TYPE_CLOCK (socks_clock_get_type ())
G_DECLARE_INTERFACE (SocksClock, socks_clock, SOCKS, CLOCK, GObject)

/**
 * SocksClock:
 *
 * The time, and being called when some of it has passed. Belongs to the main thread.
 */

/**
 * SocksClockInterface:
 * @get_monotonic_us: see socks_clock_get_monotonic_us()
 * @get_wall_us: see socks_clock_get_wall_us()
 * @call_after: see socks_clock_call_after()
 * @cancel: see socks_clock_clear()
 */
struct _SocksClockInterface
{
  GTypeInterface g_iface;

  gint64 (*get_monotonic_us) (SocksClock *self);
  gint64 (*get_wall_us) (SocksClock *self);
  guint (*call_after) (SocksClock *self,
                       gint64 delay_us,
                       GSourceOnceFunc function,
                       gpointer data);
  void (*cancel) (SocksClock *self, guint id);
};

gint64 socks_clock_get_monotonic_us (SocksClock *self);
gint64 socks_clock_get_wall_us (SocksClock *self);
guint socks_clock_call_after (SocksClock *self,
                              gint64 delay_us,
                              GSourceOnceFunc function,
                              gpointer data);
void socks_clock_clear (SocksClock *self, guint *id);

#define SOCKS_TYPE_REAL_CLOCK (socks_real_clock_get_type ())
G_DECLARE_FINAL_TYPE (SocksRealClock, socks_real_clock, SOCKS, REAL_CLOCK, GObject)

SocksClock *socks_real_clock_new (void);

G_END_DECLS
