/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Hears from the relay in the main loop: that a stream could not reach the remote, and
 * that the workers have done what they were told. The relay itself knows no main loop.
 * What follows from it is the connection's affair. Main thread. */

#include "engine/relay-watch.h"

#include <glib-unix.h>

struct _SocksRelayWatch
{
  GObject parent_instance;

  SocksRelay *relay; /* (unowned): outlives the watch */
  guint source_id;   /* of the relay's events */
  GQueue waiting;    /* of (owned) GTask: for the relay to settle */
};

enum
{
  DIAL_FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SocksRelayWatch, socks_relay_watch, G_TYPE_OBJECT)

static void
answer_if_settled (SocksRelayWatch *self)
{
  if (!socks_relay_is_settled (self->relay))
    return;
  while (!g_queue_is_empty (&self->waiting))
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->waiting);

      g_task_return_boolean (task, TRUE);
    }
}

static gboolean
relay_event_cb (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (SocksRelayWatch) self = g_object_ref (data);
  SocksRelayEvents events = socks_relay_collect_events (self->relay);

  if ((events & SOCKS_RELAY_EVENT_DIAL_FAILED) != 0)
    g_signal_emit (self, signals[DIAL_FAILED], 0);
  answer_if_settled (self);
  return G_SOURCE_CONTINUE;
}

static void
socks_relay_watch_dispose (GObject *object)
{
  SocksRelayWatch *self = SOCKS_RELAY_WATCH (object);

  g_clear_handle_id (&self->source_id, g_source_remove);

  G_OBJECT_CLASS (socks_relay_watch_parent_class)->dispose (object);
}

static void
socks_relay_watch_class_init (SocksRelayWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_relay_watch_dispose;

  /**
   * SocksRelayWatch::dial-failed:
   *
   * Since the last time one stream or more could not reach the present remote.
   */
  signals[DIAL_FAILED] =
      g_signal_new ("dial-failed", SOCKS_TYPE_RELAY_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_relay_watch_init (SocksRelayWatch *self)
{
}

/**
 * socks_relay_watch_new:
 * @relay: a relay, which nobody else collects events of; outlives the watch
 *
 * Returns: (transfer full): a watch on the default main context
 */
SocksRelayWatch *
socks_relay_watch_new (SocksRelay *relay)
{
  SocksRelayWatch *self = g_object_new (SOCKS_TYPE_RELAY_WATCH, NULL);

  self->relay = relay;
  self->source_id =
      g_unix_fd_add (socks_relay_get_event_fd (relay), G_IO_IN, relay_event_cb, self);
  return self;
}

/**
 * socks_relay_watch_await_settled:
 * @self: a watch
 * @task: (transfer full): returns %TRUE when the relay has done all that it was told; its
 *   source object has to keep @self until then
 */
void
socks_relay_watch_await_settled (SocksRelayWatch *self, GTask *task)
{
  g_queue_push_tail (&self->waiting, task);
  answer_if_settled (self);
}
