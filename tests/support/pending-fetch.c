/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Fetches from a peer source, as seen by whoever started them. Main thread. */

#include "pending-fetch.h"

/* Far more than anything takes, so that only what never comes fails. */
#define DEADLINE_S 60

static int
compare_endpoints_cb (gconstpointer a, gconstpointer b)
{
  return socks_endpoint_compare (a, b);
}

static void
fetched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PendingFetch *fetch = data;

  g_assert_false (fetch->is_over);
  fetch->is_over = TRUE;
  fetch->peers = socks_peer_source_fetch_finish (SOCKS_PEER_SOURCE (source), result,
                                                 &fetch->error);
  g_assert_true ((fetch->peers == NULL) == (fetch->error != NULL));
  if (fetch->peers != NULL)
    g_array_sort (fetch->peers, compare_endpoints_cb);
}

/* Starts a fetch, and sees that the answer does not come before the call returned. */
PendingFetch *
pending_fetch_new (SocksPeerSource *source, GCancellable *cancellable)
{
  PendingFetch *fetch = g_new0 (PendingFetch, 1);

  socks_peer_source_fetch_async (source, cancellable, fetched_cb, fetch);
  g_assert_false (fetch->is_over);
  return fetch;
}

/* The fetch must be over. */
void
pending_fetch_free (PendingFetch *fetch)
{
  g_assert_true (fetch->is_over);
  g_clear_pointer (&fetch->peers, g_array_unref);
  g_clear_error (&fetch->error);
  g_free (fetch);
}

static gboolean
is_over_cb (gpointer data)
{
  const PendingFetch *fetch = data;

  return fetch->is_over;
}

void
pending_fetch_wait (PendingFetch *fetch)
{
  wait_until (is_over_cb, fetch);
}

/* One whole fetch. */
PendingFetch *
fetch_from (SocksPeerSource *source)
{
  PendingFetch *fetch = pending_fetch_new (source, NULL /* cancellable */);

  pending_fetch_wait (fetch);
  return fetch;
}

static gboolean
too_late_cb (gpointer data)
{
  g_error ("what was waited for has not come");
  return G_SOURCE_REMOVE;
}

static gboolean
look_again_cb (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @condition, which another thread may bring about. */
void
wait_until (gboolean (*condition) (gpointer data), gpointer data)
{
  guint deadline_id = g_timeout_add_seconds (DEADLINE_S, too_late_cb, NULL);
  guint look_again_id = g_timeout_add (5, look_again_cb, NULL);

  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (look_again_id);
  g_source_remove (deadline_id);
}
