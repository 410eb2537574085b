/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Probes over the network: connect, three bytes out, two bytes in, a verdict.
 *
 * A sweep has a thousand of them in flight, most of which never hear anything. As a
 * thousand descriptors and a thousand timers of the main loop each turn of that loop would
 * walk them all; so they live in an epoll set of their own, which is one source of the
 * main loop, and as all have the same time limit, their deadlines are a queue whose head
 * is the next to expire. A turn costs what happened in it. Events are edges, so that what
 * a probe waits for never has to be set anew.
 *
 *   connecting ──writable──▶ greeting sent ──two bytes──▶ verdict
 *        └────────error, end of file, deadline──────────▶ verdict
 *
 * Bytes that came before the greeting was sent count like any others. Main thread. */

#include "engine/tcp-prober.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"

/* Events taken in one turn: some milliseconds of work, so that a flood of answers leaves
 * the main loop time for its other sources. */
#define EVENTS_PER_TURN 128

typedef struct
{
  GTask *task; /* (owned): source object is the prober */
  SocksEndpoint endpoint;
  SocksProbeKind kind;
  int fd; /* (owned) */
  gint64 started_us;
  gint64 deadline_us;
  guint8 reply[SOCKS_GREETING_REPLY_BYTES];
  guint n_reply_bytes;
  gboolean is_connected;
  gulong cancelled_id; /* 0: no cancellable */
  GList link;          /* in SocksTcpProber.in_flight */
} Probe;

struct _SocksTcpProber
{
  GObject parent_instance;

  gint64 timeout_us;
  int epoll_fd;     /* (owned); -1: none */
  GSource *source;  /* (owned) (nullable): watches epoll_fd and the next deadline */
  GQueue in_flight; /* of Probe, in the order of their deadlines */
  GQueue judged;    /* of (owned) GTask: ended in this turn, not returned yet */
};

typedef struct
{
  GSource parent;
  SocksTcpProber *prober; /* (unowned): destroys the source when it goes */
} ProberSource;

static void socks_tcp_prober_iface_init (SocksProberInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksTcpProber,
                               socks_tcp_prober,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_PROBER,
                                                      socks_tcp_prober_iface_init))

/* Wakes the main loop at the next deadline, or not at all. */
static void
arm (SocksTcpProber *self)
{
  GList *head = self->in_flight.head;

  g_source_set_ready_time (self->source,
                           head != NULL ? ((Probe *) head->data)->deadline_us : -1);
}

/* Takes a probe out of everything and hands over its task, which the caller returns. */
static GTask *
end_probe (SocksTcpProber *self, Probe *probe)
{
  GTask *task = probe->task;

  g_queue_unlink (&self->in_flight, &probe->link);
  if (probe->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), probe->cancelled_id);
  /* Closing takes the descriptor out of the epoll set too. */
  close (probe->fd);
  g_free (probe);
  arm (self);
  return task;
}

/* The task is returned after the turn: its callback may cancel other probes, of which
 * this turn's batch still has events. */
static void
judge (SocksTcpProber *self, Probe *probe, SocksVerdict verdict)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];
  GTask *task;

  g_debug ("Probe of %s: %s %s, %u µs", socks_endpoint_write (&probe->endpoint, text),
           socks_status_to_string (verdict.status), socks_reason_to_string (verdict.reason),
           verdict.latency_us);
  task = end_probe (self, probe);
  g_task_set_task_data (task, g_memdup2 (&verdict, sizeof verdict), g_free);
  g_queue_push_tail (&self->judged, task);
}

static void
return_judged (SocksTcpProber *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->judged)) != NULL)
    {
      if (!g_task_return_error_if_cancelled (task))
        g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  Probe *probe = data;
  g_autoptr (GTask) task = NULL;

  task = end_probe (g_task_get_source_object (probe->task), probe);
  g_task_return_error_if_cancelled (task);
}

/* In microseconds; never 0, which means that there was no reply. */
static guint32
latency_since (gint64 started_us)
{
  gint64 latency_us = g_get_monotonic_time () - started_us;

  return (guint32) CLAMP (latency_us, 1, (gint64) G_MAXUINT32);
}

/* Takes what the peer has sent, until that is enough or no more is there: events are edges,
 * so that the end of file behind a byte would not be told again. */
static void
receive (SocksTcpProber *self, Probe *probe)
{
  while (probe->n_reply_bytes < sizeof probe->reply)
    {
      ssize_t n = recv (probe->fd, probe->reply + probe->n_reply_bytes,
                        sizeof probe->reply - probe->n_reply_bytes, 0 /* flags */);

      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0)
        {
          judge (self, probe, socks_greeting_judge_failure (n < 0 ? errno : 0));
          return;
        }
      probe->n_reply_bytes += (guint) n;
    }

  judge (self, probe,
         socks_greeting_judge_reply (probe->reply, latency_since (probe->started_us)));
}

/* The peer has taken the connection. */
static void
connected (SocksTcpProber *self, Probe *probe)
{
  probe->is_connected = TRUE;
  if (probe->kind == SOCKS_PROBE_REACH)
    {
      judge (self, probe, (SocksVerdict) { SOCKS_STATUS_UNPROBED });
      return;
    }

  /* Three bytes always fit into an empty send buffer. Whatever error there is meets the
   * read too, after the bytes that the peer may have sent before. */
  if (send (probe->fd, socks_greeting, sizeof socks_greeting, MSG_NOSIGNAL) < 0)
    g_debug ("Greeting was not sent: %s", g_strerror (errno));
  receive (self, probe);
}

static void
handle_event (SocksTcpProber *self, Probe *probe)
{
  int error_number = 0;
  socklen_t length = sizeof error_number;

  if (probe->is_connected)
    {
      receive (self, probe);
      return;
    }

  getsockopt (probe->fd, SOL_SOCKET, SO_ERROR, &error_number, &length);
  if (error_number != 0)
    judge (self, probe, socks_greeting_judge_failure (error_number));
  else
    connected (self, probe);
}

static gboolean
prober_source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  SocksTcpProber *self = ((ProberSource *) source)->prober;
  struct epoll_event events[EVENTS_PER_TURN];
  int n_events = epoll_wait (self->epoll_fd, events, EVENTS_PER_TURN, 0 /* timeout */);
  gint64 now_us = g_get_monotonic_time ();

  g_object_ref (self);

  for (int i = 0; i < n_events; i++)
    handle_event (self, events[i].data.ptr);

  /* Deadlines only when all answers have been heard: after the process was stopped for a
   * while both are there, and the answer is the truth. */
  if (n_events < EVENTS_PER_TURN)
    while (!g_queue_is_empty (&self->in_flight))
      {
        Probe *first = g_queue_peek_head (&self->in_flight);

        if (first->deadline_us > now_us)
          break;
        judge (self, first, socks_greeting_judge_failure (ETIMEDOUT));
      }

  return_judged (self);
  g_object_unref (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs prober_source_funcs = { .dispatch = prober_source_dispatch };

/* Starts a connect; returns a descriptor or a negative errno. */
static int
start_connect (const SocksEndpoint *endpoint)
{
  struct sockaddr_storage sockaddr;
  socklen_t length = socks_endpoint_to_sockaddr (endpoint, &sockaddr);
  int fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return -errno;
  if (connect (fd, (struct sockaddr *) &sockaddr, length) < 0 && errno != EINPROGRESS)
    {
      int error_number = errno;

      close (fd);
      return -error_number;
    }
  return fd;
}

static void
tcp_prober_probe_async (SocksProber *prober,
                        const SocksEndpoint *endpoint,
                        SocksProbeKind kind,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  SocksTcpProber *self = SOCKS_TCP_PROBER (prober);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  struct epoll_event interest = { .events = EPOLLIN | EPOLLOUT | EPOLLET };
  gint64 now_us = g_get_monotonic_time ();
  int fd;
  Probe *probe;

  g_task_set_source_tag (task, tcp_prober_probe_async);
  if (g_task_return_error_if_cancelled (task))
    return;

  probe = g_new0 (Probe, 1);
  interest.data.ptr = probe;
  fd = start_connect (endpoint);
  if (fd >= 0 && epoll_ctl (self->epoll_fd, EPOLL_CTL_ADD, fd, &interest) < 0)
    {
      /* The descriptor is a new socket: only a want can keep it out. */
      close (fd);
      fd = -ENOMEM;
    }
  if (fd < 0)
    {
      g_free (probe);
      if (socks_prober_is_want (-fd))
        g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_PROBE,
                                 "A probe could not be made: %s", g_strerror (-fd));
      else
        {
          SocksVerdict verdict = socks_greeting_judge_failure (-fd);

          g_task_set_task_data (task, g_memdup2 (&verdict, sizeof verdict), g_free);
          g_task_return_boolean (task, TRUE);
        }
      return;
    }

  probe->task = g_steal_pointer (&task);
  probe->endpoint = *endpoint;
  probe->kind = kind;
  probe->fd = fd;
  probe->started_us = now_us;
  probe->deadline_us = now_us + self->timeout_us;
  probe->link.data = probe;
  /* Not g_cancellable_connect(), whose counterpart deadlocks inside the handler; all of
   * this happens in one thread. */
  if (cancellable != NULL)
    probe->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), probe);
  g_queue_push_tail_link (&self->in_flight, &probe->link);
  arm (self);
}

static gboolean
tcp_prober_probe_finish (SocksProber *prober,
                         GAsyncResult *result,
                         SocksVerdict *out_verdict,
                         GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *out_verdict = *(SocksVerdict *) g_task_get_task_data (G_TASK (result));
  return TRUE;
}

static void
socks_tcp_prober_iface_init (SocksProberInterface *iface)
{
  iface->probe_async = tcp_prober_probe_async;
  iface->probe_finish = tcp_prober_probe_finish;
}

static void
socks_tcp_prober_finalize (GObject *object)
{
  SocksTcpProber *self = SOCKS_TCP_PROBER (object);

  /* Every probe in flight holds the prober, so there is none. */
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  if (self->epoll_fd >= 0)
    close (self->epoll_fd);

  G_OBJECT_CLASS (socks_tcp_prober_parent_class)->finalize (object);
}

static void
socks_tcp_prober_class_init (SocksTcpProberClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_tcp_prober_finalize;
}

static void
socks_tcp_prober_init (SocksTcpProber *self)
{
  self->epoll_fd = -1;
}

/**
 * socks_tcp_prober_new:
 * @timeout_us: how long one probe may take in all, in microseconds
 * @error: return location for a %SOCKS_ERROR_FAILED
 *
 * Returns: (transfer full): a prober on the thread-default main context, or %NULL where
 *   descriptors are wanting
 */
SocksProber *
socks_tcp_prober_new (gint64 timeout_us, GError **error)
{
  g_autoptr (SocksTcpProber) self = g_object_new (SOCKS_TYPE_TCP_PROBER, NULL);

  self->timeout_us = timeout_us;
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    {
      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_FAILED, "No epoll for probes: %s",
                   g_strerror (errno));
      return NULL;
    }

  self->source = g_source_new (&prober_source_funcs, sizeof (ProberSource));
  ((ProberSource *) self->source)->prober = self;
  g_source_set_static_name (self->source, "probes");
  g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_attach (self->source, g_main_context_get_thread_default ());
  return SOCKS_PROBER (g_steal_pointer (&self));
}
