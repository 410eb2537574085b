/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a stream: reads from its source, writes to its sink at once, and keeps
 * what the sink does not take. It owns those bytes and nothing else; it knows neither
 * epoll nor the other direction. Used by the worker's thread alone.
 *
 * A pump that holds bytes does not read. That one rule bounds its memory, passes the
 * sink's back-pressure on to the source, and makes an end of file simple: when it is
 * read, everything before it is on its way.
 *
 *                     full reads in a row
 *              ┌─────────────────────────────────┐
 *              │                                 ▼
 *        ┌───────────┐                     ┌───────────┐
 *        │  copies   │                     │  splices  │
 *        └───────────┘                     └───────────┘
 *              ▲                                 │
 *              └─────────────────────────────────┘
 *           a long run of small moves, or no pipe
 *
 * Copying is the cheapest way for little: recv() into a buffer that is always in the
 * cache, and send(). Splicing moves references to the kernel's pages through a pipe, and
 * wins from about 16 KiB on. Even where these are packets of 1,400 bytes: there, copying
 * 16 or 64 KiB at a time took 3.7 or 1.8 times the processor time, and 256 KiB as much.
 *
 * One event is one read. To read on until the socket is empty halves the calls of
 * epoll_wait() for 32 streams, but each then ends with a read in vain: as many bytes a
 * second, and no less processor time.
 *
 * splice() into a pipe says EAGAIN for two reasons: the socket is empty, or the pipe is
 * full. And a pipe fills by slots, one for each piece of memory however small: a pipe of
 * 256 KiB may take 6,400 bytes. So a pump splices in only while its pipe is empty, and
 * then EAGAIN is about the socket. Even that does not mean "empty" always: splice() stops
 * in front of urgent data, from which only recv() can get away. A level-triggered loop
 * would spin on each of these. And splice() says "end of file" in front of urgent data
 * when the end has been received after it: whether it is the end, recv() tells. */

#include "relay/pump.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* One event's share, so that a fast stream does not keep others waiting. */
#define SPLICE_MAX_BYTES (1024 * 1024)

/* One full read may be a long message; two in a row are bulk. */
#define FULL_READS_TO_SPLICE 2

/* After the pool had no pipe: about 1 MiB is copied before it is asked again. */
#define FULL_READS_WITHOUT_PIPE (-62)

/* A paced sender (BBR) has gaps, and changing over costs more than a few small splices:
 * only a long run of them tells that the bulk is over. (Watched with 32 streams both ways
 * and BBR: 9,700 splices in a second, and not one direction went back to copying.) */
#define SMALL_MOVE_BYTES 4096
#define SMALL_MOVES_TO_COPY 32

#define SPLICE_FLAGS (SPLICE_F_MOVE | SPLICE_F_NONBLOCK)

struct _SocksRemainder
{
  gsize offset;
  gsize n_bytes;
  guint8 bytes[];
};

static gboolean
is_for_now (int error_number)
{
  return error_number == EAGAIN || error_number == EINTR;
}

static SocksPumpResult
judge_sink_error (int error_number)
{
  if (is_for_now (error_number))
    return SOCKS_PUMP_GOES_ON;
  if (error_number == ECONNRESET || error_number == EPIPE)
    return SOCKS_PUMP_SINK_GONE;
  return SOCKS_PUMP_FAILED;
}

static SocksPumpResult
end_pump (SocksPump *self)
{
  self->has_ended = TRUE;
  return SOCKS_PUMP_ENDED;
}

static void
keep_remainder (SocksPump *self, const guint8 *bytes, gsize n_bytes)
{
  self->remainder = g_malloc (sizeof *self->remainder + n_bytes);
  self->remainder->offset = 0;
  self->remainder->n_bytes = n_bytes;
  memcpy (self->remainder->bytes, bytes, n_bytes);
}

static SocksPumpResult
push_remainder (SocksPump *self, int sink_fd, gsize *moved_bytes)
{
  SocksRemainder *remainder = self->remainder;
  ssize_t n_sent = send (sink_fd, remainder->bytes + remainder->offset,
                         remainder->n_bytes, MSG_NOSIGNAL);

  if (n_sent < 0)
    return judge_sink_error (errno);

  *moved_bytes += (gsize) n_sent;
  remainder->offset += (gsize) n_sent;
  remainder->n_bytes -= (gsize) n_sent;
  if (remainder->n_bytes == 0)
    g_clear_pointer (&self->remainder, g_free);
  return SOCKS_PUMP_GOES_ON;
}

static SocksPumpResult
push_pipe (SocksPump *self, SocksPumpKit *kit, int sink_fd, gsize *moved_bytes)
{
  SocksPipe *pipe = self->pipe;
  ssize_t n_moved = splice (pipe->read_fd, NULL, sink_fd, NULL, pipe->n_bytes,
                            SPLICE_FLAGS);

  if (n_moved < 0)
    return judge_sink_error (errno);
  /* The pipe is empty though bytes were put in: never seen, but it would spin. */
  if (n_moved == 0)
    return SOCKS_PUMP_FAILED;

  *moved_bytes += (gsize) n_moved;
  pipe->n_bytes -= (guint) n_moved;
  if (pipe->n_bytes == 0)
    socks_pipe_pool_give (&kit->pipes, g_steal_pointer (&self->pipe));
  return SOCKS_PUMP_GOES_ON;
}

static SocksPumpResult
pull_by_copying (SocksPump *self,
                 SocksPumpKit *kit,
                 int source_fd,
                 int sink_fd,
                 gsize *moved_bytes)
{
  ssize_t n_read = recv (source_fd, kit->scratch, sizeof kit->scratch, 0);
  ssize_t n_sent;

  if (n_read < 0)
    return is_for_now (errno) ? SOCKS_PUMP_GOES_ON : SOCKS_PUMP_FAILED;
  if (n_read == 0)
    return end_pump (self);

  if (!self->splices && !self->never_splices)
    {
      if (n_read < (ssize_t) sizeof kit->scratch)
        self->full_reads = MIN (self->full_reads, 0);
      else if (++self->full_reads == FULL_READS_TO_SPLICE)
        {
          self->splices = TRUE;
          self->small_moves = 0;
        }
    }

  n_sent = send (sink_fd, kit->scratch, (gsize) n_read, MSG_NOSIGNAL);
  if (n_sent < 0)
    {
      SocksPumpResult result = judge_sink_error (errno);

      if (result != SOCKS_PUMP_GOES_ON)
        return result;
      n_sent = 0;
    }
  *moved_bytes += (gsize) n_sent;
  if (n_sent < n_read)
    keep_remainder (self, kit->scratch + n_sent, (gsize) (n_read - n_sent));
  return SOCKS_PUMP_GOES_ON;
}

static void
go_back_to_copying (SocksPump *self, gint16 full_reads)
{
  self->splices = FALSE;
  self->full_reads = full_reads;
}

/* Errors that are about splice() and not about the connection. The distinction matters:
 * reading a connection's error clears it, and the next read would find an end of file
 * where there was a reset. */
static gboolean
is_about_splice (int error_number)
{
  switch (error_number)
    {
    case EINVAL:
    case ENOMEM:
    case ENOSYS:
    case EOPNOTSUPP:
    case EPERM:
      return TRUE;
    default:
      return FALSE;
    }
}

static SocksPumpResult
pull_by_splicing (SocksPump *self,
                  SocksPumpKit *kit,
                  int source_fd,
                  int sink_fd,
                  gsize *moved_bytes)
{
  SocksPipe *pipe = socks_pipe_pool_take (&kit->pipes);
  ssize_t n_read;

  if (pipe == NULL)
    {
      go_back_to_copying (self, FULL_READS_WITHOUT_PIPE);
      return pull_by_copying (self, kit, source_fd, sink_fd, moved_bytes);
    }

  n_read = splice (source_fd, NULL, pipe->write_fd, NULL,
                   MIN (pipe->capacity_bytes, SPLICE_MAX_BYTES), SPLICE_FLAGS);
  if (n_read <= 0)
    {
      int error_number = n_read < 0 ? errno : EAGAIN;

      socks_pipe_pool_give (&kit->pipes, pipe);
      if (is_about_splice (error_number))
        {
          go_back_to_copying (self, 0);
          self->never_splices = TRUE;
        }
      else if (!is_for_now (error_number))
        return SOCKS_PUMP_FAILED;
      return pull_by_copying (self, kit, source_fd, sink_fd, moved_bytes);
    }

  if (n_read >= SMALL_MOVE_BYTES)
    self->small_moves = 0;
  else if (++self->small_moves == SMALL_MOVES_TO_COPY)
    go_back_to_copying (self, 0);

  pipe->n_bytes = (guint) n_read;
  self->pipe = pipe;
  return push_pipe (self, kit, sink_fd, moved_bytes);
}

/**
 * socks_pump_wants_source:
 * @pump: a pump
 *
 * Returns: whether socks_pump_move() is to be called when the source is readable
 */
gboolean
socks_pump_wants_source (const SocksPump *pump)
{
  return !pump->has_ended && !socks_pump_wants_sink (pump);
}

/**
 * socks_pump_wants_sink:
 * @pump: a pump
 *
 * Returns: whether it holds bytes, so that socks_pump_move() is to be called when the
 *   sink is writable
 */
gboolean
socks_pump_wants_sink (const SocksPump *pump)
{
  return pump->remainder != NULL || pump->pipe != NULL;
}

/**
 * socks_pump_move:
 * @pump: a pump; the one of its source and its sink that it wants is ready
 * @kit: what the worker's pumps share
 * @source_fd: the socket to read from
 * @sink_fd: the socket to write to
 * @moved_bytes: (inout): raised by what the sink has taken
 *
 * Writes what is held; or else moves one event's share. The last bytes before an error
 * have been written to the sink, or are held.
 *
 * Returns: how the pump is now
 */
SocksPumpResult
socks_pump_move (SocksPump *pump,
                 SocksPumpKit *kit,
                 int source_fd,
                 int sink_fd,
                 gsize *moved_bytes)
{
  if (pump->pipe != NULL)
    return push_pipe (pump, kit, sink_fd, moved_bytes);
  if (pump->remainder != NULL)
    return push_remainder (pump, sink_fd, moved_bytes);
  if (pump->splices)
    return pull_by_splicing (pump, kit, source_fd, sink_fd, moved_bytes);
  return pull_by_copying (pump, kit, source_fd, sink_fd, moved_bytes);
}

/**
 * socks_pump_abandon:
 * @pump: a pump
 * @kit: what the worker's pumps share
 *
 * Drops what is held and ends the pump. To be called before a pump is freed, too.
 */
void
socks_pump_abandon (SocksPump *pump, SocksPumpKit *kit)
{
  if (pump->pipe != NULL)
    socks_pipe_pool_give (&kit->pipes, g_steal_pointer (&pump->pipe));
  g_clear_pointer (&pump->remainder, g_free);
  pump->has_ended = TRUE;
}
