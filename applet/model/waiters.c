/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Tasks that wait for one event. One that is cancelled leaves by itself and returns
 * %G_IO_ERROR_CANCELLED, from the main loop. Main thread. */

#include "model/waiters.h"

struct _SocksWaiters
{
  GQueue entries; /* of (owned) Entry, the oldest first */
};

typedef struct
{
  SocksWaiters *waiters; /* (unowned) */
  GTask *task;           /* (owned) (nullable) */
  GSource *cancelled;    /* (owned) (nullable) */
} Entry;

static void
entry_free (Entry *entry)
{
  if (entry->cancelled != NULL)
    g_source_destroy (entry->cancelled);
  g_clear_pointer (&entry->cancelled, g_source_unref);
  g_clear_object (&entry->task);
  g_free (entry);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Entry *entry = data;
  g_autoptr (GTask) task = g_steal_pointer (&entry->task);

  g_queue_remove (&entry->waiters->entries, entry);
  entry_free (entry);
  g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

/**
 * socks_waiters_new:
 *
 * Returns: (transfer full): nobody
 */
SocksWaiters *
socks_waiters_new (void)
{
  SocksWaiters *waiters = g_new0 (SocksWaiters, 1);

  g_queue_init (&waiters->entries);
  return waiters;
}

/**
 * socks_waiters_free:
 * @waiters: (transfer full): of whom none is left
 */
void
socks_waiters_free (SocksWaiters *waiters)
{
  g_warn_if_fail (g_queue_is_empty (&waiters->entries));
  g_queue_clear_full (&waiters->entries, (GDestroyNotify) entry_free);
  g_free (waiters);
}

/**
 * socks_waiters_add:
 * @waiters: those who wait
 * @task: (transfer full): one more
 */
void
socks_waiters_add (SocksWaiters *waiters, GTask *task)
{
  Entry *entry = g_new0 (Entry, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  entry->waiters = waiters;
  entry->task = task;
  g_queue_push_tail (&waiters->entries, entry);
  if (cancellable == NULL)
    return;
  entry->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (entry->cancelled, G_SOURCE_FUNC (cancelled_cb), entry, NULL);
  g_source_attach (entry->cancelled, g_task_get_context (task));
}

/**
 * socks_waiters_pop:
 * @waiters: those who wait
 *
 * Returns: (transfer full) (nullable): the one who has waited longest, to be returned from
 */
GTask *
socks_waiters_pop (SocksWaiters *waiters)
{
  Entry *entry = g_queue_pop_head (&waiters->entries);
  GTask *task;

  if (entry == NULL)
    return NULL;
  task = g_steal_pointer (&entry->task);
  entry_free (entry);
  return task;
}
