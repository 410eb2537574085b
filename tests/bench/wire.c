/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the load generator and its sink say to each other: three bytes that open a
 * connection, and then, where much is to be moved, one pattern that both know. Whatever
 * goes wrong ends the program with a sentence: a figure of a run that went wrong is worth
 * nothing. Any thread.
 *
 * The pattern repeats with a period that no buffer, page or segment has, so that bytes
 * which are lost, doubled or moved are found by looking at some: the first and the last
 * of each read, and some of every page between. Looking at all of them would make the
 * receiver the slowest part of what is measured. */

#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PERIOD 65521 /* a prime */
#define LOOK_EVERY 4096
#define LOOK_BYTES 16

static guint8 pattern[PERIOD + WIRE_CHUNK_BYTES];

/**
 * fail:
 * @format: what went wrong
 * @...: its arguments
 *
 * Ends the program.
 */
void
fail (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fputs ("bench-load: ", stderr);
  vfprintf (stderr, format, arguments);
  fputc ('\n', stderr);
  va_end (arguments);
  exit (EXIT_FAILURE);
}

/**
 * wire_init:
 *
 * Makes the pattern. To be called once, before there are threads.
 */
void
wire_init (void)
{
  guint32 state = 1;

  for (gsize i = 0; i < sizeof pattern; i++)
    {
      if (i >= PERIOD)
        pattern[i] = pattern[i - PERIOD];
      else
        {
          state = state * 1664525 + 1013904223;
          pattern[i] = (guint8) (state >> 24);
        }
    }
}

static void
look (const WireFlow *flow, const guint8 *buffer, gsize offset, gsize n_bytes)
{
  gsize place = (flow->received_bytes + offset) % PERIOD;

  if (memcmp (buffer + offset, pattern + place, n_bytes) != 0)
    fail ("what was received is not what was sent, near byte %" G_GUINT64_FORMAT,
          flow->received_bytes + offset);
}

/**
 * wire_receive:
 * @flow: the connection
 * @fd: its socket, not blocking
 * @buffer: room for %WIRE_CHUNK_BYTES
 *
 * Takes what has come and looks at it.
 *
 * Returns: how many bytes; 0 if none have come; -1 if none will come any more
 */
gssize
wire_receive (WireFlow *flow, int fd, guint8 *buffer)
{
  gssize n_bytes = recv (fd, buffer, WIRE_CHUNK_BYTES, 0);
  gsize last;

  if (n_bytes <= 0)
    return n_bytes < 0 && errno == EAGAIN ? 0 : -1;

  for (gsize offset = 0; offset + LOOK_BYTES <= (gsize) n_bytes; offset += LOOK_EVERY)
    look (flow, buffer, offset, LOOK_BYTES);
  last = MIN ((gsize) n_bytes, LOOK_BYTES);
  look (flow, buffer, (gsize) n_bytes - last, last);
  flow->received_bytes += (guint64) n_bytes;
  return n_bytes;
}

/**
 * wire_send:
 * @flow: the connection
 * @fd: its socket, not blocking
 *
 * Sends as much of the pattern as fits now.
 *
 * Returns: how many bytes; 0 if none fit; -1 if none will be taken any more
 */
gssize
wire_send (WireFlow *flow, int fd)
{
  gssize n_bytes = send (fd, pattern + flow->sent_bytes % PERIOD, WIRE_CHUNK_BYTES,
                         MSG_NOSIGNAL);

  if (n_bytes < 0)
    return errno == EAGAIN ? 0 : -1;
  flow->sent_bytes += (guint64) n_bytes;
  return n_bytes;
}

/**
 * wire_dial:
 * @address: where to
 *
 * Returns: a socket that connects without waiting, or -1
 */
int
wire_dial (const struct sockaddr_in6 *address)
{
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    fail ("no socket: %s", g_strerror (errno));
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  if (connect (fd, (const struct sockaddr *) address, sizeof *address) < 0 &&
      errno != EINPROGRESS)
    {
      close (fd);
      return -1;
    }
  return fd;
}

/**
 * wire_sends_head:
 * @fd: a connection that was just made
 * @head: what is wanted of the sink
 *
 * Returns: whether the connection took it
 */
gboolean
wire_sends_head (int fd, WireHead head)
{
  guint8 bytes[WIRE_HEAD_BYTES] = { head, 1, 0 };

  return send (fd, bytes, sizeof bytes, MSG_NOSIGNAL) == sizeof bytes;
}

/**
 * wire_connect:
 * @address: where to
 * @head: what is wanted of the sink
 *
 * Returns: a blocking socket, connected, the head sent
 */
int
wire_connect (const struct sockaddr_in6 *address, WireHead head)
{
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    fail ("no socket: %s", g_strerror (errno));
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof (int));
  if (connect (fd, (const struct sockaddr *) address, sizeof *address) < 0)
    fail ("no connection to port %u: %s", ntohs (address->sin6_port),
          g_strerror (errno));
  if (!wire_sends_head (fd, head))
    fail ("a new connection takes no bytes: %s", g_strerror (errno));
  return fd;
}

/**
 * wire_receive_all:
 * @fd: a blocking socket
 * @buffer: (out): where to
 * @n_bytes: how many
 */
void
wire_receive_all (int fd, gpointer buffer, gsize n_bytes)
{
  gssize n_received = recv (fd, buffer, n_bytes, MSG_WAITALL);

  if (n_received != (gssize) n_bytes)
    fail ("a connection ended early: %s",
          n_received < 0 ? g_strerror (errno) : "end of file");
}

/**
 * wire_set_nonblocking:
 * @fd: a socket
 */
void
wire_set_nonblocking (int fd)
{
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
}

/**
 * wire_ask:
 * @asking_fd: a blocking connection to the sink itself, opened with %WIRE_ASK
 *
 * Returns: what the sink has seen
 */
WireCounts
wire_ask (int asking_fd)
{
  WireCounts counts;

  if (send (asking_fd, "?", 1, MSG_NOSIGNAL) != 1)
    fail ("the sink cannot be asked: %s", g_strerror (errno));
  wire_receive_all (asking_fd, &counts, sizeof counts);
  return counts;
}
