/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One thread's epoll and timers: it waits and calls what is ready, the alarm for what has
 * run out of time among it. It knows no sockets and owns no watched descriptor. Everything
 * here belongs to the thread that turns the loop, but for reading the count of turns.
 *
 * Level-triggered: what a callback leaves undone comes back in the next turn, so that a
 * callback may do a fair share only. The price is that nothing may be watched for what
 * nobody will take away: the loop would spin. EPOLLERR and EPOLLHUP cannot be masked, so
 * a descriptor in that state on which there is nothing to do has to be unwatched.
 *
 * The alarm. With a timeout for epoll_wait() the kernel would start and stop a timer each
 * time the thread sleeps, and a busy worker always has a stream in its first second: a
 * byte there and back on one core took 4 % longer. So there is one timerfd, set to the
 * first deadline; it is set anew only for an earlier one, or when it has gone off. For a
 * timer that was stopped meanwhile it goes off in vain, once.
 *
 * With no timer running and nothing happening the thread sleeps without end. */

#include "relay/event-loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define EVENTS_PER_TURN 128

/* An interest that epoll cannot have: not watched. (An interest of 0 is watched, for
 * errors.) */
#define UNWATCHED G_MAXUINT32

#define NEVER_US G_MAXINT64

static gint64
get_first_deadline_us (const SocksEventLoop *loop)
{
  gint64 deadline_us = NEVER_US;

  for (guint i = 0; i < loop->n_queues; i++)
    if (loop->queues[i]->timers.head != NULL)
      {
        /* The link is the timer's first member. */
        const SocksTimer *first = (SocksTimer *) loop->queues[i]->timers.head;

        deadline_us = MIN (deadline_us, first->deadline_us);
      }
  return deadline_us;
}

static void
set_alarm (SocksEventLoop *loop, gint64 deadline_us)
{
  struct itimerspec when = { 0 };

  if (deadline_us != NEVER_US)
    {
      when.it_value.tv_sec = deadline_us / G_USEC_PER_SEC;
      when.it_value.tv_nsec = deadline_us % G_USEC_PER_SEC * 1000;
    }
  timerfd_settime (loop->alarm.fd, TFD_TIMER_ABSTIME, &when, NULL);
  loop->alarm_us = deadline_us;
}

static void
expire_timers (SocksTimerQueue *queue)
{
  gint64 now_us;

  if (queue->timers.head == NULL)
    return;

  now_us = g_get_monotonic_time ();
  while (queue->timers.head != NULL)
    {
      SocksTimer *first = (SocksTimer *) queue->timers.head;
      gpointer owner = first->link.data;

      if (first->deadline_us > now_us)
        return;
      socks_timer_stop (queue, first);
      queue->expired_cb (owner);
    }
}

static void
alarm_cb (SocksWatch *watch, guint32 events)
{
  SocksEventLoop *loop =
      (SocksEventLoop *) ((char *) watch - offsetof (SocksEventLoop, alarm));

  for (guint i = 0; i < loop->n_queues; i++)
    expire_timers (loop->queues[i]);
  /* Even to never: that it has gone off is forgotten by this. */
  set_alarm (loop, get_first_deadline_us (loop));
}

/**
 * socks_event_loop_init:
 * @loop: an uninitialised loop
 *
 * Returns: 0, or a negative errno, and then there is nothing to clear
 */
int
socks_event_loop_init (SocksEventLoop *loop)
{
  int result = 0;

  loop->n_queues = 0;
  loop->alarm_us = NEVER_US;
  atomic_init (&loop->n_turns, 0);

  loop->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (loop->epoll_fd < 0)
    return -errno;
  socks_watch_init (&loop->alarm,
                    timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                    alarm_cb);
  if (loop->alarm.fd < 0)
    result = -errno;
  if (result == 0)
    result = socks_event_loop_watch (loop, &loop->alarm, EPOLLIN);
  if (result < 0)
    socks_event_loop_clear (loop);
  return result;
}

/**
 * socks_event_loop_clear:
 * @loop: a loop
 */
void
socks_event_loop_clear (SocksEventLoop *loop)
{
  if (loop->alarm.fd >= 0)
    close (loop->alarm.fd);
  close (loop->epoll_fd);
}

/**
 * socks_event_loop_turn:
 * @loop: a loop
 *
 * Waits until something is ready or the alarm goes off, and calls back for all that is.
 * What a callback unwatches is not called any more, not even for events that came with
 * the same turn.
 */
void
socks_event_loop_turn (SocksEventLoop *loop)
{
  struct epoll_event events[EVENTS_PER_TURN];
  gint64 deadline_us = get_first_deadline_us (loop);
  int n_events;

  if (deadline_us < loop->alarm_us)
    set_alarm (loop, deadline_us);

  n_events = epoll_wait (loop->epoll_fd, events, EVENTS_PER_TURN, -1 /* no timeout */);
  atomic_fetch_add_explicit (&loop->n_turns, 1, memory_order_relaxed);

  for (int i = 0; i < n_events; i++)
    {
      SocksWatch *watch = events[i].data.ptr;

      if (socks_watch_is_active (watch))
        watch->ready_cb (watch, events[i].events);
    }
}

/**
 * socks_watch_init:
 * @watch: an uninitialised watch
 * @fd: the descriptor it is for, or -1
 * @ready_cb: what to call
 */
void
socks_watch_init (SocksWatch *watch, int fd, SocksReadyFunc ready_cb)
{
  watch->ready_cb = ready_cb;
  watch->fd = fd;
  watch->interest = UNWATCHED;
}

/**
 * socks_watch_is_active:
 * @watch: a watch
 *
 * Returns: whether it is being watched, for errors alone or for more
 */
gboolean
socks_watch_is_active (const SocksWatch *watch)
{
  return watch->interest != UNWATCHED;
}

/**
 * socks_event_loop_watch:
 * @loop: a loop
 * @watch: a watch, watched already or not
 * @interest: `EPOLLIN`, `EPOLLOUT`, both, or 0 for errors and hang-ups alone, which
 *   always come. With `EPOLLEXCLUSIVE` it can't be changed, only unwatched
 *
 * Returns: 0, or a negative errno, and then @watch is as it was
 */
int
socks_event_loop_watch (SocksEventLoop *loop, SocksWatch *watch, guint32 interest)
{
  struct epoll_event event = { .events = interest, .data.ptr = watch };
  int operation = socks_watch_is_active (watch) ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

  if (watch->interest == interest)
    return 0;
  if (epoll_ctl (loop->epoll_fd, operation, watch->fd, &event) < 0)
    return -errno;
  watch->interest = interest;
  return 0;
}

/**
 * socks_event_loop_unwatch:
 * @loop: a loop
 * @watch: a watch, watched or not, whose descriptor is still open
 *
 * Closing alone would do, were it sure that no child process had a copy of the descriptor
 * at that moment; epoll would then report on memory that is long freed.
 */
void
socks_event_loop_unwatch (SocksEventLoop *loop, SocksWatch *watch)
{
  if (!socks_watch_is_active (watch))
    return;
  epoll_ctl (loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
  watch->interest = UNWATCHED;
}

/**
 * socks_event_loop_add_timers:
 * @loop: a loop
 * @queue: an uninitialised queue; must live as long as @loop
 * @duration_ms: how long each of its timers runs
 * @expired_cb: called when one has run out
 */
void
socks_event_loop_add_timers (SocksEventLoop *loop,
                             SocksTimerQueue *queue,
                             guint duration_ms,
                             SocksExpiredFunc expired_cb)
{
  g_assert (loop->n_queues < SOCKS_EVENT_LOOP_MAX_QUEUES);

  g_queue_init (&queue->timers);
  queue->duration_ms = duration_ms;
  queue->expired_cb = expired_cb;
  loop->queues[loop->n_queues++] = queue;
}

/**
 * socks_timer_start:
 * @queue: how long, and what then
 * @timer: a timer; one that runs already goes on as it is
 * @owner: (not nullable): passed to the queue's callback
 */
void
socks_timer_start (SocksTimerQueue *queue, SocksTimer *timer, gpointer owner)
{
  if (socks_timer_is_running (timer))
    return;
  timer->link.data = owner;
  timer->deadline_us =
      g_get_monotonic_time () + queue->duration_ms * G_GINT64_CONSTANT (1000);
  g_queue_push_tail_link (&queue->timers, &timer->link);
}

/**
 * socks_timer_is_running:
 * @timer: a timer
 *
 * Returns: whether it was started, and has neither been stopped nor run out
 */
gboolean
socks_timer_is_running (const SocksTimer *timer)
{
  return timer->link.data != NULL;
}

/**
 * socks_timer_stop:
 * @queue: the queue that it was started in
 * @timer: a timer, running or not
 */
void
socks_timer_stop (SocksTimerQueue *queue, SocksTimer *timer)
{
  if (!socks_timer_is_running (timer))
    return;
  g_queue_unlink (&queue->timers, &timer->link);
  timer->link.data = NULL;
}
