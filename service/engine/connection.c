/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is so: the remote in use, how it was chosen, whether it answers, and the local
 * port. Tells the relay what to do, and is the only one that does; has the remote looked
 * after; remembers it. What is wanted, and who is to be the remote next, is the engine's
 * affair.
 *
 *                  adopt()
 *   disconnected ───────────▶ connected ◀─────────────┐
 *     ▲      │                    │ lost              │ answers again, or adopt()
 *     │      ▼ a search           ▼                   │
 *     │   connecting ──adopt()    manual: failing ────┤ each stream is still tried
 *     │                           automatic: ::lost, and the engine either adopts another
 *     └────── let_go()            or refuse()s: failing, streams are closed at once
 *
 * Main thread. */

#include "engine/connection.h"

#include "core/error.h"
#include "engine/health.h"
#include "engine/local-port.h"
#include "engine/relay-watch.h"

struct _SocksConnection
{
  GObject parent_instance;

  SocksSweeper *sweeper;  /* (owned): must keep the remote listed */
  SocksMemory *memory;    /* (owned) (nullable): NULL remembers nothing */
  SocksHealth *health;    /* (owned) */
  SocksRelay *relay;      /* (unowned): outlives the connection */
  SocksRelayWatch *watch; /* (owned): on the relay */
  SocksEndpoint local_address;
  gboolean does_failover;

  SocksConnectionStatus status;
};

enum
{
  CHANGED,
  REMOTE_CHANGED,
  LOST,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SocksConnection, socks_connection, G_TYPE_OBJECT)

static void
set_state (SocksConnection *self, SocksState state)
{
  if (self->status.state != state)
    g_info ("State: %s → %s", socks_state_to_string (self->status.state),
            socks_state_to_string (state));
  self->status.state = state;
}

static void
emit_changed (SocksConnection *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
emit_remote_changed (SocksConnection *self,
                     const char *old_remote,
                     SocksChangeReason reason)
{
  gboolean has_remote = self->status.selection != SOCKS_SELECTION_NONE;
  g_autofree char *new_remote =
      has_remote ? socks_endpoint_format (&self->status.remote) : g_strdup ("");
  const char *why = socks_change_reason_to_string (reason);

  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE,
                    "SOCKS_OLD_REMOTE", old_remote, "SOCKS_NEW_REMOTE", new_remote,
                    "SOCKS_REASON", why,
                    "MESSAGE", "%s %s (%s)",
                    has_remote ? "Forwarding to" : "Disconnected from",
                    has_remote ? new_remote : old_remote, why);
  g_signal_emit (self, signals[REMOTE_CHANGED], 0, old_remote, new_remote, (guint) reason);
}

static void
lost_cb (SocksHealth *health, gpointer data)
{
  SocksConnection *self = data;
  g_autofree char *remote = socks_endpoint_format (&self->status.remote);

  if (self->status.selection == SOCKS_SELECTION_AUTOMATIC && self->does_failover)
    {
      g_message ("%s does not answer any more; looking for another", remote);
      socks_health_stop (health);
      g_signal_emit (self, signals[LOST], 0);
      return;
    }

  g_warning ("%s does not answer any more", remote);
  g_clear_error (&self->status.last_error);
  self->status.last_error = g_error_new (SOCKS_ERROR, SOCKS_ERROR_FAILED,
                                  "The proxy %s does not answer; wait until it is back, "
                                  "or connect to another",
                                  remote);
  if (self->status.selection == SOCKS_SELECTION_AUTOMATIC)
    socks_relay_refuse (self->relay);
  set_state (self, SOCKS_STATE_FAILING);
  emit_changed (self);
}

static void
recovered_cb (SocksHealth *health, gpointer data)
{
  SocksConnection *self = data;
  g_autofree char *remote = socks_endpoint_format (&self->status.remote);

  g_message ("%s answers again", remote);
  g_clear_error (&self->status.last_error);
  socks_relay_forward_to (self->relay, &self->status.remote);
  set_state (self, SOCKS_STATE_CONNECTED);
  emit_changed (self);
}

static void
dial_failed_cb (SocksRelayWatch *watch, gpointer data)
{
  SocksConnection *self = data;

  socks_health_ask_now (self->health);
}

static void
socks_connection_dispose (GObject *object)
{
  SocksConnection *self = SOCKS_CONNECTION (object);

  g_clear_object (&self->watch);
  g_clear_object (&self->health);
  g_clear_object (&self->memory);
  g_clear_object (&self->sweeper);
  g_clear_error (&self->status.last_error);

  G_OBJECT_CLASS (socks_connection_parent_class)->dispose (object);
}

static void
socks_connection_class_init (SocksConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_connection_dispose;

  /**
   * SocksConnection::changed:
   *
   * State, selection, remote, the local port or the last error have changed.
   */
  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);

  /**
   * SocksConnection::remote-changed:
   * @old_remote: the remote before, or ""
   * @new_remote: the remote now, or ""
   * @reason: a #SocksChangeReason
   *
   * The remote is another one. Comes once for each change, after ::changed.
   */
  signals[REMOTE_CHANGED] = g_signal_new (
      "remote-changed", SOCKS_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT);

  /**
   * SocksConnection::lost:
   *
   * An automatic remote does not answer any more and is not asked any more: another is to
   * be adopted, or streams refused.
   */
  signals[LOST] = g_signal_new ("lost", SOCKS_TYPE_CONNECTION, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_connection_init (SocksConnection *self)
{
}

/**
 * socks_connection_new:
 * @settings: where to listen and whether to fail over
 * @clock: the time
 * @prober: who asks the remote
 * @sweeper: who lists it
 * @relay: what forwards; outlives the connection
 * @memory: (nullable): what survives a restart
 *
 * Returns: (transfer full): a connection to nowhere, on the default main context
 */
SocksConnection *
socks_connection_new (const SocksSettings *settings,
                      SocksClock *clock,
                      SocksProber *prober,
                      SocksSweeper *sweeper,
                      SocksRelay *relay,
                      SocksMemory *memory)
{
  SocksConnection *self = g_object_new (SOCKS_TYPE_CONNECTION, NULL);

  self->local_address = settings->listen_address;
  self->does_failover = settings->failover;
  self->sweeper = g_object_ref (sweeper);
  g_set_object (&self->memory, memory);
  self->relay = relay;
  self->watch = socks_relay_watch_new (relay);
  g_signal_connect_object (self->watch, "dial-failed", G_CALLBACK (dial_failed_cb), self,
                           0);
  self->health = socks_health_new (clock, prober);
  g_signal_connect_object (self->health, "lost", G_CALLBACK (lost_cb), self, 0);
  g_signal_connect_object (self->health, "recovered", G_CALLBACK (recovered_cb), self, 0);
  return self;
}

/**
 * socks_connection_adopt:
 * @self: a connection
 * @selection: how the remote was chosen
 * @remote: the remote; copied
 * @reason: why
 * @error: return location for a %SOCKS_ERROR_ADDRESS_IN_USE or %SOCKS_ERROR_LISTEN_FAILED
 *
 * Forwards the local port to @remote from now on, and opens the port where it is closed.
 * Streams of another remote are cut; those of the same one are not. On failure nothing
 * has changed.
 *
 * Returns: whether @remote is the remote
 */
gboolean
socks_connection_adopt (SocksConnection *self,
                        SocksSelection selection,
                        const SocksEndpoint *remote,
                        SocksChangeReason reason,
                        GError **error)
{
  gboolean had_remote = self->status.selection != SOCKS_SELECTION_NONE;
  gboolean is_same = had_remote && socks_endpoint_equal (remote, &self->status.remote);
  gboolean was_failing = self->status.state == SOCKS_STATE_FAILING;
  g_autofree char *old_remote =
      had_remote ? socks_endpoint_format (&self->status.remote) : g_strdup ("");

  if (!socks_local_port_open (self->relay, &self->local_address, error))
    return FALSE;

  self->status.selection = selection;
  self->status.remote = *remote;
  g_clear_error (&self->status.last_error);
  set_state (self, SOCKS_STATE_CONNECTED);

  socks_relay_forward_to (self->relay, remote);
  socks_sweeper_keep (self->sweeper, remote);
  socks_health_watch (self->health, remote,
                      selection == SOCKS_SELECTION_AUTOMATIC ? SOCKS_PROBE_GREETING
                                                             : SOCKS_PROBE_REACH);
  /* Somebody insists on a remote that does not answer: look whether it is back. */
  if (is_same && was_failing && selection == SOCKS_SELECTION_MANUAL)
    socks_health_ask_now (self->health);
  if (self->memory != NULL)
    socks_memory_save (self->memory, selection, remote);

  emit_changed (self);
  if (!is_same)
    emit_remote_changed (self, old_remote, reason);
  return TRUE;
}

/**
 * socks_connection_refuse:
 * @self: a connection whose remote is lost
 * @why: what to tell the user
 *
 * Nobody else answered: new streams are closed at once until there is a remote again.
 */
void
socks_connection_refuse (SocksConnection *self, const GError *why)
{
  if (self->status.state != SOCKS_STATE_FAILING)
    g_warning ("%s", why->message);
  socks_relay_refuse (self->relay);
  set_state (self, SOCKS_STATE_FAILING);
  socks_connection_set_last_error (self, why);
}

/**
 * socks_connection_let_go:
 * @self: a connection
 * @reason: why; with any but %SOCKS_CHANGE_SHUTDOWN the choice is forgotten
 *
 * Closes the local port and has every stream reset. The state is the new one at once;
 * socks_connection_settle_async() tells when the streams are gone.
 */
void
socks_connection_let_go (SocksConnection *self, SocksChangeReason reason)
{
  gboolean had_remote = self->status.selection != SOCKS_SELECTION_NONE;
  g_autofree char *old_remote =
      had_remote ? socks_endpoint_format (&self->status.remote) : NULL;

  self->status.selection = SOCKS_SELECTION_NONE;
  g_clear_error (&self->status.last_error);
  set_state (self, SOCKS_STATE_DISCONNECTED);
  socks_health_stop (self->health);
  socks_sweeper_keep (self->sweeper, NULL /* endpoint */);
  socks_relay_close (self->relay);
  if (self->memory != NULL && reason != SOCKS_CHANGE_SHUTDOWN)
    socks_memory_save (self->memory, SOCKS_SELECTION_NONE, NULL /* remote */);

  emit_changed (self);
  if (had_remote)
    emit_remote_changed (self, old_remote, reason);
}

/**
 * socks_connection_settle_async:
 * @self: a connection
 * @callback: called when the relay has done all that it was told
 * @user_data: for @callback
 *
 * Waits until the streams that were to be cut are gone; can't fail.
 */
void
socks_connection_settle_async (SocksConnection *self,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GTask *task = g_task_new (self, NULL /* cancellable */, callback, user_data);

  g_task_set_source_tag (task, socks_connection_settle_async);
  socks_relay_watch_await_settled (self->watch, task);
}

/**
 * socks_connection_settle_finish:
 * @self: a connection
 * @result: what the callback was given
 *
 * Ends socks_connection_settle_async().
 */
void
socks_connection_settle_finish (SocksConnection *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL /* error */);
}

/**
 * socks_connection_set_searching:
 * @self: a connection
 * @is_searching: whether somebody looks for a first remote
 *
 * Where there is no remote, the state says whether one is looked for.
 */
void
socks_connection_set_searching (SocksConnection *self, gboolean is_searching)
{
  if (self->status.selection == SOCKS_SELECTION_NONE)
    set_state (self, is_searching ? SOCKS_STATE_CONNECTING : SOCKS_STATE_DISCONNECTED);
  emit_changed (self);
}

/**
 * socks_connection_set_last_error:
 * @self: a connection
 * @error: what went wrong; copied
 *
 * Kept until the next success.
 */
void
socks_connection_set_last_error (SocksConnection *self, const GError *error)
{
  g_clear_error (&self->status.last_error);
  self->status.last_error = g_error_copy (error);
  emit_changed (self);
}

/**
 * socks_connection_get_status:
 * @self: a connection
 *
 * Returns: (transfer none): what is so, until something changes
 */
const SocksConnectionStatus *
socks_connection_get_status (SocksConnection *self)
{
  return &self->status;
}

/**
 * socks_connection_get_remote:
 * @self: a connection
 *
 * Returns: (transfer none) (nullable): the remote, until something changes
 */
const SocksEndpoint *
socks_connection_get_remote (SocksConnection *self)
{
  return self->status.selection != SOCKS_SELECTION_NONE ? &self->status.remote : NULL;
}

/**
 * socks_connection_is_remote_lost:
 * @self: a connection
 *
 * Returns: whether an automatic remote is to be replaced, see #SocksConnection::lost
 */
gboolean
socks_connection_is_remote_lost (SocksConnection *self)
{
  return self->status.selection == SOCKS_SELECTION_AUTOMATIC &&
         !socks_health_is_watching (self->health);
}
