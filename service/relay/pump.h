/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/pipe-pool.h"

G_BEGIN_DECLS

#define SOCKS_PUMP_SCRATCH_BYTES (16 * 1024)

/**
 * SocksPumpKit:
 * @scratch: where small reads go to
 * @pipes: where large ones go through
 *
 * What all pumps of a worker share.
 */
typedef struct
{
  guint8 scratch[SOCKS_PUMP_SCRATCH_BYTES];
  SocksPipePool pipes;
} SocksPumpKit;

typedef struct _SocksRemainder SocksRemainder;

/**
 * SocksPump:
 * @remainder: (owned) (nullable): bytes that were read and that the sink did not take yet
 * @pipe: (owned) (nullable): a borrowed pipe with such bytes in it
 * @full_reads: full reads in a row, while it copies; below 0 to hold splicing off
 * @small_moves: small splices in a row, while it splices
 * @splices: whether it splices now, rather than copy
 * @never_splices: whether splicing does not work with these sockets
 * @has_ended: whether nothing will be moved any more
 *
 * One direction of a stream: what is between a source and a sink. All zeroes is a new
 * pump. Both descriptors stay their owner's.
 */
typedef struct
{
  SocksRemainder *remainder;
  SocksPipe *pipe;
  gint16 full_reads;
  guint16 small_moves;
  guint8 splices : 1;
  guint8 never_splices : 1;
  guint8 has_ended : 1;
} SocksPump;

/**
 * SocksPumpResult:
 * @SOCKS_PUMP_GOES_ON: there may be more to come
 * @SOCKS_PUMP_ENDED: the source has ended, and the sink has taken all its bytes
 * @SOCKS_PUMP_SINK_GONE: the sink's peer has reset the connection; what the sink received
 *   before may still be read from it
 * @SOCKS_PUMP_FAILED: anything else that cannot be mended
 *
 * How a pump is after some work.
 */
typedef enum
{
  SOCKS_PUMP_GOES_ON,
  SOCKS_PUMP_ENDED,
  SOCKS_PUMP_SINK_GONE,
  SOCKS_PUMP_FAILED,
} SocksPumpResult;

gboolean socks_pump_wants_source (const SocksPump *pump);
gboolean socks_pump_wants_sink (const SocksPump *pump);
SocksPumpResult socks_pump_move (SocksPump *pump,
                                 SocksPumpKit *kit,
                                 int source_fd,
                                 int sink_fd,
                                 gsize *moved_bytes);
void socks_pump_abandon (SocksPump *pump, SocksPumpKit *kit);

G_END_DECLS
