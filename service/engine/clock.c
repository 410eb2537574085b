/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface to time, so that tests can turn its hands, and the real clock. Timers run
 * on the monotonic clock: setting the wall clock a year on moves none of them. Main
 * thread. */

#include "engine/clock.h"

G_DEFINE_INTERFACE (SocksClock, socks_clock, G_TYPE_OBJECT)

static void
socks_clock_default_init (SocksClockInterface *iface)
{
}

/**
 * socks_clock_get_monotonic_us:
 * @self: a clock
 *
 * Returns: microseconds since some start; never goes back
 */
gint64
socks_clock_get_monotonic_us (SocksClock *self)
{
  return SOCKS_CLOCK_GET_IFACE (self)->get_monotonic_us (self);
}

/**
 * socks_clock_get_wall_us:
 * @self: a clock
 *
 * Returns: microseconds since the Unix epoch, to show to people
 */
gint64
socks_clock_get_wall_us (SocksClock *self)
{
  return SOCKS_CLOCK_GET_IFACE (self)->get_wall_us (self);
}

/**
 * socks_clock_call_after:
 * @self: a clock
 * @delay_us: how long from now, in microseconds
 * @function: what to call, once
 * @data: (not nullable): for @function; the caller clears the timer before it goes
 *
 * Returns: an id for socks_clock_clear(), never 0; it is void once @function is called
 */
guint
socks_clock_call_after (SocksClock *self,
                        gint64 delay_us,
                        GSourceOnceFunc function,
                        gpointer data)
{
  return SOCKS_CLOCK_GET_IFACE (self)->call_after (self, delay_us, function, data);
}

/**
 * socks_clock_clear:
 * @self: a clock
 * @id: (inout): the id of a timer that has not fired, or 0; set to 0
 *
 * Stops a timer.
 */
void
socks_clock_clear (SocksClock *self, guint *id)
{
  if (*id != 0)
    SOCKS_CLOCK_GET_IFACE (self)->cancel (self, *id);
  *id = 0;
}

struct _SocksRealClock
{
  GObject parent_instance;
};

static void socks_real_clock_iface_init (SocksClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksRealClock,
                               socks_real_clock,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_CLOCK,
                                                      socks_real_clock_iface_init))

static gint64
real_get_monotonic_us (SocksClock *self)
{
  return g_get_monotonic_time ();
}

static gint64
real_get_wall_us (SocksClock *self)
{
  return g_get_real_time ();
}

static guint
real_call_after (SocksClock *self,
                 gint64 delay_us,
                 GSourceOnceFunc function,
                 gpointer data)
{
  /* Rounded up: a timer never fires early. */
  return g_timeout_add_once ((guint) ((delay_us + 999) / 1000), function, data);
}

static void
real_cancel (SocksClock *self, guint id)
{
  g_source_remove (id);
}

static void
socks_real_clock_iface_init (SocksClockInterface *iface)
{
  iface->get_monotonic_us = real_get_monotonic_us;
  iface->get_wall_us = real_get_wall_us;
  iface->call_after = real_call_after;
  iface->cancel = real_cancel;
}

static void
socks_real_clock_class_init (SocksRealClockClass *klass)
{
}

static void
socks_real_clock_init (SocksRealClock *self)
{
}

/**
 * socks_real_clock_new:
 *
 * Returns: (transfer full): the system's clock
 */
SocksClock *
socks_real_clock_new (void)
{
  return g_object_new (SOCKS_TYPE_REAL_CLOCK, NULL);
}
