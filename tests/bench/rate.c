/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Many short connections: connect, greet, take the reply, close, and again, some at a
 * time. Counted is the reply. In the end the sink must have answered as often as replies
 * were counted. */

#include "load.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS_PER_TURN 64
#define GIVE_UP_MS (10 * 1000)

typedef struct
{
  const LoadOptions *options;
  int epoll_fd;
  guint n_slots;
  guint n_open;
  _Atomic guint64 n_done;
  _Atomic guint64 n_failed;
  atomic_bool *stops;
} Loader;

typedef struct
{
  int fd;
  gboolean has_greeted;
} Slot;

static void
open_slot (Loader *loader, Slot *slot)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
                               .data.ptr = slot };

  slot->fd = wire_dial (&loader->options->through);
  slot->has_greeted = FALSE;
  if (slot->fd < 0)
    fail ("no connection: %s", g_strerror (errno));
  if (epoll_ctl (loader->epoll_fd, EPOLL_CTL_ADD, slot->fd, &event) < 0)
    fail ("epoll: %s", g_strerror (errno));
  loader->n_open++;
}

static void
end_slot (Loader *loader, Slot *slot, _Atomic guint64 *counter)
{
  close (slot->fd);
  loader->n_open--;
  atomic_fetch_add_explicit (counter, 1, memory_order_relaxed);
  if (!atomic_load_explicit (loader->stops, memory_order_relaxed))
    open_slot (loader, slot);
}

static void
slot_is_ready (Loader *loader, Slot *slot, guint32 events)
{
  guint8 reply[3];
  gssize n_bytes;

  if ((events & EPOLLERR) != 0)
    {
      end_slot (loader, slot, &loader->n_failed);
      return;
    }
  if (!slot->has_greeted)
    {
      if ((events & EPOLLOUT) == 0)
        return;
      if (wire_sends_head (slot->fd, WIRE_GREETING))
        slot->has_greeted = TRUE;
      else
        end_slot (loader, slot, &loader->n_failed);
      return;
    }

  n_bytes = recv (slot->fd, reply, sizeof reply, 0);
  if (n_bytes < 0 && errno == EAGAIN)
    return;
  if (n_bytes <= 0)
    end_slot (loader, slot, &loader->n_failed);
  else if (n_bytes == 2 && reply[0] == 5 && reply[1] == 0)
    end_slot (loader, slot, &loader->n_done);
  else
    fail ("a greeting was answered with %zd bytes, %#x first", n_bytes, reply[0]);
}

static gpointer
run (gpointer data)
{
  Loader *loader = data;
  g_autofree Slot *slots = g_new0 (Slot, loader->n_slots);

  loader->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  for (guint i = 0; i < loader->n_slots; i++)
    open_slot (loader, &slots[i]);
  while (loader->n_open > 0)
    {
      struct epoll_event events[EVENTS_PER_TURN];
      int n_events = epoll_wait (loader->epoll_fd, events, EVENTS_PER_TURN, GIVE_UP_MS);

      if (n_events == 0)
        fail ("%u connections are not answered", loader->n_open);
      for (int i = 0; i < n_events; i++)
        slot_is_ready (loader, events[i].data.ptr, events[i].events);
    }
  close (loader->epoll_fd);
  return NULL;
}

static guint64
count_done (const Loader *loaders, guint n_loaders)
{
  guint64 n_done = 0;

  for (guint i = 0; i < n_loaders; i++)
    n_done += atomic_load (&loaders[i].n_done);
  return n_done;
}

/**
 * load_rate:
 * @options: how many connections at a time
 *
 * Prints connections per second after the warm-up, and how many came to nothing.
 */
void
load_rate (const LoadOptions *options)
{
  guint n_loaders = options->n_threads;
  g_autofree Loader *loaders = g_new0 (Loader, n_loaders);
  g_autofree GThread **threads = g_new0 (GThread *, n_loaders);
  int asking_fd = wire_connect (&options->sink, WIRE_ASK);
  guint64 n_greetings = wire_ask (asking_fd).n_greetings;
  guint64 n_before, n_after, n_failed = 0;
  gint64 from_us, to_us;
  atomic_bool stops = FALSE;

  for (guint i = 0; i < n_loaders; i++)
    {
      loaders[i].options = options;
      loaders[i].stops = &stops;
      loaders[i].n_slots = options->n_streams / n_loaders +
                           (i < options->n_streams % n_loaders ? 1 : 0);
      threads[i] = g_thread_new ("rate", run, &loaders[i]);
    }

  g_usleep ((gulong) (options->warm_up_s * G_USEC_PER_SEC));
  from_us = g_get_monotonic_time ();
  n_before = count_done (loaders, n_loaders);
  g_usleep ((gulong) (options->seconds * G_USEC_PER_SEC));
  to_us = g_get_monotonic_time ();
  n_after = count_done (loaders, n_loaders);

  atomic_store (&stops, TRUE);
  for (guint i = 0; i < n_loaders; i++)
    {
      g_thread_join (threads[i]);
      n_failed += atomic_load (&loaders[i].n_failed);
    }
  n_greetings = wire_ask (asking_fd).n_greetings - n_greetings;
  if (n_failed == 0 && n_greetings != count_done (loaders, n_loaders))
    fail ("%" G_GUINT64_FORMAT " replies, but the sink gave %" G_GUINT64_FORMAT,
          count_done (loaders, n_loaders), n_greetings);

  printf ("{\"per_s\": %.0f, \"failed\": %" G_GUINT64_FORMAT "}\n",
          (double) (n_after - n_before) * G_USEC_PER_SEC / (double) (to_us - from_us),
          n_failed);
}
