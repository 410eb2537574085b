/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <netinet/in.h>

G_BEGIN_DECLS

#define WIRE_HEAD_BYTES 3
#define WIRE_CHUNK_BYTES (128 * 1024)

/**
 * WireHead:
 * @WIRE_GREETING: a SOCKS greeting, `05 01 00`; the sink answers `05 00`
 * @WIRE_GIVE: the sink sends the pattern without end
 * @WIRE_EXCHANGE: the same, and the client sends it too
 * @WIRE_ECHO: the sink sends back what comes
 * @WIRE_ASK: for each byte that follows the sink sends a #WireCounts
 *
 * The first of the three bytes that open a connection to the sink.
 */
typedef enum
{
  WIRE_GREETING = 5,
  WIRE_GIVE = 'G',
  WIRE_EXCHANGE = 'X',
  WIRE_ECHO = 'E',
  WIRE_ASK = 'A',
} WireHead;

/**
 * WireCounts:
 * @when_us: the monotonic time of this count
 * @received_bytes: of the pattern, on all connections since the start
 * @n_greetings: answered since the start
 * @n_bulk: connections now that give or exchange
 *
 * What the sink has seen, by its own clock.
 */
typedef struct
{
  gint64 when_us;
  guint64 received_bytes;
  guint64 n_greetings;
  guint64 n_bulk;
} WireCounts;

/**
 * WireFlow:
 * @sent_bytes: of the pattern
 * @received_bytes: of the pattern, each found in its place
 *
 * How far one connection is in the pattern, in both directions.
 */
typedef struct
{
  guint64 sent_bytes;
  guint64 received_bytes;
} WireFlow;

void fail (const char *format, ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

void wire_init (void);
gssize wire_send (WireFlow *flow, int fd);
gssize wire_receive (WireFlow *flow, int fd, guint8 *buffer);

int wire_connect (const struct sockaddr_in6 *address, WireHead head);
int wire_dial (const struct sockaddr_in6 *address);
gboolean wire_sends_head (int fd, WireHead head);
void wire_receive_all (int fd, gpointer buffer, gsize n_bytes);
void wire_set_nonblocking (int fd);
WireCounts wire_ask (int asking_fd);

G_END_DECLS
