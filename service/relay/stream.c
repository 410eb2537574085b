/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One connection: a client's socket, a remote's socket, and a pump for each direction. It
 * owns both sockets, asks epoll for what its pumps want, and decides what one side's end
 * means for the other. How bytes move is the pump's affair. A stream lives and dies in
 * its worker's thread.
 *
 *                          pumps[CLIENT]
 *              ┌────────┐ ───────────────► ┌────────┐
 *    client ── │ends[C.]│                  │ends[R.]│ ── remote
 *              └────────┘ ◄─────────────── └────────┘
 *                          pumps[REMOTE]
 *
 * Ends. An end of file ends one pump, the other goes on, and the stream ends when both
 * have. A reset is a reset for the other side too: were it passed on as an end of file, a
 * download that was cut would look complete. For the same reason a stream that is cut by
 * us is reset. When writing finds that a side has reset the connection, what that side
 * sent before is still in the kernel and is still delivered: an HTTP server may answer
 * "413" and reset while the client is sending. Then the stream `is_broken`: only the pump
 * from that side is left, and its end of file is the reset, whose error was seen before.
 *
 * Interest. A side is watched for EPOLLIN while the pump from it has room, for EPOLLOUT
 * while the pump to it is blocked, and for errors always: a reset ends the stream at
 * once. But EPOLLHUP stays for ever on a socket that is closed in both directions, and in
 * two cases there is nothing to do about it yet, because the other side is blocked:
 *   - all has been sent to this side, and it has ended too, but its last bytes still have
 *     to go to the other side before its end of file is even read;
 *   - it was reset, and its last bytes have to wait in the same way.
 * Then it is unwatched, and watched again as soon as the other side takes bytes.
 *
 * Being told of edges instead was tried: it spares these changes of interest, but wakes
 * the worker for bytes that it has moved already, and one stream's bulk took 10 to 25 %
 * more processor time.
 *
 * The first second. Most streams are over within it, and each system call is 2 % of what
 * a short one costs. So what only the others need waits for its end: a client is watched
 * while its remote is being dialled, and the remote is asked now and then whether it is
 * still there. */

#include "relay/stream.h"

#include "relay/socket.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

enum
{
  CLIENT,
  REMOTE,
};

#define EPOLLGONE (EPOLLERR | EPOLLHUP)

struct _SocksStream
{
  SocksTimer timer;      /* in home->young, then in home->dialling or home->half_closed */
  GList siblings;        /* in home->live, then in home->dead */
  SocksStreamHome *home; /* (unowned) */
  SocksWatch ends[2];    /* the sockets (owned), -1 where there is none */
  SocksPump pumps[2];    /* by the side that they read from */
  guint generation;
  guint is_young : 1; /* in its first second */
  guint is_dialling : 1;
  guint is_broken : 1;
  guint is_half_closed : 1; /* or as good as that: it may not stay for ever */
};

/* What an idle stream costs, beside its descriptors. */
G_STATIC_ASSERT (sizeof (SocksStream) <= 152);

static SocksTimerQueue *
get_timer_queue (SocksStream *self)
{
  if (self->is_young)
    return &self->home->young;
  return self->is_dialling ? &self->home->dialling : &self->home->half_closed;
}

static void
end_stream (SocksStream *self, SocksClosing closing)
{
  SocksStreamHome *home = self->home;

  socks_timer_stop (get_timer_queue (self), &self->timer);
  for (guint side = CLIENT; side <= REMOTE; side++)
    {
      socks_pump_abandon (&self->pumps[side], &home->kit);
      socks_event_loop_unwatch (home->loop, &self->ends[side]);
      if (self->ends[side].fd >= 0)
        socks_socket_close (self->ends[side].fd, closing);
    }

  /* Other events of this turn may still point here. */
  g_queue_unlink (&home->live, &self->siblings);
  g_queue_push_tail_link (&home->dead, &self->siblings);
  socks_board_give_place (home->board);
}

static void
dial_failed (SocksStream *self, int error_number)
{
  g_debug ("A connection to the remote could not be made: %s", g_strerror (error_number));
  socks_tally_add (&self->home->tally.failed_dials, 1);

  /* What this machine is short of is not the remote's fault. */
  if (socks_error_is_shortage (error_number))
    socks_board_log_shortage (self->home->board, error_number);
  else
    socks_board_report_failed_dial (self->home->board, self->generation);
  end_stream (self, SOCKS_CLOSING_PLAIN);
}

static gboolean
watch_side (SocksStream *self, guint side, guint32 interest)
{
  int result = socks_event_loop_watch (self->home->loop, &self->ends[side], interest);

  if (result == 0)
    return TRUE;
  socks_board_log_shortage (self->home->board, -result);
  end_stream (self, SOCKS_CLOSING_RESET);
  return FALSE;
}

static guint32
get_interest (const SocksStream *self, guint side)
{
  return (socks_pump_wants_source (&self->pumps[side]) ? EPOLLIN : 0) |
         (socks_pump_wants_sink (&self->pumps[!side]) ? EPOLLOUT : 0);
}

static void
update_interests (SocksStream *self)
{
  for (guint side = CLIENT; side <= REMOTE; side++)
    {
      guint32 interest = get_interest (self, side);

      /* A side that was given up for now comes back only for something to do. */
      if ((interest != 0 || socks_watch_is_active (&self->ends[side])) &&
          !watch_side (self, side, interest))
        return;
    }
}

static void
become_half_closed (SocksStream *self)
{
  self->is_half_closed = TRUE;
  if (!self->is_young)
    socks_timer_start (&self->home->half_closed, &self->timer, self);
}

/* The pump from @side cannot write any more. What the other side sent before is worth
 * reading still. FALSE where that was the stream's end. */
static gboolean
sink_is_gone (SocksStream *self, guint side)
{
  socks_pump_abandon (&self->pumps[side], &self->home->kit);
  if (self->pumps[!side].has_ended)
    {
      end_stream (self, SOCKS_CLOSING_RESET);
      return FALSE;
    }
  self->is_broken = TRUE;
  become_half_closed (self);
  return TRUE;
}

/* The source of the pump from @side has ended. FALSE where that was the stream's end. */
static gboolean
source_has_ended (SocksStream *self, guint side)
{
  if (self->is_broken || self->pumps[!side].has_ended)
    {
      end_stream (self, self->is_broken ? SOCKS_CLOSING_RESET : SOCKS_CLOSING_PLAIN);
      return FALSE;
    }
  /* Fails only on a connection that has been reset. */
  if (shutdown (self->ends[!side].fd, SHUT_WR) < 0)
    return sink_is_gone (self, side);
  become_half_closed (self);
  return TRUE;
}

/* FALSE where that was the stream's end. */
static gboolean
take_result (SocksStream *self, guint side, SocksPumpResult result)
{
  switch (result)
    {
    case SOCKS_PUMP_GOES_ON:
      return TRUE;
    case SOCKS_PUMP_ENDED:
      return source_has_ended (self, side);
    case SOCKS_PUMP_SINK_GONE:
      return sink_is_gone (self, side);
    case SOCKS_PUMP_FAILED:
    default:
      end_stream (self, SOCKS_CLOSING_RESET);
      return FALSE;
    }
}

/* By the pump from @side. FALSE where that was the stream's end. */
static gboolean
move_bytes (SocksStream *self, guint side)
{
  SocksTally *tally = &self->home->tally;
  gsize moved_bytes = 0;
  SocksPumpResult result =
      socks_pump_move (&self->pumps[side], &self->home->kit, self->ends[side].fd,
                       self->ends[!side].fd, &moved_bytes);

  socks_tally_add (side == CLIENT ? &tally->bytes_sent : &tally->bytes_received,
                   moved_bytes);
  return take_result (self, side, result);
}

static void
keep_alive (SocksStream *self)
{
  int result = socks_socket_keep_alive (self->ends[REMOTE].fd);

  if (result < 0)
    socks_board_log_shortage (self->home->board, -result);
}

static void
stop_dialling (SocksStream *self)
{
  if (!self->is_young)
    {
      socks_timer_stop (&self->home->dialling, &self->timer);
      keep_alive (self);
    }
  self->is_dialling = FALSE;
}

/* Both sides are connected, as far as is known. */
static void
begin_to_pump (SocksStream *self)
{
  /* In SOCKS the client speaks first and has most likely spoken by now; this saves a
   * turn. */
  if ((self->pumps[CLIENT].has_ended || move_bytes (self, CLIENT)) &&
      watch_side (self, CLIENT, get_interest (self, CLIENT)))
    update_interests (self);
}

static void
go_on_dialling (SocksStream *self, guint side, guint32 events)
{
  int error_number = 0;
  socklen_t n_bytes = sizeof error_number;

  /* The client has been reset: the dial is for nobody. (A mere end of file is not
   * reported yet; such a client may wait for an answer.) */
  if (side == CLIENT)
    {
      end_stream (self, SOCKS_CLOSING_RESET);
      return;
    }

  if ((events & EPOLLGONE) == 0)
    {
      stop_dialling (self);
      begin_to_pump (self);
      return;
    }

  getsockopt (self->ends[REMOTE].fd, SOL_SOCKET, SO_ERROR, &error_number, &n_bytes);
  /* These two come only after the connection was made: to refuse one is ECONNREFUSED.
   * There may be bytes from before the reset. */
  if (error_number == ECONNRESET || error_number == EPIPE)
    {
      stop_dialling (self);
      if (sink_is_gone (self, CLIENT))
        begin_to_pump (self);
    }
  else
    dial_failed (self, error_number != 0 ? error_number : ECONNREFUSED);
}

static void
side_is_ready (SocksStream *self, guint side, guint32 events)
{
  SocksPump *from = &self->pumps[side];
  SocksPump *to = &self->pumps[!side];

  if (self->is_dialling)
    {
      go_on_dialling (self, side, events);
      return;
    }

  if ((events & (EPOLLOUT | EPOLLGONE)) != 0 && socks_pump_wants_sink (to) &&
      !move_bytes (self, !side))
    return;
  if ((events & (EPOLLIN | EPOLLGONE)) != 0 && socks_pump_wants_source (from) &&
      !move_bytes (self, side))
    return;

  if ((events & EPOLLGONE) != 0 && get_interest (self, side) == 0)
    {
      /* Read to its end, and nothing can be written to it ever again. */
      if (from->has_ended)
        {
          end_stream (self, SOCKS_CLOSING_RESET);
          return;
        }
      /* Its last bytes wait for the other side; but not for ever. */
      socks_event_loop_unwatch (self->home->loop, &self->ends[side]);
      become_half_closed (self);
    }
  update_interests (self);
}

static void
client_is_ready_cb (SocksWatch *watch, guint32 events)
{
  char *self = (char *) watch - offsetof (SocksStream, ends[CLIENT]);

  side_is_ready ((SocksStream *) self, CLIENT, events);
}

static void
remote_is_ready_cb (SocksWatch *watch, guint32 events)
{
  char *self = (char *) watch - offsetof (SocksStream, ends[REMOTE]);

  side_is_ready ((SocksStream *) self, REMOTE, events);
}

/**
 * socks_stream_start:
 * @home: where it will live
 * @client_fd: (transfer full): an accepted connection, for which a place was taken; it
 *   has the options of socks_socket_set_client_options()
 * @remote: where to forward it
 * @generation: of @remote
 *
 * Starts a stream. It looks after itself from then on.
 */
void
socks_stream_start (SocksStreamHome *home,
                    int client_fd,
                    const SocksEndpoint *remote,
                    guint generation)
{
  SocksStream *self = g_new0 (SocksStream, 1);
  int result;

  self->home = home;
  self->generation = generation;
  self->is_young = TRUE;
  self->is_dialling = TRUE;
  socks_watch_init (&self->ends[CLIENT], client_fd, client_is_ready_cb);
  socks_watch_init (&self->ends[REMOTE], -1, remote_is_ready_cb);
  g_queue_push_tail_link (&home->live, &self->siblings);
  self->siblings.data = self;

  result = socks_socket_dial (remote, &self->ends[REMOTE].fd);
  if (result < 0)
    {
      dial_failed (self, -result);
      return;
    }
  socks_timer_start (&home->young, &self->timer, self);
  watch_side (self, REMOTE, EPOLLOUT);
}

/**
 * socks_stream_get_generation:
 * @stream: a live stream
 *
 * Returns: the generation of its remote
 */
guint
socks_stream_get_generation (const SocksStream *stream)
{
  return stream->generation;
}

/**
 * socks_stream_cut:
 * @stream: a live stream
 *
 * Ends it with a reset of both sides.
 */
void
socks_stream_cut (SocksStream *stream)
{
  end_stream (stream, SOCKS_CLOSING_RESET);
}

/**
 * socks_stream_grow_up:
 * @stream: a live stream whose first second is over
 *
 * Does what short streams do without.
 */
void
socks_stream_grow_up (SocksStream *stream)
{
  stream->is_young = FALSE;
  if (stream->is_dialling)
    {
      socks_timer_start (&stream->home->dialling, &stream->timer, stream);
      watch_side (stream, CLIENT, 0 /* errors */);
      return;
    }
  keep_alive (stream);
  if (stream->is_half_closed)
    become_half_closed (stream);
}

/**
 * socks_stream_give_up_dialling:
 * @stream: a live stream whose remote has not answered in time
 */
void
socks_stream_give_up_dialling (SocksStream *stream)
{
  dial_failed (stream, ETIMEDOUT);
}
