/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The fastest of many: all candidates are greeted at once, the first that answers as a
 * proxy without login wins, and the others are let go. What they would have said is not
 * waited for, so a race tells nothing about its losers. Main thread. */

#include "engine/race.h"

#include "core/error.h"

typedef struct
{
  SocksClock *clock;         /* (owned) */
  GCancellable *probes;      /* (owned): ends all runners */
  gulong outer_cancelled_id; /* 0: the caller gave no cancellable */
  guint timeout_id;          /* 0: none */
  guint n_running;
  gboolean is_over;
} Race;

typedef struct
{
  GTask *task; /* (owned): the race */
  SocksEndpoint endpoint;
} Runner;

static void
race_free (Race *race)
{
  g_object_unref (race->probes);
  g_object_unref (race->clock);
  g_free (race);
}

/* Ends the race with @winner, or %NULL where nobody won. */
static void
end_race (GTask *task, const SocksEndpoint *winner)
{
  Race *race = g_task_get_task_data (task);

  race->is_over = TRUE;
  socks_clock_clear (race->clock, &race->timeout_id);
  if (race->outer_cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), race->outer_cancelled_id);
  g_cancellable_cancel (race->probes);

  if (g_task_return_error_if_cancelled (task))
    return;
  if (winner != NULL)
    g_task_return_pointer (task, g_memdup2 (winner, sizeof *winner), g_free);
  else
    g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_NO_VALID_PROXY,
                             "None of the proxies answered in time");
}

static void
outer_cancelled_cb (GCancellable *outer, gpointer data)
{
  end_race (data, NULL /* winner */);
}

static void
timeout_cb (gpointer data)
{
  Race *race = g_task_get_task_data (data);

  race->timeout_id = 0;
  end_race (data, NULL /* winner */);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Runner *runner = data;
  Race *race = g_task_get_task_data (runner->task);
  SocksVerdict verdict = { 0 };

  race->n_running--;
  if (socks_prober_probe_finish (SOCKS_PROBER (source), result, &verdict,
                                 NULL /* error: a runner that fell is just out */) &&
      verdict.status == SOCKS_STATUS_VALID && !race->is_over)
    end_race (runner->task, &runner->endpoint);
  if (race->n_running == 0 && !race->is_over)
    end_race (runner->task, NULL /* winner */);

  g_object_unref (runner->task);
  g_free (runner);
}

/**
 * socks_race_async:
 * @prober: who asks
 * @clock: the time
 * @candidates: (array length=n_candidates): who runs; those beyond
 *   %SOCKS_RACE_MAX_CANDIDATES do not, so the fastest come first; copied
 * @n_candidates: how many; 0 is a race that nobody wins
 * @cancellable: (nullable): ends the race
 * @callback: called when there is a winner or there can be none
 * @user_data: for @callback
 *
 * Greets all candidates at once, for %SOCKS_RACE_TIMEOUT_US in all.
 */
void
socks_race_async (SocksProber *prober,
                  SocksClock *clock,
                  const SocksEndpoint *candidates,
                  gsize n_candidates,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (prober, cancellable, callback, user_data);
  Race *race = g_new0 (Race, 1);

  g_task_set_source_tag (task, socks_race_async);
  g_task_set_task_data (task, race, (GDestroyNotify) race_free);
  race->clock = g_object_ref (clock);
  race->probes = g_cancellable_new ();
  race->n_running = (guint) MIN (n_candidates, SOCKS_RACE_MAX_CANDIDATES);

  if (race->n_running == 0 || g_cancellable_is_cancelled (cancellable))
    {
      end_race (task, NULL /* winner */);
      return;
    }

  /* Cleared by end_race(), which comes before the last runner lets the task go. */
  race->timeout_id =
      socks_clock_call_after (clock, SOCKS_RACE_TIMEOUT_US, timeout_cb, task);
  if (cancellable != NULL)
    race->outer_cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (outer_cancelled_cb), task);

  for (guint i = 0, n = race->n_running; i < n; i++)
    {
      Runner *runner = g_new (Runner, 1);

      runner->task = g_object_ref (task);
      runner->endpoint = candidates[i];
      socks_prober_probe_async (prober, &candidates[i], SOCKS_PROBE_GREETING,
                                race->probes, probed_cb, runner);
    }
}

/**
 * socks_race_finish:
 * @result: what the callback was given
 * @out_winner: (out): the winner; untouched on failure
 * @error: return location for a %SOCKS_ERROR_NO_VALID_PROXY or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether there is a winner
 */
gboolean
socks_race_finish (GAsyncResult *result, SocksEndpoint *out_winner, GError **error)
{
  g_autofree SocksEndpoint *winner = g_task_propagate_pointer (G_TASK (result), error);

  if (winner == NULL)
    return FALSE;

  *out_winner = *winner;
  return TRUE;
}
