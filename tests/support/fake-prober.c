/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A network of peers that answer as the test says: a verdict, no verdict for want of
 * descriptors here, or nothing until told. Unlike the real prober it has no deadline.
 * Main thread. */

#include "fake-prober.h"

#include "core/error.h"

/* What a peer does when it is asked. */
typedef enum
{
  ACTION_ANSWER,
  ACTION_FAIL,
  ACTION_HOLD,
} Action;

typedef struct
{
  Action action;
  SocksVerdict verdict; /* of ACTION_ANSWER */
} Script;

typedef struct
{
  FakeProber *prober; /* (unowned): the task holds it */
  GTask *task;        /* (owned) */
  FakeQuestion question;
  gulong cancelled_id; /* 0: no cancellable */
} Probe;

struct _FakeProber
{
  GObject parent_instance;

  GHashTable *scripts; /* (owned): SocksEndpoint → Script */
  Script other_script; /* of all other peers */
  GQueue in_flight;    /* of Probe (owned), in the order of their beginning */
  guint most_in_flight;
  GArray *questions; /* (owned): of FakeQuestion */
};

static void fake_prober_iface_init (SocksProberInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeProber,
                               fake_prober,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_PROBER,
                                                      fake_prober_iface_init))

static const Script *
find_script (FakeProber *self, const SocksEndpoint *endpoint)
{
  const Script *script = g_hash_table_lookup (self->scripts, endpoint);

  return script != NULL ? script : &self->other_script;
}

/* Hands over the probe's task. */
static GTask *
end_probe (Probe *probe)
{
  GTask *task = probe->task;

  g_queue_remove (&probe->prober->in_flight, probe);
  if (probe->cancelled_id != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), probe->cancelled_id);
  g_free (probe);
  return task;
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = end_probe (data);

  g_task_return_error_if_cancelled (task);
}

/* Does with a probe in flight what the peer's script says. */
static void
act (FakeProber *self, Probe *probe)
{
  Script script = *find_script (self, &probe->question.endpoint);
  gboolean is_reached = script.verdict.status != SOCKS_STATUS_NOT_LISTENING;
  g_autoptr (GTask) task = NULL;

  if (script.action == ACTION_HOLD)
    return;

  /* Who was only reached was not asked what it is. */
  if (probe->question.kind == SOCKS_PROBE_REACH && is_reached)
    script.verdict = (SocksVerdict){ SOCKS_STATUS_UNPROBED };

  task = end_probe (probe);
  if (script.action == ACTION_FAIL)
    g_task_return_new_error (task, SOCKS_ERROR, SOCKS_ERROR_PROBE,
                             "A probe could not be made");
  else
    g_task_return_pointer (task, g_memdup2 (&script.verdict, sizeof script.verdict),
                           g_free);
}

static void
probe_async (SocksProber *prober,
             const SocksEndpoint *endpoint,
             SocksProbeKind kind,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  FakeProber *self = FAKE_PROBER (prober);
  FakeQuestion question = { *endpoint, kind };
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Probe *probe;

  g_task_set_source_tag (task, probe_async);
  g_array_append_val (self->questions, question);
  if (g_task_return_error_if_cancelled (task))
    return;

  probe = g_new0 (Probe, 1);
  probe->prober = self;
  probe->task = g_steal_pointer (&task);
  probe->question = question;
  if (cancellable != NULL)
    probe->cancelled_id =
        g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), probe);
  g_queue_push_tail (&self->in_flight, probe);
  self->most_in_flight = MAX (self->most_in_flight, self->in_flight.length);
  act (self, probe);
}

static gboolean
probe_finish (SocksProber *prober,
              GAsyncResult *result,
              SocksVerdict *out_verdict,
              GError **error)
{
  g_autofree SocksVerdict *verdict = g_task_propagate_pointer (G_TASK (result), error);

  if (verdict == NULL)
    return FALSE;

  *out_verdict = *verdict;
  return TRUE;
}

static void
fake_prober_iface_init (SocksProberInterface *iface)
{
  iface->probe_async = probe_async;
  iface->probe_finish = probe_finish;
}

static void
fake_prober_finalize (GObject *object)
{
  FakeProber *self = FAKE_PROBER (object);

  g_hash_table_unref (self->scripts);
  g_array_unref (self->questions);

  G_OBJECT_CLASS (fake_prober_parent_class)->finalize (object);
}

static void
fake_prober_class_init (FakeProberClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_prober_finalize;
}

static void
fake_prober_init (FakeProber *self)
{
  self->scripts =
      g_hash_table_new_full (socks_endpoint_hash, socks_endpoint_equal, g_free, g_free);
  self->other_script.verdict =
      (SocksVerdict){ SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_REFUSED };
  self->questions =
      g_array_new (FALSE /* zero-terminated */, FALSE /* clear */, sizeof (FakeQuestion));
}

/* A network in which everybody refuses. */
FakeProber *
fake_prober_new (void)
{
  return g_object_new (FAKE_TYPE_PROBER, NULL);
}

/* Of those in flight, the first that need not wait any more. */
static Probe *
find_released (FakeProber *self)
{
  for (GList *link = self->in_flight.head; link != NULL; link = link->next)
    {
      Probe *probe = link->data;

      if (find_script (self, &probe->question.endpoint)->action != ACTION_HOLD)
        return probe;
    }
  return NULL;
}

static void
set_script (FakeProber *self, const char *peer, Script script)
{
  Probe *probe;

  if (peer == NULL)
    self->other_script = script;
  else
    {
      SocksEndpoint endpoint = endpoint_of (peer);

      g_hash_table_replace (self->scripts, g_memdup2 (&endpoint, sizeof endpoint),
                            g_memdup2 (&script, sizeof script));
    }

  /* One by one, for what is called with an answer may cancel other probes. */
  while ((probe = find_released (self)) != NULL)
    act (self, probe);
}

/* @peer answers, with a reason that goes with @status; @latency_us counts only where
 * there is a reply. */
void
fake_prober_answer (FakeProber *self,
                    const char *peer,
                    SocksStatus status,
                    guint32 latency_us)
{
  static const SocksReason reasons[SOCKS_N_STATUSES] = {
    [SOCKS_STATUS_NOT_A_PROXY] = SOCKS_REASON_NOT_SOCKS5,
    [SOCKS_STATUS_NOT_LISTENING] = SOCKS_REASON_REFUSED,
  };
  SocksVerdict verdict = { status, reasons[status], latency_us };

  g_assert_cmpint (status, !=, SOCKS_STATUS_UNPROBED);
  if (status == SOCKS_STATUS_NOT_LISTENING)
    verdict.latency_us = 0;
  set_script (self, peer, (Script){ ACTION_ANSWER, verdict });
}

/* @peer is silent until another script takes over. */
void
fake_prober_hold (FakeProber *self, const char *peer)
{
  set_script (self, peer, (Script){ ACTION_HOLD });
}

/* @peer can't be asked for want of descriptors on this machine. */
void
fake_prober_fail (FakeProber *self, const char *peer)
{
  set_script (self, peer, (Script){ ACTION_FAIL });
}

guint
fake_prober_count_asked (FakeProber *self, const char *peer)
{
  SocksEndpoint endpoint;
  guint n_asked = 0;

  if (peer == NULL)
    return self->questions->len;

  endpoint = endpoint_of (peer);
  for (guint i = 0; i < self->questions->len; i++)
    if (socks_endpoint_equal (&g_array_index (self->questions, FakeQuestion, i).endpoint,
                              &endpoint))
      n_asked++;
  return n_asked;
}

guint
fake_prober_count_in_flight (FakeProber *self, const char *peer)
{
  SocksEndpoint endpoint;
  guint n_in_flight = 0;

  if (peer == NULL)
    return self->in_flight.length;

  endpoint = endpoint_of (peer);
  for (GList *link = self->in_flight.head; link != NULL; link = link->next)
    if (socks_endpoint_equal (&((Probe *) link->data)->question.endpoint, &endpoint))
      n_in_flight++;
  return n_in_flight;
}

/* The most that were in flight at one time. */
guint
fake_prober_get_most_in_flight (FakeProber *self)
{
  return self->most_in_flight;
}

/* Every FakeQuestion since the last fake_prober_forget(), in order. */
const GArray *
fake_prober_get_questions (FakeProber *self)
{
  return self->questions;
}

/* Forgets who was asked, not the scripts. */
void
fake_prober_forget (FakeProber *self)
{
  g_array_set_size (self->questions, 0);
}

/* For a socket address that must be one. */
SocksEndpoint
endpoint_of (const char *text)
{
  SocksEndpoint endpoint;

  if (!socks_endpoint_parse (text, &endpoint, NULL))
    g_error ("not a socket address: %s", text);
  return endpoint;
}
