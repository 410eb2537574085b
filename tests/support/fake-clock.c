/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A clock whose hands the test turns. It stands still otherwise, and insists on what the
 * real one only hopes for: no timer is stopped twice, and none outlives the clock. Main
 * thread. */

#include "fake-clock.h"

/* Neither is 0 at the start, nor are they alike, so that mixing them up shows. */
#define FIRST_MONOTONIC_US (1000 * G_USEC_PER_SEC)
#define FIRST_WALL_US (G_GINT64_CONSTANT (1700000000) * G_USEC_PER_SEC)

typedef struct
{
  guint id;
  gint64 due_us; /* monotonic */
  GSourceOnceFunc function;
  gpointer data; /* (unowned) */
} Timer;

struct _FakeClock
{
  GObject parent_instance;

  gint64 monotonic_us;
  gint64 wall_us;
  guint last_id;
  GQueue timers; /* of Timer (owned), the next to fire first */
};

static void fake_clock_iface_init (SocksClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeClock,
                               fake_clock,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_CLOCK,
                                                      fake_clock_iface_init))

static gint64
get_monotonic_us (SocksClock *clock)
{
  return FAKE_CLOCK (clock)->monotonic_us;
}

static gint64
get_wall_us (SocksClock *clock)
{
  return FAKE_CLOCK (clock)->wall_us;
}

static int
compare_timers (gconstpointer a, gconstpointer b, gpointer data)
{
  const Timer *left = a;
  const Timer *right = b;

  if (left->due_us != right->due_us)
    return left->due_us < right->due_us ? -1 : 1;
  return left->id < right->id ? -1 : 1;
}

static guint
call_after (SocksClock *clock, gint64 delay_us, GSourceOnceFunc function, gpointer data)
{
  FakeClock *self = FAKE_CLOCK (clock);
  Timer *timer = g_new (Timer, 1);

  g_assert_cmpint (delay_us, >=, 0);
  *timer = (Timer){ ++self->last_id, self->monotonic_us + delay_us, function, data };
  g_queue_insert_sorted (&self->timers, timer, compare_timers, NULL);
  return timer->id;
}

static void
cancel (SocksClock *clock, guint id)
{
  FakeClock *self = FAKE_CLOCK (clock);

  for (GList *link = self->timers.head; link != NULL; link = link->next)
    if (((Timer *) link->data)->id == id)
      {
        g_free (link->data);
        g_queue_delete_link (&self->timers, link);
        return;
      }
  g_error ("timer %u has fired or was stopped before", id);
}

static void
fake_clock_iface_init (SocksClockInterface *iface)
{
  iface->get_monotonic_us = get_monotonic_us;
  iface->get_wall_us = get_wall_us;
  iface->call_after = call_after;
  iface->cancel = cancel;
}

static void
fake_clock_finalize (GObject *object)
{
  g_assert_cmpuint (FAKE_CLOCK (object)->timers.length, ==, 0);

  G_OBJECT_CLASS (fake_clock_parent_class)->finalize (object);
}

static void
fake_clock_class_init (FakeClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_clock_finalize;
}

static void
fake_clock_init (FakeClock *self)
{
  self->monotonic_us = FIRST_MONOTONIC_US;
  self->wall_us = FIRST_WALL_US;
}

FakeClock *
fake_clock_new (void)
{
  return g_object_new (FAKE_TYPE_CLOCK, NULL);
}

static void
turn_hands (FakeClock *self, gint64 to_monotonic_us)
{
  self->wall_us += to_monotonic_us - self->monotonic_us;
  self->monotonic_us = to_monotonic_us;
}

/* Takes out the next timer that is due by @until_us, if there is one. */
static gboolean
take_due (FakeClock *self, gint64 until_us, Timer *out_timer)
{
  g_autofree Timer *timer = NULL;

  if (g_queue_is_empty (&self->timers) ||
      ((Timer *) g_queue_peek_head (&self->timers))->due_us > until_us)
    return FALSE;
  timer = g_queue_pop_head (&self->timers);
  *out_timer = *timer;
  return TRUE;
}

/* Lets @us microseconds pass as they do in life: each timer fires at its own time, those
 * that timers set included, and before and after each the main loop does all it has to
 * do. */
void
fake_clock_advance (FakeClock *self, gint64 us)
{
  gint64 end_us = self->monotonic_us + us;
  Timer timer;

  settle_main_loop ();
  while (take_due (self, end_us, &timer))
    {
      /* After a jump it is late for some; the hands never go back. */
      turn_hands (self, MAX (timer.due_us, self->monotonic_us));
      timer.function (timer.data);
      settle_main_loop ();
    }
  turn_hands (self, end_us);
}

/* Lets @us microseconds pass as for a process that was stopped meanwhile: it wakes up
 * when they are over, and then every timer that is due fires, late. */
void
fake_clock_jump (FakeClock *self, gint64 us)
{
  turn_hands (self, self->monotonic_us + us);
  fake_clock_advance (self, 0);
}

/* Somebody sets the date; that moves no timer. */
void
fake_clock_set_wall_us (FakeClock *self, gint64 wall_us)
{
  self->wall_us = wall_us;
}

guint
fake_clock_count_timers (FakeClock *self)
{
  return self->timers.length;
}

/* Runs the main loop until it has nothing left to do. */
void
settle_main_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
