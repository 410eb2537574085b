/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A source of peers that answers as the test says, and insists on being asked one thing
 * at a time. Main thread. */

#include "fake-source.h"

#include "core/error.h"
#include "fake-prober.h"

typedef enum
{
  ACTION_NAME,
  ACTION_FAIL,
  ACTION_HOLD,
} Action;

struct _FakeSource
{
  GObject parent_instance;

  Action action;
  GArray *peers; /* (owned): of SocksEndpoint */
  guint n_fetches;
  GTask *task;         /* (owned) (nullable): the question that waits */
  gulong cancelled_id; /* of its cancellable; 0: it has none */
};

static void fake_source_iface_init (SocksPeerSourceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeSource,
                               fake_source,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_PEER_SOURCE,
                                                      fake_source_iface_init))

static GTask *
take_question (FakeSource *self)
{
  if (self->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (self->task), self->cancelled_id);
  self->cancelled_id = 0;
  return g_steal_pointer (&self->task);
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = take_question (data);

  g_task_return_error_if_cancelled (task);
}

static void
act (FakeSource *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->task == NULL || self->action == ACTION_HOLD)
    return;

  task = take_question (self);
  if (self->action == ACTION_FAIL)
    g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_NODE, "The node is silent");
  else
    g_task_return_pointer (task, g_array_copy (self->peers),
                           (GDestroyNotify) g_array_unref);
}

static void
fetch_async (SocksPeerSource *source,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  FakeSource *self = FAKE_SOURCE (source);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, fetch_async);
  self->n_fetches++;
  if (g_task_return_error_if_cancelled (task))
    return;

  g_assert_null (self->task);
  self->task = g_steal_pointer (&task);
  if (cancellable != NULL)
    self->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), self);
  act (self);
}

static GArray *
fetch_finish (SocksPeerSource *source, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_source_iface_init (SocksPeerSourceInterface *iface)
{
  iface->fetch_async = fetch_async;
  iface->fetch_finish = fetch_finish;
}

static void
fake_source_finalize (GObject *object)
{
  g_array_unref (FAKE_SOURCE (object)->peers);

  G_OBJECT_CLASS (fake_source_parent_class)->finalize (object);
}

static void
fake_source_class_init (FakeSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_source_finalize;
}

static void
fake_source_init (FakeSource *self)
{
  self->peers = g_array_new (FALSE /* zero-terminated */, FALSE /* clear */,
                             sizeof (SocksEndpoint));
}

/* A source that knows nobody. */
FakeSource *
fake_source_new (void)
{
  return g_object_new (FAKE_TYPE_SOURCE, NULL);
}

/* Answers with @peers: socket addresses with a space between two; "" for nobody. */
void
fake_source_name (FakeSource *self, const char *peers)
{
  g_auto (GStrv) texts = g_strsplit (peers, " ", -1);

  self->action = ACTION_NAME;
  g_array_set_size (self->peers, 0);
  for (guint i = 0; texts[i] != NULL; i++)
    {
      SocksEndpoint peer = endpoint_of (texts[i]);

      g_array_append_val (self->peers, peer);
    }
  act (self);
}

/* Answers with an error. */
void
fake_source_fail (FakeSource *self)
{
  self->action = ACTION_FAIL;
  act (self);
}

/* Does not answer until it is told to do something else. */
void
fake_source_hold (FakeSource *self)
{
  self->action = ACTION_HOLD;
}

guint
fake_source_count_fetches (FakeSource *self)
{
  return self->n_fetches;
}

/* Whether a question waits. */
gboolean
fake_source_is_asked (FakeSource *self)
{
  return self->task != NULL;
}
