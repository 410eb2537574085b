/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One message at a time there and back, on one connection. */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static guint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (guint64) now.tv_sec * 1000000000 + (guint64) now.tv_nsec;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  guint32 first = *(const guint32 *) a;
  guint32 second = *(const guint32 *) b;

  return (first > second) - (first < second);
}

static double
get_quantile_us (GArray *times_ns, double quantile)
{
  return g_array_index (times_ns, guint32, (guint) (times_ns->len * quantile)) / 1000.0;
}

/**
 * load_ping:
 * @options: how long a message is
 *
 * Prints how long the round trips after the warm-up took, in microseconds.
 */
void
load_ping (const LoadOptions *options)
{
  g_autoptr (GArray) times_ns = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autofree guint8 *message = g_malloc0 (options->n_bytes);
  g_autofree guint8 *answer = g_malloc0 (options->n_bytes);
  int fd = wire_connect (&options->through, WIRE_ECHO);
  guint64 from_ns = now_ns () + (guint64) (options->warm_up_s * 1e9);
  guint64 to_ns = from_ns + (guint64) (options->seconds * 1e9);
  guint64 sent_ns, back_ns = 0;

  while (back_ns < to_ns)
    {
      guint32 time_ns;

      memset (message, message[0] + 1, options->n_bytes);
      sent_ns = now_ns ();
      if (send (fd, message, options->n_bytes, MSG_NOSIGNAL) != options->n_bytes)
        fail ("a message is not taken: %s", g_strerror (errno));
      wire_receive_all (fd, answer, options->n_bytes);
      back_ns = now_ns ();
      if (memcmp (answer, message, options->n_bytes) != 0)
        fail ("an answer is not the message");
      time_ns = (guint32) MIN (back_ns - sent_ns, G_MAXUINT32);
      if (sent_ns >= from_ns)
        g_array_append_val (times_ns, time_ns);
    }
  if (times_ns->len == 0)
    fail ("not one message came back");

  g_array_sort (times_ns, compare_times);
  printf ("{\"p50_us\": %.2f, \"p99_us\": %.2f, \"messages\": %u}\n",
          get_quantile_us (times_ns, 0.5), get_quantile_us (times_ns, 0.99),
          times_ns->len);
}
