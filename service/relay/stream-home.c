/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a worker's streams live: the list of them, what they share, their deadlines, and
 * the counters. What a stream does is its own affair. The worker's thread alone uses it,
 * but for reading the counters.
 *
 * A stream that ends is put aside first and freed between two turns of the loop, since
 * the events of one turn may name it several times. */

#include "relay/stream-home.h"

#include "relay/stream.h"

/* The first second of a stream; less where it may not even dial that long. */
#define YOUNG_MS 1000

static void
first_second_is_over_cb (gpointer owner)
{
  socks_stream_grow_up (owner);
}

static void
dial_timed_out_cb (gpointer owner)
{
  socks_stream_give_up_dialling (owner);
}

static void
half_closed_too_long_cb (gpointer owner)
{
  socks_stream_cut (owner);
}

/**
 * socks_stream_home_init:
 * @home: an uninitialised home
 * @loop: where its streams are to wait; must not have been turned yet
 * @board: what is shared with others
 * @dial_timeout_ms: how long a connect may take
 * @half_closed_timeout_ms: how long a stream may stay after one side has ended
 */
void
socks_stream_home_init (SocksStreamHome *home,
                        SocksEventLoop *loop,
                        SocksBoard *board,
                        guint dial_timeout_ms,
                        guint half_closed_timeout_ms)
{
  guint young_ms = MIN (YOUNG_MS, MIN (dial_timeout_ms, half_closed_timeout_ms) / 2);

  *home = (SocksStreamHome){ .loop = loop, .board = board };
  socks_event_loop_add_timers (loop, &home->young, young_ms, first_second_is_over_cb);
  socks_event_loop_add_timers (loop, &home->dialling, dial_timeout_ms - young_ms,
                               dial_timed_out_cb);
  socks_event_loop_add_timers (loop, &home->half_closed, half_closed_timeout_ms,
                               half_closed_too_long_cb);
}

/**
 * socks_stream_home_clear:
 * @home: a home without live streams
 */
void
socks_stream_home_clear (SocksStreamHome *home)
{
  g_assert (home->live.length == 0);

  socks_stream_home_free_dead (home);
  socks_pipe_pool_clear (&home->kit.pipes);
}

/**
 * socks_stream_home_cut_older:
 * @home: a home
 * @generation: the present one
 *
 * Resets both sides of all streams to former remotes.
 */
void
socks_stream_home_cut_older (SocksStreamHome *home, guint generation)
{
  SocksStream *oldest;

  /* Oldest first means that all to be cut come before all that stay. */
  while ((oldest = g_queue_peek_head (&home->live)) != NULL &&
         socks_stream_get_generation (oldest) != generation)
    socks_stream_cut (oldest);
}

/**
 * socks_stream_home_free_dead:
 * @home: a home
 *
 * Frees the streams that have ended. To be called between two turns of the loop.
 */
void
socks_stream_home_free_dead (SocksStreamHome *home)
{
  GList *link;

  while ((link = g_queue_pop_head_link (&home->dead)) != NULL)
    g_free (link->data);
}
