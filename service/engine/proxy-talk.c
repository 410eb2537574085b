/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One conversation with what may be a proxy, as a program that uses it would have it, and
 * which of its steps goes wrong:
 *
 *   connect ──▶ greeting ──▶ login needed? ──no──▶ CONNECT to the target ──▶ its reply
 *     tcp       greeting        login                   forwarding
 *
 * A prober only wants the verdict, of a thousand peers at once; here it is one peer, to
 * the end, with the time that each step took. Nothing is read beyond the reply. Main
 * thread. */

#include "engine/proxy-talk.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/connect-request.h"
#include "core/error.h"
#include "core/greeting.h"
#include "engine/prober.h"
#include "relay/socket.h"

#define TALK_TIMEOUT_US (10 * G_USEC_PER_SEC)

typedef struct
{
  GTask *task;              /* (unowned): holds the talk */
  SocksClock *clock;        /* (unowned): the task's source object */
  SocksCheckReport *report; /* (unowned) */
  gboolean has_target;
  SocksTarget target;

  SocksCheckKind step; /* what is under way */
  gint64 began_us;     /* the talk */
  gint64 step_began_us;
  int fd;              /* (owned); -1: none */
  guint source_id;     /* 0: none */
  guint timeout_id;    /* 0: none */
  gulong cancelled_id; /* 0: no cancellable */

  guint8 bytes[SOCKS_CONNECT_MAX_BYTES]; /* of the present reply */
  gsize n_bytes;
} Talk;

/* Frees all but the memory, which the task has. */
static void
hang_up (Talk *talk)
{
  g_clear_handle_id (&talk->source_id, g_source_remove);
  socks_clock_clear (talk->clock, &talk->timeout_id);
  if (talk->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (talk->task), talk->cancelled_id);
  talk->cancelled_id = 0;
  if (talk->fd >= 0)
    close (talk->fd);
  talk->fd = -1;
}

/* The end. The task has held the talk and itself until here. */
static void
end (Talk *talk)
{
  g_autoptr (GTask) task = talk->task;

  hang_up (talk);
  g_task_return_boolean (task, TRUE);
}

static void
end_step (Talk *talk, SocksCheckResult result, const char *reason)
{
  gint64 now_us = socks_clock_get_monotonic_us (talk->clock);

  socks_check_report_set (talk->report, talk->step, result, reason,
                          now_us - talk->step_began_us);
  talk->step_began_us = now_us;
  talk->n_bytes = 0;
}

static void
fail (Talk *talk, const char *reason)
{
  end_step (talk, SOCKS_CHECK_FAILED, reason);
  end (talk);
}

static void
fail_with_errno (Talk *talk, int error_number)
{
  fail (talk,
        socks_reason_to_string (socks_greeting_judge_failure (error_number).reason));
}

static void
timeout_cb (gpointer data)
{
  Talk *talk = data;

  talk->timeout_id = 0;
  fail_with_errno (talk, ETIMEDOUT);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Talk *talk = data;
  g_autoptr (GTask) task = talk->task;

  hang_up (talk);
  g_task_return_error_if_cancelled (task);
}

/* A few hundred bytes always fit into an empty send buffer. Whatever error there is meets
 * the read too. */
static void
say (Talk *talk, gconstpointer bytes, gsize n_bytes)
{
  if (send (talk->fd, bytes, n_bytes, MSG_NOSIGNAL) < 0)
    g_debug ("Nothing could be said to a proxy: %s", g_strerror (errno));
}

/* Takes what has come, up to that many bytes of the present reply. Returns whether they
 * are there; else the rest is waited for, or the talk is over. */
static gboolean
hear (Talk *talk, gsize n_wanted)
{
  ssize_t n = recv (talk->fd, talk->bytes + talk->n_bytes, n_wanted - talk->n_bytes,
                    0 /* flags */);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return FALSE;
  if (n <= 0)
    {
      fail_with_errno (talk, n < 0 ? errno : 0);
      return FALSE;
    }
  talk->n_bytes += (gsize) n;
  return TRUE;
}

static void
ask_for_target (Talk *talk)
{
  guint8 request[SOCKS_CONNECT_MAX_BYTES];
  gsize n_bytes = socks_connect_request_write (&talk->target, request);
  gint64 passed_us = talk->step_began_us - talk->began_us;

  talk->step = SOCKS_CHECK_FORWARDING;
  socks_clock_clear (talk->clock, &talk->timeout_id);
  talk->timeout_id = socks_clock_call_after (
      talk->clock, MAX (TALK_TIMEOUT_US - passed_us, 0), timeout_cb, talk);
  say (talk, request, n_bytes);
}

static void
hear_greeting (Talk *talk)
{
  SocksVerdict verdict;

  if (!hear (talk, SOCKS_GREETING_REPLY_BYTES) ||
      talk->n_bytes < SOCKS_GREETING_REPLY_BYTES)
    return;
  verdict = socks_greeting_judge_reply (talk->bytes, 0 /* latency_us */);
  if (verdict.reason != SOCKS_REASON_NONE)
    {
      fail (talk, socks_reason_to_string (verdict.reason));
      return;
    }

  end_step (talk, SOCKS_CHECK_PASSED, "");
  talk->step = SOCKS_CHECK_LOGIN;
  if (verdict.status == SOCKS_STATUS_VALID)
    {
      end_step (talk, SOCKS_CHECK_PASSED, "");
      if (talk->has_target)
        {
          ask_for_target (talk);
          return;
        }
    }
  else
    {
      /* Its programs log in, not the service, which knows no password. */
      end_step (talk, SOCKS_CHECK_WARNING, "login-required");
      if (talk->has_target)
        socks_check_report_set (talk->report, SOCKS_CHECK_FORWARDING, SOCKS_CHECK_SKIPPED,
                                "login-required", 0);
    }
  end (talk);
}

static void
hear_reply (Talk *talk)
{
  SocksConnectReply reply = SOCKS_CONNECT_REPLY_SUCCEEDED;
  gsize n_wanted = socks_connect_reply_read (talk->bytes, talk->n_bytes, &reply);

  if (!hear (talk, n_wanted) ||
      socks_connect_reply_read (talk->bytes, talk->n_bytes, &reply) > 0)
    return;
  if (reply == SOCKS_CONNECT_REPLY_SUCCEEDED)
    {
      end_step (talk, SOCKS_CHECK_PASSED, "");
      end (talk);
    }
  else
    fail (talk, socks_connect_reply_to_string (reply));
}

static gboolean
readable_cb (int fd, GIOCondition condition, gpointer data)
{
  Talk *talk = data;

  if (talk->step == SOCKS_CHECK_GREETING)
    hear_greeting (talk);
  else
    hear_reply (talk);
  return G_SOURCE_CONTINUE;
}

static gboolean
connected_cb (int fd, GIOCondition condition, gpointer data)
{
  Talk *talk = data;
  int error_number = 0;
  socklen_t length = sizeof error_number;

  getsockopt (talk->fd, SOL_SOCKET, SO_ERROR, &error_number, &length);
  if (error_number != 0)
    {
      fail_with_errno (talk, error_number);
      return G_SOURCE_CONTINUE;
    }

  end_step (talk, SOCKS_CHECK_PASSED, "");
  talk->step = SOCKS_CHECK_GREETING;
  talk->source_id = g_unix_fd_add (talk->fd, G_IO_IN, readable_cb, talk);
  say (talk, socks_greeting, sizeof socks_greeting);
  return G_SOURCE_REMOVE;
}

/**
 * socks_proxy_talk_async:
 * @clock: the time
 * @proxy: who may be a proxy
 * @greeting_timeout_us: how long it may take to take the connection and answer the
 *   greeting, if that is less than the 10 seconds
 * @target: (nullable): what it is asked for, or %NULL to ask for nothing; copied
 * @report: gets the steps from %SOCKS_CHECK_TCP to %SOCKS_CHECK_FORWARDING, as they end;
 *   must stay until @callback is called
 * @cancellable: (nullable): a way to end it
 * @callback: called when the talk is over, however it went, after 10 seconds at most
 * @user_data: for @callback
 *
 * Talks with a proxy. Steps that are not reached stay as they are.
 */
void
socks_proxy_talk_async (SocksClock *clock,
                        const SocksEndpoint *proxy,
                        gint64 greeting_timeout_us,
                        const SocksTarget *target,
                        SocksCheckReport *report,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (clock, cancellable, callback, user_data);
  Talk *talk;
  int result;

  g_task_set_source_tag (task, socks_proxy_talk_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  talk = g_new0 (Talk, 1);
  g_task_set_task_data (task, talk, g_free);
  talk->clock = clock;
  talk->report = report;
  talk->has_target = target != NULL;
  if (target != NULL)
    talk->target = *target;
  talk->step = SOCKS_CHECK_TCP;
  talk->began_us = talk->step_began_us = socks_clock_get_monotonic_us (clock);
  talk->fd = -1;

  result = socks_socket_dial (proxy, &talk->fd);
  if (result < 0 && socks_prober_is_want (-result))
    {
      g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_FAILED,
                               "A check could not be made: %s; close what is not needed, "
                               "then try again",
                               g_strerror (-result));
      return;
    }
  talk->task = g_steal_pointer (&task);
  if (result < 0)
    {
      fail_with_errno (talk, -result);
      return;
    }

  talk->source_id = g_unix_fd_add (talk->fd, G_IO_OUT, connected_cb, talk);
  talk->timeout_id =
      socks_clock_call_after (clock, MIN (greeting_timeout_us, TALK_TIMEOUT_US),
                              timeout_cb, talk);
  /* Not g_cancellable_connect(), whose counterpart deadlocks inside the handler; all of
   * this happens in one thread. */
  if (cancellable != NULL)
    talk->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), talk);
}

/**
 * socks_proxy_talk_finish:
 * @clock: the time
 * @result: what the callback was given
 * @error: return location for a %SOCKS_ERROR_FAILED (want of descriptors or memory on
 * this machine) or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether the report says how it went
 */
gboolean
socks_proxy_talk_finish (SocksClock *clock, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
