/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps a file of metrics: gathers the figures when they may have changed, at most every
 * 15 seconds, and writes them if they have. The file is there exactly while the service
 * runs: one that stayed would be read as news for ever. Main thread.
 *
 * What the engine does is told by signals. Bytes are not; so while there can be any the
 * figures are looked at every 15 seconds, as often as the remote is asked whether it is
 * well. With the port closed and the last stream gone there is no timer: a service that
 * does nothing does not wake up for its metrics either. */

#include "metrics/reporter.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "engine/pacer.h"
#include "metrics/figures.h"
#include "metrics/text-file.h"

#define INTERVAL_US (15 * G_USEC_PER_SEC)

struct _SocksReporter
{
  GObject parent_instance;

  SocksClock *clock;           /* (owned) */
  SocksConnection *connection; /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksRelay *relay;           /* (unowned): outlives the reporter */
  SocksFileKeeper *file;       /* (owned) */
  SocksPacer pacer;

  gint64 started_us; /* wall clock */
  guint64 n_failovers;
  char *text; /* (owned) (nullable): what the file is to hold now */
};

G_DEFINE_FINAL_TYPE (SocksReporter, socks_reporter, G_TYPE_OBJECT)

static void
gather (SocksReporter *self, SocksFigures *out_figures)
{
  SocksPeerTable *table = socks_sweeper_get_table (self->sweeper);

  *out_figures = (SocksFigures){
    .started_us = self->started_us,
    .state = socks_connection_get_status (self->connection)->state,
    .n_failovers = self->n_failovers,
    .last_sweep_us = socks_sweeper_get_last_sweep_us (self->sweeper),
    .sweep_duration_us = socks_sweeper_get_last_duration_us (self->sweeper),
  };
  for (guint status = 0; status < SOCKS_N_STATUSES; status++)
    out_figures->n_peers[status] = socks_peer_table_count (table, status);
  socks_relay_get_counters (self->relay, &out_figures->relay);
}

/* Whether there can be streams, now or before anyone tells. */
static gboolean
can_forward (SocksReporter *self, const SocksFigures *figures)
{
  SocksEndpoint local;

  return socks_relay_get_local (self->relay, &local) ||
         !socks_relay_is_settled (self->relay) || figures->relay.active_streams > 0;
}

static void
report (gpointer data)
{
  SocksReporter *self = data;
  SocksFigures figures;
  g_autofree char *text = NULL;

  gather (self, &figures);
  text = socks_figures_format (&figures);
  if (g_strcmp0 (text, self->text) != 0)
    {
      socks_file_keeper_write (self->file, g_strdup (text));
      g_free (self->text);
      self->text = g_steal_pointer (&text);
    }

  if (can_forward (self, &figures))
    socks_pacer_ask (&self->pacer);
}

static void
connection_changed_cb (SocksConnection *connection, gpointer data)
{
  SocksReporter *self = data;

  socks_pacer_ask (&self->pacer);
}

static void
remote_changed_cb (SocksConnection *connection,
                   const char *old_remote,
                   const char *new_remote,
                   guint reason,
                   gpointer data)
{
  SocksReporter *self = data;

  if (reason == SOCKS_CHANGE_FAILOVER)
    self->n_failovers++;
  socks_pacer_ask (&self->pacer);
}

static void
peers_changed_cb (SocksSweeper *sweeper, guint change, gpointer data)
{
  SocksReporter *self = data;

  if ((change & SOCKS_PEER_CHANGE_COUNTS) != 0)
    socks_pacer_ask (&self->pacer);
}

static void
swept_cb (SocksSweeper *sweeper, gpointer data)
{
  SocksReporter *self = data;

  socks_pacer_ask (&self->pacer);
}

static void
socks_reporter_dispose (GObject *object)
{
  SocksReporter *self = SOCKS_REPORTER (object);

  socks_pacer_clear (&self->pacer);
  if (self->file != NULL)
    socks_file_keeper_write (self->file, NULL /* contents: remove it */);
  g_clear_pointer (&self->file, socks_file_keeper_free);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->connection);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (socks_reporter_parent_class)->dispose (object);
}

static void
socks_reporter_finalize (GObject *object)
{
  SocksReporter *self = SOCKS_REPORTER (object);

  g_free (self->text);

  G_OBJECT_CLASS (socks_reporter_parent_class)->finalize (object);
}

static void
socks_reporter_class_init (SocksReporterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = socks_reporter_dispose;
  object_class->finalize = socks_reporter_finalize;
}

static void
socks_reporter_init (SocksReporter *self)
{
}

/**
 * socks_reporter_new:
 * @path: the file, whose name ends in “.prom”; one that is there is replaced
 * @clock: the time
 * @connection: what is so
 * @sweeper: who is known
 * @relay: what was forwarded; outlives the reporter
 *
 * Begins to write at once, and counts from now on. A file that can't be written is one
 * warning until it can again; it is tried again with the next change.
 *
 * The last reference removes the file and waits until it is gone.
 *
 * Returns: (transfer full): a new reporter
 */
SocksReporter *
socks_reporter_new (const char *path,
                    SocksClock *clock,
                    SocksConnection *connection,
                    SocksSweeper *sweeper,
                    SocksRelay *relay)
{
  SocksReporter *self = g_object_new (SOCKS_TYPE_REPORTER, NULL);

  self->clock = g_object_ref (clock);
  self->connection = g_object_ref (connection);
  self->sweeper = g_object_ref (sweeper);
  self->relay = relay;
  self->file = socks_file_keeper_new (&socks_text_file, path, "socks-metrics");
  self->started_us = socks_clock_get_wall_us (clock);
  socks_pacer_init (&self->pacer, clock, INTERVAL_US, report, self);

  g_signal_connect_object (connection, "changed", G_CALLBACK (connection_changed_cb), self,
                           0);
  g_signal_connect_object (connection, "remote-changed", G_CALLBACK (remote_changed_cb),
                           self, 0);
  g_signal_connect_object (sweeper, "peers-changed", G_CALLBACK (peers_changed_cb), self,
                           0);
  g_signal_connect_object (sweeper, "swept", G_CALLBACK (swept_cb), self, 0);
  socks_pacer_ask (&self->pacer);
  return self;
}

/**
 * socks_reporter_flush:
 * @self: a reporter
 *
 * Waits until what was reported stands in the file, or could not be written.
 */
void
socks_reporter_flush (SocksReporter *self)
{
  socks_file_keeper_flush (self->file);
}
