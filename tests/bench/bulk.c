/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Much on few connections: the sink gives without end, and with both ways the client
 * sends as much as is taken. What counts is what has arrived, at either end, between two
 * moments after the warm-up. */

#include "load.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_PER_TURN 64
#define LOOK_UP_MS 50
#define SETTLE_S 10

typedef struct
{
  int fd;
  WireFlow flow;
} Stream;

typedef struct
{
  const LoadOptions *options;
  int epoll_fd;
  guint n_streams;
  Stream *streams;
  guint8 buffer[WIRE_CHUNK_BYTES];
  _Atomic guint64 received_bytes;
  atomic_uint n_started; /* streams on which something has come */
  atomic_bool *stops;
} Loader;

static void
open_streams (Loader *loader)
{
  gboolean both_ways = loader->options->both_ways;

  loader->streams = g_new0 (Stream, loader->n_streams);
  loader->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  for (guint i = 0; i < loader->n_streams; i++)
    {
      Stream *stream = &loader->streams[i];
      struct epoll_event event = { .events = EPOLLIN | (both_ways ? EPOLLOUT : 0),
                                   .data.ptr = stream };

      stream->fd = wire_connect (&loader->options->through,
                                 both_ways ? WIRE_EXCHANGE : WIRE_GIVE);
      wire_set_nonblocking (stream->fd);
      if (epoll_ctl (loader->epoll_fd, EPOLL_CTL_ADD, stream->fd, &event) < 0)
        fail ("epoll: %s", g_strerror (errno));
    }
}

static void
move_bytes (Loader *loader, Stream *stream, guint32 events)
{
  if ((events & ~(EPOLLIN | EPOLLOUT)) != 0)
    fail ("a stream was cut");
  if ((events & EPOLLIN) != 0)
    {
      gboolean is_first = stream->flow.received_bytes == 0;
      gssize n_bytes = wire_receive (&stream->flow, stream->fd, loader->buffer);

      if (n_bytes < 0)
        fail ("a stream ended");
      if (is_first && n_bytes > 0)
        atomic_fetch_add (&loader->n_started, 1);
      atomic_fetch_add_explicit (&loader->received_bytes, (guint64) n_bytes,
                                 memory_order_relaxed);
    }
  if ((events & EPOLLOUT) != 0 && wire_send (&stream->flow, stream->fd) < 0)
    fail ("a stream takes no bytes any more");
}

static gpointer
run (gpointer data)
{
  Loader *loader = data;

  while (!atomic_load_explicit (loader->stops, memory_order_relaxed))
    {
      struct epoll_event events[EVENTS_PER_TURN];
      int n_events = epoll_wait (loader->epoll_fd, events, EVENTS_PER_TURN, LOOK_UP_MS);

      for (int i = 0; i < n_events; i++)
        move_bytes (loader, events[i].data.ptr, events[i].events);
    }
  for (guint i = 0; i < loader->n_streams; i++)
    close (loader->streams[i].fd);
  return NULL;
}

/* Some take their time to get going: a process for each stream, for one. */
static void
wait_for_start (Loader *loaders, guint n_loaders)
{
  gint64 deadline_us = g_get_monotonic_time () + SETTLE_S * G_USEC_PER_SEC;

  for (guint i = 0; i < n_loaders; i++)
    while (atomic_load (&loaders[i].n_started) < loaders[i].n_streams)
      {
        if (g_get_monotonic_time () > deadline_us)
          fail ("a stream receives nothing at all");
        g_usleep (1000);
      }
}

/* Bytes of an earlier run are not to be counted in this one. */
static WireCounts
wait_for_idle_sink (int asking_fd)
{
  gint64 deadline_us = g_get_monotonic_time () + SETTLE_S * G_USEC_PER_SEC;
  WireCounts counts;

  while ((counts = wire_ask (asking_fd)).n_bulk > 0)
    {
      if (g_get_monotonic_time () > deadline_us)
        fail ("streams of an earlier run do not end");
      g_usleep (1000);
    }
  return counts;
}

static WireCounts
count_here (const Loader *loaders, guint n_loaders)
{
  WireCounts counts = { .when_us = g_get_monotonic_time () };

  for (guint i = 0; i < n_loaders; i++)
    counts.received_bytes += atomic_load (&loaders[i].received_bytes);
  return counts;
}

static double
get_rate (const WireCounts *from, const WireCounts *to)
{
  return (double) (to->received_bytes - from->received_bytes) * G_USEC_PER_SEC /
         (double) (to->when_us - from->when_us);
}

/**
 * load_bulk:
 * @options: how many streams, one way or both
 *
 * Prints what arrived: bytes per second after the warm-up, and bytes in all.
 */
void
load_bulk (const LoadOptions *options)
{
  guint n_loaders = options->n_threads;
  g_autofree Loader *loaders = g_new0 (Loader, n_loaders);
  g_autofree GThread **threads = g_new0 (GThread *, n_loaders);
  int asking_fd = wire_connect (&options->sink, WIRE_ASK);
  WireCounts there_first = wait_for_idle_sink (asking_fd);
  WireCounts here_from, here_to, there_from, there_to, here, there;
  atomic_bool stops = FALSE;

  for (guint i = 0; i < n_loaders; i++)
    {
      loaders[i].options = options;
      loaders[i].stops = &stops;
      loaders[i].n_streams = options->n_streams / n_loaders +
                             (i < options->n_streams % n_loaders ? 1 : 0);
      open_streams (&loaders[i]);
    }
  for (guint i = 0; i < n_loaders; i++)
    threads[i] = g_thread_new ("bulk", run, &loaders[i]);

  wait_for_start (loaders, n_loaders);
  g_usleep ((gulong) (options->warm_up_s * G_USEC_PER_SEC));
  there_from = wire_ask (asking_fd);
  here_from = count_here (loaders, n_loaders);
  g_usleep ((gulong) (options->seconds * G_USEC_PER_SEC));
  here_to = count_here (loaders, n_loaders);
  there_to = wire_ask (asking_fd);

  atomic_store (&stops, TRUE);
  for (guint i = 0; i < n_loaders; i++)
    g_thread_join (threads[i]);
  here = count_here (loaders, n_loaders);
  there = wait_for_idle_sink (asking_fd);

  printf ("{\"bytes_per_s\": %.0f, \"received_bytes\": %" G_GUINT64_FORMAT "}\n",
          get_rate (&here_from, &here_to) + get_rate (&there_from, &there_to),
          here.received_bytes + there.received_bytes - there_first.received_bytes);
  for (guint i = 0; i < n_loaders; i++)
    g_free (loaders[i].streams);
}
