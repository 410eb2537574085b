/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Brings back what was chosen, when nobody is asked: after a restart of the service what
 * a former run had chosen, and when an automatic remote is lost, a successor or the lost
 * one itself. A request of a user comes first: it pauses this, and either makes it
 * needless or lets it go on. Main thread. */

#include "engine/recovery.h"

#include "core/error.h"
#include "engine/race.h"
#include "engine/search.h"

/* Between two tries to open the port that another program holds. */
#define PORT_RETRY_US (10 * G_USEC_PER_SEC)

struct _SocksRecovery
{
  GObject parent_instance;

  SocksClock *clock;           /* (owned) */
  SocksProber *prober;         /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksNodeClient *node;       /* (owned) (nullable) */
  SocksConnection *connection; /* (owned) */

  SocksSelection restored; /* what is to be taken up again; NONE: nothing is */
  gboolean has_restored_remote;
  SocksEndpoint restored_remote;

  gboolean is_paused;   /* a request comes first */
  GCancellable *search; /* (owned) (nullable): what is being tried */
  guint port_retry_id;  /* 0: not due */
};

G_DEFINE_FINAL_TYPE (SocksRecovery, socks_recovery, G_TYPE_OBJECT)

static void
port_retry_cb (gpointer data)
{
  SocksRecovery *self = data;

  self->port_retry_id = 0;
  socks_recovery_go_on (self);
}

static void
adopt (SocksRecovery *self, SocksSelection selection, const SocksEndpoint *remote)
{
  g_autoptr (GError) error = NULL;
  SocksChangeReason reason = self->restored != SOCKS_SELECTION_NONE
                                 ? SOCKS_CHANGE_RESTORED
                                 : SOCKS_CHANGE_FAILOVER;

  if (socks_connection_adopt (self->connection, selection, remote, reason, &error))
    {
      self->restored = SOCKS_SELECTION_NONE;
      return;
    }
  if (self->port_retry_id == 0)
    self->port_retry_id =
        socks_clock_call_after (self->clock, PORT_RETRY_US, port_retry_cb, self);
  socks_connection_set_last_error (self->connection, error);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksRecovery) self = data;
  g_autoptr (GError) error = NULL;
  SocksEndpoint found;
  gboolean is_found = socks_search_finish (result, &found, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->search);
  if (is_found)
    adopt (self, SOCKS_SELECTION_AUTOMATIC, &found);
  else
    {
      /* Nobody can follow the lost remote. From now on it takes part itself. */
      socks_connection_refuse (self->connection, error);
      socks_recovery_go_on (self);
    }
}

static void
search (SocksRecovery *self, SocksPatience patience, gboolean remote_runs)
{
  const SocksEndpoint *remote = self->restored == SOCKS_SELECTION_NONE
                                    ? socks_connection_get_remote (self->connection)
                                : self->has_restored_remote ? &self->restored_remote
                                                            : NULL;

  self->search = g_cancellable_new ();
  socks_search_async (self->prober, self->clock, self->sweeper, self->node, patience,
                      remote, remote_runs, self->search, found_cb, g_object_ref (self));
}

/* What a former run had chosen automatically was asked whether it still answers. */
static void
remembered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksRecovery) self = data;
  g_autoptr (GError) error = NULL;
  SocksEndpoint remote;
  gboolean is_well = socks_race_finish (result, &remote, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->search);
  if (is_well)
    adopt (self, SOCKS_SELECTION_AUTOMATIC, &remote);
  else
    socks_recovery_go_on (self);
}

static void
lost_cb (SocksConnection *connection, gpointer data)
{
  SocksRecovery *self = data;

  if (!self->is_paused)
    socks_recovery_go_on (self);
}

static void
socks_recovery_dispose (GObject *object)
{
  SocksRecovery *self = SOCKS_RECOVERY (object);

  if (self->clock != NULL)
    socks_recovery_pause (self);
  g_clear_object (&self->connection);
  g_clear_object (&self->node);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->prober);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_recovery_parent_class)->dispose (object);
}

static void
socks_recovery_class_init (SocksRecoveryClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_recovery_dispose;
}

static void
socks_recovery_init (SocksRecovery *self)
{
}

/**
 * socks_recovery_new:
 * @clock: the time
 * @prober: who asks
 * @sweeper: who knows the peers
 * @node: (nullable): the Mycelium node, for error messages
 * @connection: what is so
 *
 * Returns: (transfer full): a recovery of nothing yet; it starts by itself when
 *   @connection loses an automatic remote
 */
SocksRecovery *
socks_recovery_new (SocksClock *clock,
                    SocksProber *prober,
                    SocksSweeper *sweeper,
                    SocksNodeClient *node,
                    SocksConnection *connection)
{
  SocksRecovery *self = g_object_new (SOCKS_TYPE_RECOVERY, NULL);

  self->clock = g_object_ref (clock);
  self->prober = g_object_ref (prober);
  self->sweeper = g_object_ref (sweeper);
  g_set_object (&self->node, node);
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "lost", G_CALLBACK (lost_cb), self, 0);
  return self;
}

/**
 * socks_recovery_restore:
 * @self: a recovery that has done nothing yet
 * @selection: what a former run had chosen; not %SOCKS_SELECTION_NONE
 * @remote: (nullable): the remote then, or %NULL with %SOCKS_SELECTION_AUTOMATIC where
 *   that is not to be had; copied
 *
 * Takes it up again: a manual remote at once, an automatic one if it answers, else the
 * winner of a race, again and again until there is one. The automatic one takes part in
 * these races: where probing is off, nobody else may be known.
 */
void
socks_recovery_restore (SocksRecovery *self,
                        SocksSelection selection,
                        const SocksEndpoint *remote)
{
  self->restored = selection;
  self->has_restored_remote = remote != NULL;
  if (remote != NULL)
    self->restored_remote = *remote;
  socks_connection_set_searching (self->connection, TRUE);

  if (selection == SOCKS_SELECTION_MANUAL)
    {
      adopt (self, SOCKS_SELECTION_MANUAL, remote);
      return;
    }
  self->search = g_cancellable_new ();
  socks_race_async (self->prober, self->clock, remote,
                    remote != NULL ? 1 : 0 /* n_candidates */, self->search,
                    remembered_cb, g_object_ref (self));
}

/**
 * socks_recovery_is_restoring:
 * @self: a recovery
 *
 * Returns: whether what a former run had chosen is still to be taken up again
 */
gboolean
socks_recovery_is_restoring (SocksRecovery *self)
{
  return self->restored != SOCKS_SELECTION_NONE;
}

/**
 * socks_recovery_pause:
 * @self: a recovery
 *
 * Tries nothing until socks_recovery_go_on(): a request comes first.
 */
void
socks_recovery_pause (SocksRecovery *self)
{
  g_autoptr (GCancellable) running = g_steal_pointer (&self->search);

  self->is_paused = TRUE;
  socks_clock_clear (self->clock, &self->port_retry_id);
  if (running != NULL)
    g_cancellable_cancel (running);
}

/**
 * socks_recovery_go_on:
 * @self: a recovery
 *
 * Does whatever is to be done now, which may be nothing.
 */
void
socks_recovery_go_on (SocksRecovery *self)
{
  self->is_paused = FALSE;
  if (self->search != NULL)
    return;

  if (self->restored == SOCKS_SELECTION_MANUAL)
    adopt (self, SOCKS_SELECTION_MANUAL, &self->restored_remote);
  else if (self->restored == SOCKS_SELECTION_AUTOMATIC)
    search (self, SOCKS_PATIENCE_UNTIL_FOUND, TRUE /* remote_runs */);
  else if (!socks_connection_is_remote_lost (self->connection))
    return;
  else if (socks_connection_get_status (self->connection)->state == SOCKS_STATE_FAILING)
    search (self, SOCKS_PATIENCE_UNTIL_FOUND, TRUE /* remote_runs */);
  else
    search (self, SOCKS_PATIENCE_ONE_RACE, FALSE /* remote_runs */);
}

/**
 * socks_recovery_forget:
 * @self: a recovery
 *
 * What was chosen before does not matter any more: a request has had its way.
 */
void
socks_recovery_forget (SocksRecovery *self)
{
  socks_recovery_pause (self);
  self->restored = SOCKS_SELECTION_NONE;
  self->is_paused = FALSE;
}
