/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Requests: what somebody wants the remote to be, and in which order. What is so, the
 * connection knows; what the service itself is after when nobody asks, the recovery does.
 *
 * Requests are ordered by tickets, taken when they arrive: their permissions may come in
 * another order, and the newest request wins, not the one that was permitted last. A
 * request that fails changes nothing, so the recovery that it interrupted goes on.
 *
 * Knows nothing of D-Bus. Main thread. */

#include "engine/engine.h"

#include "core/error.h"
#include "engine/local-port.h"
#include "engine/recovery.h"
#include "engine/search.h"

struct _SocksEngine
{
  GObject parent_instance;

  SocksClock *clock;           /* (owned) */
  SocksProber *prober;         /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksNodeClient *node;       /* (owned) (nullable) */
  SocksConnection *connection; /* (owned) */
  SocksRecovery *recovery;     /* (owned) */
  guint16 listening_port;

  guint64 last_ticket;   /* given away */
  guint64 newest_ticket; /* of the requests that were carried out */
  gboolean is_stopping;  /* nothing is wanted any more */
  GTask *request;        /* (owned) (nullable): the Connect "" that is being answered */
  GCancellable *search;  /* (owned) (nullable): for the request */
};

G_DEFINE_FINAL_TYPE (SocksEngine, socks_engine, G_TYPE_OBJECT)

/* A request could not be fulfilled: nothing has changed, but for the last error. */
static void
fail_request (SocksEngine *self, GTask *request, GError *error)
{
  socks_connection_set_last_error (self->connection, error);
  socks_connection_set_searching (self->connection,
                                  socks_recovery_is_restoring (self->recovery));
  g_task_return_error (request, error);
  socks_recovery_go_on (self->recovery);
}

static void
adopt (SocksEngine *self,
       GTask *request,
       SocksSelection selection,
       const SocksEndpoint *remote,
       SocksChangeReason reason)
{
  GError *error = NULL;

  if (socks_connection_adopt (self->connection, selection, remote, reason, &error))
    {
      socks_recovery_forget (self->recovery);
      g_task_return_pointer (request, g_memdup2 (remote, sizeof *remote), g_free);
    }
  else
    fail_request (self, request, error);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksEngine) self = data;
  g_autoptr (GTask) request = NULL;
  GError *error = NULL;
  SocksEndpoint found;
  gboolean is_found = socks_search_finish (result, &found, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_error_free (error);
      return;
    }
  g_clear_object (&self->search);
  request = g_steal_pointer (&self->request);
  if (is_found)
    adopt (self, request, SOCKS_SELECTION_AUTOMATIC, &found, SOCKS_CHANGE_AUTOMATIC);
  else
    fail_request (self, request, error);
}

/* Takes @request. */
static void
begin_search (SocksEngine *self, GTask *request)
{
  self->request = request;
  self->search = g_cancellable_new ();
  socks_connection_set_searching (self->connection, TRUE);
  socks_search_async (self->prober, self->clock, self->sweeper, self->node,
                      SOCKS_PATIENCE_FIRST_SWEEP,
                      socks_connection_get_remote (self->connection),
                      TRUE /* remote_runs */, self->search, found_cb,
                      g_object_ref (self));
}

static void
return_cancelled (GTask *request)
{
  g_task_return_new_error (request, SOCKS_ERROR, SOCKS_ERROR_CANCELLED,
                           "A newer request took over, or the service stops; look at "
                           "State, and try again if that is not what you want");
}

/* A newer request takes over from the one before, and from the recovery. Returns the one
 * before, if it waits, for answer_overtaken(). */
static GTask *
supersede (SocksEngine *self, guint64 ticket)
{
  g_autoptr (GCancellable) running = g_steal_pointer (&self->search);

  self->newest_ticket = ticket;
  socks_recovery_pause (self->recovery);
  if (running != NULL)
    g_cancellable_cancel (running);
  return g_steal_pointer (&self->request);
}

/* When what took over has had its effect: who is told to look, shall see it. */
static void
answer_overtaken (GTask *request)
{
  if (request != NULL)
    return_cancelled (request);
  g_clear_object (&request);
}

static gboolean
is_overtaken (SocksEngine *self, guint64 ticket)
{
  return self->is_stopping || ticket < self->newest_ticket;
}

static void
socks_engine_dispose (GObject *object)
{
  SocksEngine *self = SOCKS_ENGINE (object);

  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  g_clear_object (&self->recovery);
  g_clear_object (&self->connection);
  g_clear_object (&self->node);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->prober);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_engine_parent_class)->dispose (object);
}

static void
socks_engine_class_init (SocksEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_engine_dispose;
}

static void
socks_engine_init (SocksEngine *self)
{
}

/**
 * socks_engine_new:
 * @settings: where the service listens
 * @clock: the time
 * @prober: who asks
 * @sweeper: who finds; started and stopped by others
 * @node: (nullable): the Mycelium node, for its address and for error messages
 * @connection: what is so; the engine alone changes it
 *
 * Returns: (transfer full): an engine that wants nothing
 */
SocksEngine *
socks_engine_new (const SocksSettings *settings,
                  SocksClock *clock,
                  SocksProber *prober,
                  SocksSweeper *sweeper,
                  SocksNodeClient *node,
                  SocksConnection *connection)
{
  SocksEngine *self = g_object_new (SOCKS_TYPE_ENGINE, NULL);

  self->listening_port = settings->listen_address.port;
  self->clock = g_object_ref (clock);
  self->prober = g_object_ref (prober);
  self->sweeper = g_object_ref (sweeper);
  g_set_object (&self->node, node);
  self->connection = g_object_ref (connection);

  self->recovery = socks_recovery_new (clock, prober, sweeper, node, connection);
  return self;
}

/**
 * socks_engine_restore:
 * @self: an engine that has had no request yet
 * @selection: what a former run had chosen
 * @remote: the remote then; ignored for %SOCKS_SELECTION_NONE; copied
 *
 * Takes it up again: a manual remote at once, an automatic one if it answers, else the
 * winner of a race, until there is one or a request takes over. A remote that may not be
 * one any more is left out.
 */
void
socks_engine_restore (SocksEngine *self,
                      SocksSelection selection,
                      const SocksEndpoint *remote)
{
  g_autoptr (GError) error = NULL;

  if (selection == SOCKS_SELECTION_NONE)
    return;
  if (!socks_engine_check_remote (self, remote, &error))
    {
      if (selection == SOCKS_SELECTION_MANUAL)
        {
          g_warning ("What was chosen before is not taken up again: %s", error->message);
          return;
        }
      g_warning ("In place of the remote that was chosen before another is looked for: %s",
                 error->message);
      remote = NULL;
    }

  socks_recovery_restore (self->recovery, selection, remote);
}

/**
 * socks_engine_take_ticket:
 * @self: an engine
 *
 * To be called when a request arrives, before anyone is asked for permission.
 *
 * Returns: the request's place in the order of arrival
 */
guint64
socks_engine_take_ticket (SocksEngine *self)
{
  return ++self->last_ticket;
}

/**
 * socks_engine_check_remote:
 * @self: an engine
 * @remote: an address given
 * @error: return location for a %SOCKS_ERROR_REMOTE_NOT_ALLOWED
 *
 * Returns: whether @remote may be a remote
 */
gboolean
socks_engine_check_remote (SocksEngine *self, const SocksEndpoint *remote, GError **error)
{
  struct in6_addr node_address;
  gboolean has_node_address =
      self->node != NULL && socks_node_client_get_address (self->node, &node_address);

  return socks_local_port_check_remote (remote, self->listening_port,
                                        has_node_address ? &node_address : NULL, error);
}

/**
 * socks_engine_connect_async:
 * @self: an engine
 * @ticket: from socks_engine_take_ticket()
 * @remote: (nullable): where to, or %NULL for the fastest; copied
 * @callback: called when the local port is forwarded, or when it failed
 * @user_data: for @callback
 *
 * Connects as the D-Bus method of that name says. On failure nothing has changed, but for
 * the last error.
 */
void
socks_engine_connect_async (SocksEngine *self,
                            guint64 ticket,
                            const SocksEndpoint *remote,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL /* cancellable */, callback, user_data);
  GTask *overtaken;
  GError *error = NULL;

  g_task_set_source_tag (task, socks_engine_connect_async);
  if (is_overtaken (self, ticket))
    {
      return_cancelled (task);
      return;
    }
  if (remote != NULL && !socks_engine_check_remote (self, remote, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  overtaken = supersede (self, ticket);
  if (remote != NULL)
    adopt (self, task, SOCKS_SELECTION_MANUAL, remote, SOCKS_CHANGE_USER);
  else
    begin_search (self, g_steal_pointer (&task));
  answer_overtaken (overtaken);
}

/**
 * socks_engine_connect_finish:
 * @self: an engine
 * @result: what the callback was given
 * @out_remote: (out): the remote that was chosen; untouched on failure
 * @error: return location for a %SOCKS_ERROR_REMOTE_NOT_ALLOWED, NO_VALID_PROXY,
 *   ADDRESS_IN_USE, LISTEN_FAILED or CANCELLED
 *
 * Returns: whether the local port is forwarded
 */
gboolean
socks_engine_connect_finish (SocksEngine *self,
                             GAsyncResult *result,
                             SocksEndpoint *out_remote,
                             GError **error)
{
  g_autofree SocksEndpoint *remote = g_task_propagate_pointer (G_TASK (result), error);

  if (remote == NULL)
    return FALSE;

  *out_remote = *remote;
  return TRUE;
}

static void
let_go (SocksEngine *self, guint64 ticket, SocksChangeReason reason)
{
  GTask *overtaken = supersede (self, ticket);

  socks_recovery_forget (self->recovery);
  socks_connection_let_go (self->connection, reason);
  answer_overtaken (overtaken);
}

/**
 * socks_engine_disconnect:
 * @self: an engine
 * @ticket: from socks_engine_take_ticket()
 *
 * Closes the port, resets every stream, forgets the choice and ends a Connect in flight;
 * socks_connection_settle_async() tells when all of it is gone. A disconnect that a newer
 * request has overtaken changes nothing.
 */
void
socks_engine_disconnect (SocksEngine *self, guint64 ticket)
{
  if (!is_overtaken (self, ticket))
    let_go (self, ticket, SOCKS_CHANGE_USER);
}

/**
 * socks_engine_shut_down:
 * @self: an engine
 *
 * The end: like a disconnect, but the choice stays remembered, and later requests get
 * %SOCKS_ERROR_CANCELLED.
 */
void
socks_engine_shut_down (SocksEngine *self)
{
  self->is_stopping = TRUE;
  let_go (self, socks_engine_take_ticket (self), SOCKS_CHANGE_SHUTDOWN);
}
