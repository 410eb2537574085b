/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Many connections on which nothing happens. Each is used once, so that it is known to
 * reach the sink; then a line is printed, and they rest. For each line of the standard
 * input every one of them carries a message of the size asked for, and back, and they rest
 * again. When the input ends each is used a last time: all must have lived. */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

typedef struct
{
  int *fds;
  guint n_streams;
  guint8 *message;
  guint8 *answer;
} Crowd;

static void
use_all (Crowd *crowd, guint8 content, gsize n_bytes)
{
  memset (crowd->message, content, n_bytes);
  for (guint i = 0; i < crowd->n_streams; i++)
    {
      crowd->message[0] = (guint8) i;
      if (send (crowd->fds[i], crowd->message, n_bytes, MSG_NOSIGNAL) != (gssize) n_bytes)
        fail ("an idle stream takes no bytes: %s", g_strerror (errno));
      wire_receive_all (crowd->fds[i], crowd->answer, n_bytes);
      if (memcmp (crowd->answer, crowd->message, n_bytes) != 0)
        fail ("an idle stream's answer is not the message");
    }
}

static void
say (const char *what, guint n_streams)
{
  printf ("{\"%s\": %u}\n", what, n_streams);
  fflush (stdout);
}

/**
 * load_idle:
 * @options: how many streams, and the size of a message
 *
 * Prints how many rest, how many carried a message each time, and in the end how many
 * have lived.
 */
void
load_idle (const LoadOptions *options)
{
  guint n_streams = options->n_streams;
  g_autofree int *fds = g_new (int, n_streams);
  g_autofree guint8 *message = g_malloc (options->n_bytes);
  g_autofree guint8 *answer = g_malloc (options->n_bytes);
  Crowd crowd = { fds, n_streams, message, answer };
  int c;

  for (guint i = 0; i < n_streams; i++)
    fds[i] = wire_connect (&options->through, WIRE_ECHO);
  use_all (&crowd, 0, 1);
  say ("resting", n_streams);

  while ((c = getchar ()) != EOF)
    if (c == '\n')
      {
        use_all (&crowd, 'x', options->n_bytes);
        say ("used", n_streams);
      }
  use_all (&crowd, 0, 1);
  say ("alive", n_streams);
}
