/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Many connections on which nothing happens. Each is used once, so that it is known to
 * reach the sink; then a line is printed, and they rest until the standard input ends.
 * Then each is used again: all must have lived. */

#include "load.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void
use_stream (int fd, guint8 message)
{
  guint8 answer;

  if (send (fd, &message, 1, MSG_NOSIGNAL) != 1)
    fail ("an idle stream takes no bytes: %s", g_strerror (errno));
  wire_receive_all (fd, &answer, 1);
  if (answer != message)
    fail ("an idle stream answers %#x to %#x", answer, message);
}

/**
 * load_idle:
 * @options: how many streams
 *
 * Prints how many rest, and in the end how many have lived.
 */
void
load_idle (const LoadOptions *options)
{
  g_autofree int *fds = g_new (int, options->n_streams);
  char ignored;

  for (guint i = 0; i < options->n_streams; i++)
    {
      fds[i] = wire_connect (&options->through, WIRE_ECHO);
      use_stream (fds[i], (guint8) i);
    }
  printf ("{\"resting\": %u}\n", options->n_streams);
  fflush (stdout);

  while (read (STDIN_FILENO, &ignored, 1) > 0)
    continue;
  for (guint i = 0; i < options->n_streams; i++)
    use_stream (fds[i], (guint8) ~i);
  printf ("{\"alive\": %u}\n", options->n_streams);
}
