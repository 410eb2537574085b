/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass over all peers:
 *
 *   sources ──peers──▶ queue, shuffled ──at most `parallel`──▶ prober ──▶ peer table
 *
 * Probes start as soon as the first source has named somebody; a node that takes its time
 * holds up nobody else. When all sources have answered, the peers that none of them named
 * are looked at: they are forgotten, or, in their grace or while a source is silent,
 * probed like the others. Main thread. */

#include "engine/sweep.h"

#include "engine/peer-source.h"

/* Connects begun in one turn of the main loop, some tens of microseconds each. */
#define PROBES_PER_TURN 32

struct _SocksSweep
{
  GObject parent_instance;

  SocksClock *clock;         /* (owned) */
  SocksProber *prober;       /* (owned) */
  SocksPeerTable *table;     /* (unowned): not touched any more once it is over */
  GCancellable *cancellable; /* (owned) */
  guint parallel;
  gboolean is_over;
  gint64 started_us;  /* monotonic */
  gint64 duration_us; /* once it has ended */

  guint sources_awaited;
  gboolean has_silent_source;

  GArray *queue;  /* (owned): SocksEndpoint, probed up to n_begun */
  guint n_begun;
  guint n_done;
  guint n_unasked; /* done, but not probed for want of descriptors or memory */
  guint fill_id;   /* 0: no turn is scheduled */
};

/* One probe of a sweep. */
typedef struct
{
  SocksSweep *sweep; /* (owned) */
  SocksEndpoint endpoint;
} Question;

enum
{
  PROGRESSED,
  PEERS_CHANGED,
  DONE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SocksSweep, socks_sweep, G_TYPE_OBJECT)

static void
end_if_done (SocksSweep *self)
{
  if (self->is_over || self->sources_awaited > 0 || self->n_done < self->queue->len)
    return;

  self->is_over = TRUE;
  self->duration_us = socks_clock_get_monotonic_us (self->clock) - self->started_us;
  if (self->n_unasked > 0)
    g_warning ("%u of %u peers could not be probed for want of descriptors or memory; "
               "lower Parallel= or raise the limit",
               self->n_unasked, self->queue->len);
  g_info ("Swept %u peers in %" G_GINT64_FORMAT " ms: %u valid, %u with login",
          self->queue->len, self->duration_us / 1000,
          socks_peer_table_count (self->table, SOCKS_STATUS_VALID),
          socks_peer_table_count (self->table, SOCKS_STATUS_AUTHENTICATION_REQUIRED));
  g_signal_emit (self, signals[DONE], 0);
}

static void schedule_fill (SocksSweep *self);

/* A source or a peer has answered: tells of it and goes on, unless whoever was told has
 * cancelled the sweep. */
static void
go_on (SocksSweep *self, SocksPeerChange change)
{
  if (change != SOCKS_PEER_CHANGE_NONE)
    g_signal_emit (self, signals[PEERS_CHANGED], 0, (guint) change);
  if (!self->is_over)
    g_signal_emit (self, signals[PROGRESSED], 0);
  schedule_fill (self);
  end_if_done (self);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Question *question = data;
  g_autoptr (SocksSweep) self = question->sweep;
  SocksPeerChange change = SOCKS_PEER_CHANGE_NONE;
  SocksVerdict verdict;
  gboolean is_judged = socks_prober_probe_finish (SOCKS_PROBER (source), result, &verdict,
                                                  NULL /* error: no verdict */);

  /* A cancelled sweep changes no verdict, not even by one that has just come in. */
  if (self->is_over)
    return;

  self->n_done++;
  if (is_judged)
    change = socks_peer_table_record (self->table, &question->endpoint, &verdict,
                                      socks_clock_get_wall_us (self->clock));
  else
    self->n_unasked++;
  go_on (self, change);
}

/* Whether a probe can be begun now. */
static gboolean
has_turn (SocksSweep *self)
{
  return !self->is_over && self->n_begun < self->queue->len &&
         self->n_begun - self->n_done < self->parallel;
}

static gboolean
fill_cb (gpointer data)
{
  SocksSweep *self = data;

  for (guint i = 0; i < PROBES_PER_TURN && has_turn (self); i++)
    {
      /* Shuffled as it is drawn, so that peers that come later are mixed in too. */
      guint drawn = (guint) g_random_int_range ((gint32) self->n_begun,
                                                (gint32) self->queue->len);
      SocksEndpoint *next = &g_array_index (self->queue, SocksEndpoint, self->n_begun);
      SocksEndpoint *other = &g_array_index (self->queue, SocksEndpoint, drawn);
      Question *question = g_new (Question, 1);

      question->sweep = g_object_ref (self);
      question->endpoint = *other;
      *other = *next;
      *next = question->endpoint;
      self->n_begun++;
      socks_prober_probe_async (self->prober, &question->endpoint, SOCKS_PROBE_GREETING,
                                self->cancellable, probed_cb, question);
    }

  if (has_turn (self))
    return G_SOURCE_CONTINUE;
  self->fill_id = 0;
  return G_SOURCE_REMOVE;
}

static void
schedule_fill (SocksSweep *self)
{
  if (self->fill_id == 0 && has_turn (self))
    self->fill_id = g_idle_add_full (G_PRIORITY_DEFAULT, fill_cb, self, NULL);
}

/* All sources have answered: looks at the peers that none of them named. */
static SocksPeerChange
end_announcements (SocksSweep *self)
{
  SocksPeerChange change = SOCKS_PEER_CHANGE_NONE;
  g_autoptr (GArray) peers = NULL;

  if (!self->has_silent_source)
    change = socks_peer_table_end_round (self->table);

  peers = socks_peer_table_list_all (self->table);
  for (guint i = 0; i < peers->len; i++)
    {
      const SocksPeer *peer = &g_array_index (peers, SocksPeer, i);

      if (!peer->announced)
        g_array_append_val (self->queue, peer->endpoint);
    }
  return change;
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksSweep) self = data;
  g_autoptr (GArray) peers =
      socks_peer_source_fetch_finish (SOCKS_PEER_SOURCE (source), result,
                                      NULL /* error: the source itself tells of it */);
  SocksPeerChange change = SOCKS_PEER_CHANGE_NONE;

  if (self->is_over)
    return;

  if (peers == NULL)
    self->has_silent_source = TRUE;
  for (guint i = 0; peers != NULL && i < peers->len; i++)
    {
      const SocksEndpoint *endpoint = &g_array_index (peers, SocksEndpoint, i);
      gboolean is_first_time;

      change |= socks_peer_table_announce (self->table, endpoint, &is_first_time);
      if (is_first_time)
        g_array_append_val (self->queue, *endpoint);
    }
  if (--self->sources_awaited == 0)
    change |= end_announcements (self);

  go_on (self, change);
}

static void
socks_sweep_finalize (GObject *object)
{
  SocksSweep *self = SOCKS_SWEEP (object);

  g_clear_handle_id (&self->fill_id, g_source_remove);
  g_array_unref (self->queue);
  g_object_unref (self->cancellable);
  g_object_unref (self->prober);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (socks_sweep_parent_class)->finalize (object);
}

static void
socks_sweep_class_init (SocksSweepClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_sweep_finalize;

  /**
   * SocksSweep::progressed:
   *
   * A source or a peer has answered.
   */
  signals[PROGRESSED] = g_signal_new ("progressed", SOCKS_TYPE_SWEEP, G_SIGNAL_RUN_LAST, 0,
                                      NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * SocksSweep::peers-changed:
   * @change: a #SocksPeerChange
   *
   * The table has changed.
   */
  signals[PEERS_CHANGED] =
      g_signal_new ("peers-changed", SOCKS_TYPE_SWEEP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_UINT);

  /**
   * SocksSweep::done:
   *
   * All peers have been probed. Does not come after a cancellation.
   */
  signals[DONE] = g_signal_new ("done", SOCKS_TYPE_SWEEP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
socks_sweep_init (SocksSweep *self)
{
  self->cancellable = g_cancellable_new ();
  self->queue = g_array_new (FALSE /* zero-terminated */, FALSE /* clear */,
                             sizeof (SocksEndpoint));
}

/**
 * socks_sweep_new:
 * @clock: the time
 * @prober: who asks
 * @table: (transfer none): where results go, until the sweep is done or cancelled
 * @parallel: how many probes may be in flight
 *
 * Returns: (transfer full): a sweep that has not started
 */
SocksSweep *
socks_sweep_new (SocksClock *clock,
                 SocksProber *prober,
                 SocksPeerTable *table,
                 guint parallel)
{
  SocksSweep *self = g_object_new (SOCKS_TYPE_SWEEP, NULL);

  self->clock = g_object_ref (clock);
  self->prober = g_object_ref (prober);
  self->table = table;
  self->parallel = parallel;
  return self;
}

/**
 * socks_sweep_start:
 * @self: a sweep that has not started
 * @sources: (element-type SocksPeerSource): whom to ask for peers, at least one
 *
 * Starts the pass. Nothing is emitted before this function has returned.
 */
void
socks_sweep_start (SocksSweep *self, GPtrArray *sources)
{
  g_return_if_fail (sources->len > 0);

  self->started_us = socks_clock_get_monotonic_us (self->clock);
  socks_peer_table_begin_round (self->table);
  self->sources_awaited = sources->len;
  for (guint i = 0; i < sources->len; i++)
    socks_peer_source_fetch_async (g_ptr_array_index (sources, i), self->cancellable,
                                   fetched_cb, g_object_ref (self));
}

/**
 * socks_sweep_cancel:
 * @self: a sweep
 *
 * Ends the sweep: from now on it emits nothing and changes nothing.
 */
void
socks_sweep_cancel (SocksSweep *self)
{
  self->is_over = TRUE;
  g_clear_handle_id (&self->fill_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
}

/**
 * socks_sweep_get_progress:
 * @self: a sweep
 * @out_done: (out): peers done with
 * @out_total: (out): peers in all, which grows while sources answer
 */
void
socks_sweep_get_progress (SocksSweep *self, guint *out_done, guint *out_total)
{
  *out_done = self->n_done;
  *out_total = self->queue->len;
}

/**
 * socks_sweep_get_duration_us:
 * @self: a sweep that has ended and was not cancelled
 *
 * Returns: how long it took, in microseconds
 */
gint64
socks_sweep_get_duration_us (SocksSweep *self)
{
  return self->duration_us;
}
