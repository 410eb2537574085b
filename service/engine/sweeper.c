/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Discovery on its timetable: a sweep at once and then every interval, one at a time, and
 * one now for whoever asks. Owns the table of peers. Main thread. */

#include "engine/sweeper.h"

#include "engine/sweep.h"

struct _SocksSweeper
{
  GObject parent_instance;

  SocksClock *clock;     /* (owned) */
  SocksProber *prober;   /* (owned) */
  SocksPeerTable *table; /* (owned) */
  GPtrArray *sources;    /* (owned): of SocksPeerSource */
  guint interval_s;
  guint parallel;

  gboolean is_probing;
  gboolean has_swept;   /* a whole sweep has ended */
  guint timer_id;       /* the next sweep; 0: not probing */
  SocksSweep *sweep;    /* (owned) (nullable): the running or the last one */
  gboolean is_sweeping; /* it is running */
  gint64 last_sweep_us; /* wall clock; 0: never */
  gint64 last_duration_us;
};

enum
{
  CHANGED,
  PEERS_CHANGED,
  SWEPT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SocksSweeper, socks_sweeper, G_TYPE_OBJECT)

static void
progressed_cb (SocksSweep *sweep, gpointer data)
{
  g_signal_emit (data, signals[CHANGED], 0);
}

static void
peers_changed_cb (SocksSweep *sweep, guint change, gpointer data)
{
  g_signal_emit (data, signals[PEERS_CHANGED], 0, change);
}

static void
done_cb (SocksSweep *sweep, gpointer data)
{
  SocksSweeper *self = data;

  self->is_sweeping = FALSE;
  self->has_swept = TRUE;
  self->last_sweep_us = socks_clock_get_wall_us (self->clock);
  self->last_duration_us = socks_sweep_get_duration_us (sweep);
  g_signal_emit (self, signals[CHANGED], 0);
  g_signal_emit (self, signals[SWEPT], 0);
}

static void
timer_cb (gpointer data)
{
  SocksSweeper *self = data;

  /* From now on, not from when it was due: after the process was stopped for a while
   * there is one sweep, not all those that were missed. */
  self->timer_id = socks_clock_call_after (
      self->clock, (gint64) self->interval_s * G_USEC_PER_SEC, timer_cb, self);
  socks_sweeper_sweep_now (self);
}

static void
cancel_sweep (SocksSweeper *self)
{
  if (self->is_sweeping)
    socks_sweep_cancel (self->sweep);
  self->is_sweeping = FALSE;
}

static void
socks_sweeper_dispose (GObject *object)
{
  SocksSweeper *self = SOCKS_SWEEPER (object);

  if (self->clock != NULL)
    socks_clock_clear (self->clock, &self->timer_id);
  cancel_sweep (self);
  g_clear_object (&self->sweep);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_object (&self->prober);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_sweeper_parent_class)->dispose (object);
}

static void
socks_sweeper_finalize (GObject *object)
{
  SocksSweeper *self = SOCKS_SWEEPER (object);

  socks_peer_table_free (self->table);

  G_OBJECT_CLASS (socks_sweeper_parent_class)->finalize (object);
}

static void
socks_sweeper_class_init (SocksSweeperClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = socks_sweeper_dispose;
  object_class->finalize = socks_sweeper_finalize;

  /**
   * SocksSweeper::changed:
   *
   * Probing, sweeping, the progress or the time of the last sweep may have changed. Comes
   * with every probe: whoever publishes it takes its time.
   */
  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_SWEEPER, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * SocksSweeper::peers-changed:
   * @change: a #SocksPeerChange
   *
   * The table has changed.
   */
  signals[PEERS_CHANGED] =
      g_signal_new ("peers-changed", SOCKS_TYPE_SWEEPER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  /**
   * SocksSweeper::swept:
   *
   * A sweep has ended, and was not cancelled.
   */
  signals[SWEPT] = g_signal_new ("swept", SOCKS_TYPE_SWEEPER, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_sweeper_init (SocksSweeper *self)
{
  self->table = socks_peer_table_new ();
  self->sources = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * socks_sweeper_new:
 * @clock: the time
 * @prober: who asks
 * @interval_s: seconds from the start of a sweep to the start of the next
 * @parallel: how many probes may be in flight
 *
 * Returns: (transfer full): a sweeper that is not probing and has no sources
 */
SocksSweeper *
socks_sweeper_new (SocksClock *clock, SocksProber *prober, guint interval_s, guint parallel)
{
  SocksSweeper *self = g_object_new (SOCKS_TYPE_SWEEPER, NULL);

  self->clock = g_object_ref (clock);
  self->prober = g_object_ref (prober);
  self->interval_s = interval_s;
  self->parallel = parallel;
  return self;
}

/**
 * socks_sweeper_add_source:
 * @self: a sweeper
 * @source: somewhere that peers come from
 *
 * To be called before the first sweep, at least once.
 */
void
socks_sweeper_add_source (SocksSweeper *self, SocksPeerSource *source)
{
  g_ptr_array_add (self->sources, g_object_ref (source));
}

/**
 * socks_sweeper_set_probing:
 * @self: a sweeper
 * @is_probing: whether to sweep on the timetable
 *
 * On: sweeps at once, unless a sweep is running, and then every interval. Off: cancels
 * the sweep that is running, whoever started it. What is already so stays so.
 */
void
socks_sweeper_set_probing (SocksSweeper *self, gboolean is_probing)
{
  gboolean was_probing = self->is_probing;

  self->is_probing = is_probing;
  if (is_probing && !was_probing)
    {
      g_message ("Probing every %u s", self->interval_s);
      timer_cb (self);
    }
  else if (!is_probing)
    {
      socks_clock_clear (self->clock, &self->timer_id);
      cancel_sweep (self);
      if (was_probing)
        g_message ("Probing stopped");
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * socks_sweeper_sweep_now:
 * @self: a sweeper
 *
 * Starts a sweep, unless one is running. The timetable stays as it is.
 */
void
socks_sweeper_sweep_now (SocksSweeper *self)
{
  if (self->is_sweeping)
    return;

  g_clear_object (&self->sweep);
  self->sweep = socks_sweep_new (self->clock, self->prober, self->table, self->parallel);
  self->is_sweeping = TRUE;
  g_signal_connect_object (self->sweep, "progressed", G_CALLBACK (progressed_cb), self, 0);
  g_signal_connect_object (self->sweep, "peers-changed", G_CALLBACK (peers_changed_cb),
                           self, 0);
  g_signal_connect_object (self->sweep, "done", G_CALLBACK (done_cb), self, 0);
  socks_sweep_start (self->sweep, self->sources);
  g_signal_emit (self, signals[CHANGED], 0);
}

/**
 * socks_sweeper_keep:
 * @self: a sweeper
 * @endpoint: (nullable): see socks_peer_table_keep()
 */
void
socks_sweeper_keep (SocksSweeper *self, const SocksEndpoint *endpoint)
{
  socks_peer_table_keep (self->table, endpoint);
}

/**
 * socks_sweeper_get_table:
 * @self: a sweeper
 *
 * Returns: (transfer none): the peers; only the sweeper changes them
 */
SocksPeerTable *
socks_sweeper_get_table (SocksSweeper *self)
{
  return self->table;
}

/**
 * socks_sweeper_get_interval_s:
 * @self: a sweeper
 *
 * Returns: seconds from the start of a sweep to the start of the next
 */
guint
socks_sweeper_get_interval_s (SocksSweeper *self)
{
  return self->interval_s;
}

/**
 * socks_sweeper_is_probing:
 * @self: a sweeper
 *
 * Returns: whether it sweeps on its timetable
 */
gboolean
socks_sweeper_is_probing (SocksSweeper *self)
{
  return self->is_probing;
}

/**
 * socks_sweeper_is_sweeping:
 * @self: a sweeper
 *
 * Returns: whether a sweep is running
 */
gboolean
socks_sweeper_is_sweeping (SocksSweeper *self)
{
  return self->is_sweeping;
}

/**
 * socks_sweeper_is_first_sweep_awaited:
 * @self: a sweeper
 *
 * Returns: whether it is probing and no sweep has ended yet, so that an empty table means
 *   nothing
 */
gboolean
socks_sweeper_is_first_sweep_awaited (SocksSweeper *self)
{
  return self->is_probing && !self->has_swept;
}

/**
 * socks_sweeper_get_progress:
 * @self: a sweeper
 * @out_done: (out): peers done with
 * @out_total: (out): peers in all
 *
 * Of the running or the last sweep. The total grows while sources answer.
 */
void
socks_sweeper_get_progress (SocksSweeper *self, guint *out_done, guint *out_total)
{
  *out_done = 0;
  *out_total = 0;
  if (self->sweep != NULL)
    socks_sweep_get_progress (self->sweep, out_done, out_total);
}

/**
 * socks_sweeper_get_last_sweep_us:
 * @self: a sweeper
 *
 * Returns: when the last whole sweep ended, microseconds since the Unix epoch; 0 for never
 */
gint64
socks_sweeper_get_last_sweep_us (SocksSweeper *self)
{
  return self->last_sweep_us;
}

/**
 * socks_sweeper_get_last_duration_us:
 * @self: a sweeper
 *
 * Returns: how long the last whole sweep took, in microseconds; 0 where there was none
 */
gint64
socks_sweeper_get_last_duration_us (SocksSweeper *self)
{
  return self->last_duration_us;
}
