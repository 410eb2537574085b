/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks after the one remote in use, more closely than a sweep does:
 *
 *   well ──every 15 s, or when a stream could not reach it──▶ asked
 *     asked ──answers──▶ well
 *     asked ──fails──▶ 1 s ──asked again, fails──▶ lost ──▶ every 5 s ──answers──▶ well
 *
 * Says only what it sees; what follows from it is the engine's affair. Main thread. */

#include "engine/health.h"

#define WELL_INTERVAL_US (15 * G_USEC_PER_SEC)
#define RETRY_INTERVAL_US (1 * G_USEC_PER_SEC)
#define LOST_INTERVAL_US (5 * G_USEC_PER_SEC)

/* One failure may be a lost packet; the second in a row is a finding. */
#define FAILURES_MAX 2

struct _SocksHealth
{
  GObject parent_instance;

  SocksClock *clock;   /* (owned) */
  SocksProber *prober; /* (owned) */

  SocksEndpoint endpoint;
  SocksProbeKind kind;
  GCancellable *probe; /* (owned) (nullable): the probe in flight */
  guint timer_id;      /* the next probe; 0: none is due */
  guint n_failures;    /* in a row, up to FAILURES_MAX */
  gint64 asked_us;     /* when the last probe was begun, monotonic */
};

enum
{
  LOST,
  RECOVERED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SocksHealth, socks_health, G_TYPE_OBJECT)

static void ask_cb (gpointer data);

static void
ask_after (SocksHealth *self, gint64 delay_us)
{
  socks_clock_clear (self->clock, &self->timer_id);
  self->timer_id = socks_clock_call_after (self->clock, delay_us, ask_cb, self);
}

static gboolean
is_well (SocksHealth *self, const SocksVerdict *verdict)
{
  if (self->kind == SOCKS_PROBE_REACH)
    return verdict->status != SOCKS_STATUS_NOT_LISTENING;
  return verdict->status == SOCKS_STATUS_VALID;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksHealth) self = data;
  g_autoptr (GError) error = NULL;
  SocksVerdict verdict;
  gboolean is_judged =
      socks_prober_probe_finish (SOCKS_PROBER (source), result, &verdict, &error);

  /* Stopped, or watching somebody else by now. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->probe);

  if (!is_judged)
    {
      /* A want of this machine, which says nothing about the remote. */
      ask_after (self, LOST_INTERVAL_US);
    }
  else if (is_well (self, &verdict))
    {
      gboolean was_lost = self->n_failures == FAILURES_MAX;

      self->n_failures = 0;
      ask_after (self, WELL_INTERVAL_US);
      if (was_lost)
        g_signal_emit (self, signals[RECOVERED], 0);
    }
  else if (self->n_failures == FAILURES_MAX)
    ask_after (self, LOST_INTERVAL_US);
  else if (++self->n_failures == FAILURES_MAX)
    {
      ask_after (self, LOST_INTERVAL_US);
      g_signal_emit (self, signals[LOST], 0);
    }
  else
    ask_after (self, RETRY_INTERVAL_US);
}

static void
ask_cb (gpointer data)
{
  SocksHealth *self = data;

  self->timer_id = 0;
  self->asked_us = socks_clock_get_monotonic_us (self->clock);
  self->probe = g_cancellable_new ();
  socks_prober_probe_async (self->prober, &self->endpoint, self->kind, self->probe,
                            answered_cb, g_object_ref (self));
}

static void
socks_health_dispose (GObject *object)
{
  SocksHealth *self = SOCKS_HEALTH (object);

  if (self->clock != NULL)
    socks_health_stop (self);
  g_clear_object (&self->prober);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_health_parent_class)->dispose (object);
}

static void
socks_health_class_init (SocksHealthClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_health_dispose;

  /**
   * SocksHealth::lost:
   *
   * Two probes in a row have failed. The remote goes on being asked, every 5 seconds.
   */
  signals[LOST] = g_signal_new ("lost", SOCKS_TYPE_HEALTH, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);

  /**
   * SocksHealth::recovered:
   *
   * A remote that was lost has answered.
   */
  signals[RECOVERED] = g_signal_new ("recovered", SOCKS_TYPE_HEALTH, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_health_init (SocksHealth *self)
{
}

/**
 * socks_health_new:
 * @clock: the time
 * @prober: who asks
 *
 * Returns: (transfer full): a watch over nobody yet
 */
SocksHealth *
socks_health_new (SocksClock *clock, SocksProber *prober)
{
  SocksHealth *self = g_object_new (SOCKS_TYPE_HEALTH, NULL);

  self->clock = g_object_ref (clock);
  self->prober = g_object_ref (prober);
  return self;
}

/**
 * socks_health_watch:
 * @self: a watch
 * @endpoint: whom to look after from now on, in place of the one before; copied
 * @kind: what counts as well: a Valid answer to the greeting, or a TCP connection
 *
 * Takes the remote as well and asks it for the first time after 15 seconds.
 */
void
socks_health_watch (SocksHealth *self, const SocksEndpoint *endpoint, SocksProbeKind kind)
{
  socks_health_stop (self);
  self->endpoint = *endpoint;
  self->kind = kind;
  self->n_failures = 0;
  self->asked_us = G_MININT64 / 2; /* never, and far from an overflow */
  ask_after (self, WELL_INTERVAL_US);
}

/**
 * socks_health_stop:
 * @self: a watch
 *
 * Looks after nobody; a probe in flight has no effect any more.
 */
void
socks_health_stop (SocksHealth *self)
{
  g_autoptr (GCancellable) probe = g_steal_pointer (&self->probe);

  socks_clock_clear (self->clock, &self->timer_id);
  if (probe != NULL)
    g_cancellable_cancel (probe);
}

/**
 * socks_health_ask_now:
 * @self: a watch
 *
 * A stream could not reach the remote: asks at once, unless it is being asked or has
 * failed already, which has its own timetable; and at most once a second, because a
 * thousand streams may say so together.
 */
void
socks_health_ask_now (SocksHealth *self)
{
  gint64 next_us = self->asked_us + RETRY_INTERVAL_US;
  gint64 now_us = socks_clock_get_monotonic_us (self->clock);

  if (!socks_health_is_watching (self) || self->probe != NULL || self->n_failures > 0)
    return;
  ask_after (self, MAX (next_us - now_us, 0));
}

/**
 * socks_health_is_watching:
 * @self: a watch
 *
 * Returns: whether it looks after somebody
 */
gboolean
socks_health_is_watching (SocksHealth *self)
{
  return self->timer_id != 0 || self->probe != NULL;
}
