/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds the service from its parts, and orders its start and its stop:
 *
 *   start   parts ▶ bus ▶ object ▶ name ▶ metrics, the former choice, probing
 *   stop    no remote, no probing ▶ callers answered ▶ streams gone ▶ bus flushed ▶ exit
 *
 * Nothing is probed, bound, remembered or reported before the bus name is ours, so that a
 * second instance leaves the first one alone. Main thread. */

#include "config.h"

#include "daemon.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "bus/polkit-authority.h"
#include "bus/socks-object.h"
#include "bus/turnstile.h"
#include "core/error.h"
#include "engine/static-peers.h"
#include "engine/tcp-prober.h"
#include "metrics/reporter.h"

/* Descriptors for all that is neither stream, nor probe, nor pipe: logs, bus, node. */
#define OTHER_DESCRIPTORS 64

/* A pool of 64 pipes for each of at most 4 automatic workers. */
#define PIPE_DESCRIPTORS_PER_WORKER (64 * 2)
#define AUTOMATIC_WORKERS_MAX 4

/* Closing thousands of streams takes milliseconds; whatever takes longer than this must
 * not keep the machine from going down. */
#define STOP_TIMEOUT_MS 800

typedef struct
{
  SocksSettings *settings; /* (unowned) */
  GMainLoop *loop;         /* (owned) */
  int exit_code;
  gboolean is_stopping;

  SocksClock *clock;           /* (owned) */
  SocksRelay *relay;           /* (owned) */
  SocksProber *prober;         /* (owned) */
  SocksNodeClient *node;       /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksMemory *memory;         /* (owned) (nullable): nothing is to be remembered */
  SocksConnection *connection; /* (owned) */
  SocksEngine *engine;         /* (owned) */
  SocksChecker *checker;       /* (owned) */

  GDBusConnection *bus;        /* (owned) */
  SocksGatekeeper *gatekeeper; /* (owned) */
  SocksObject *object;         /* (owned) */
  guint name_id;
  gboolean has_name;

  SocksReporter *reporter; /* (owned) (nullable): without the name, or no file is wanted */
} Daemon;

/* As many streams as the descriptors allow, at most as many as configured. */
static guint
get_stream_limit (const SocksSettings *settings)
{
  struct rlimit limit;
  rlim_t workers = settings->n_threads != 0
                       ? settings->n_threads
                       : MIN (g_get_num_processors (), AUTOMATIC_WORKERS_MAX);
  rlim_t reserved = OTHER_DESCRIPTORS + settings->parallel_probes +
                    workers * PIPE_DESCRIPTORS_PER_WORKER;
  rlim_t streams;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0)
    return settings->max_connections;

  /* The soft limit is low for the sake of select(), which is not used here. */
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);

  streams = limit.rlim_cur > reserved ? (limit.rlim_cur - reserved) / 2 : 1;
  if (streams >= settings->max_connections)
    return settings->max_connections;

  g_warning ("The descriptor limit of %" G_GUINT64_FORMAT " allows %" G_GUINT64_FORMAT
             " connections instead of %u; raise LimitNOFILE= or lower Connections=, "
             "Parallel= or Threads=",
             (guint64) limit.rlim_cur, (guint64) streams, settings->max_connections);
  return (guint) streams;
}

static char *
get_memory_path (void)
{
  const char *directories = g_getenv ("STATE_DIRECTORY");
  g_auto (GStrv) first = NULL;

  if (directories == NULL || *directories == '\0')
    directories = "/var/lib/mycelium-socks";
  first = g_strsplit (directories, ":", 2);
  return g_build_filename (first[0], "selection", NULL);
}

static gboolean
build_engine (Daemon *self, GError **error)
{
  SocksSettings *settings = self->settings;
  g_autoptr (SocksPeerSource) static_peers = NULL;
  g_autofree char *memory_path = get_memory_path ();
  SocksRelayOptions options = {
    .n_workers = settings->n_threads,
    .max_streams = get_stream_limit (settings),
    .local_only = settings->listen_local_only,
    .admitted = (const SocksPrefix *) (gpointer) settings->allow_from->data,
    .n_admitted = settings->allow_from->len,
  };
  int result;

  self->clock = socks_real_clock_new ();
  self->prober = socks_tcp_prober_new (
      (gint64) settings->probe_timeout_s * G_USEC_PER_SEC, error);
  if (self->prober == NULL)
    return FALSE;

  result = socks_relay_new (&options, &self->relay);
  if (result < 0)
    {
      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_FAILED,
                   "The relay could not be started: %s", g_strerror (-result));
      return FALSE;
    }

  self->node = socks_node_client_new (settings->node_url, settings->probe_port);
  static_peers = SOCKS_PEER_SOURCE (socks_static_peers_new (
      settings->static_peers, settings->listen_address.port));
  self->sweeper = socks_sweeper_new (self->clock, self->prober, settings->probe_interval_s,
                                     settings->parallel_probes);
  socks_sweeper_add_source (self->sweeper, static_peers);
  socks_sweeper_add_source (self->sweeper, SOCKS_PEER_SOURCE (self->node));

  if (settings->restore)
    self->memory = socks_memory_new (memory_path);
  self->connection = socks_connection_new (settings, self->clock, self->prober,
                                           self->sweeper, self->relay, self->memory);
  self->engine = socks_engine_new (settings, self->clock, self->prober, self->sweeper,
                                   self->node, self->connection);
  self->checker = socks_checker_new (settings, self->clock, self->node, self->connection,
                                     self->relay);
  return TRUE;
}

static void
quit (gpointer data)
{
  Daemon *self = data;

  g_main_loop_quit (self->loop);
}

static void
flushed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result,
                                  NULL /* error: the bus may be gone */);
  quit (data);
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Daemon *self = data;

  socks_connection_settle_finish (SOCKS_CONNECTION (source), result);
  g_dbus_connection_flush (self->bus, NULL /* cancellable */, flushed_cb, self);
}

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Daemon *self = data;

  socks_gatekeeper_close_finish (SOCKS_GATEKEEPER (source), result);
  socks_connection_settle_async (self->connection, settled_cb, self);
}

static void
stop (Daemon *self, int exit_code)
{
  if (self->is_stopping)
    return;
  self->is_stopping = TRUE;
  self->exit_code = exit_code;

  /* The engine first: a Connect that waits for a sweep is not to be told that there will be
   * none. */
  socks_engine_shut_down (self->engine);
  socks_sweeper_set_probing (self->sweeper, FALSE);
  socks_gatekeeper_close_async (self->gatekeeper, closed_cb, self);
  g_timeout_add_once (STOP_TIMEOUT_MS, quit, self);
}

static gboolean
terminated_cb (gpointer data)
{
  g_message ("Asked to stop");
  stop (data, EXIT_SUCCESS);
  return G_SOURCE_CONTINUE;
}

static void
bus_closed_cb (GDBusConnection *bus,
               gboolean remote_peer_vanished,
               GError *error,
               gpointer data)
{
  Daemon *self = data;

  if (self->is_stopping)
    return;
  g_warning ("The connection to the system bus is lost");
  stop (self, EXIT_FAILURE);
}

static void
name_acquired_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  Daemon *self = data;
  SocksEndpoint remote = { 0 };
  SocksSelection selection;

  /* It was on its way. What begins now would not end in order. */
  if (self->is_stopping)
    return;
  self->has_name = TRUE;
  g_message ("mycelium-socksd %s is ready", PACKAGE_VERSION);

  if (self->settings->metrics_path != NULL)
    self->reporter =
        socks_reporter_new (self->settings->metrics_path, self->clock, self->connection,
                            self->sweeper, self->relay);

  selection = self->memory != NULL ? socks_memory_load (self->memory, &remote)
                                   : SOCKS_SELECTION_NONE;
  socks_engine_restore (self->engine, selection, &remote);
  if (self->settings->probing_enabled)
    socks_sweeper_set_probing (self->sweeper, TRUE);
}

static void
name_lost_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  Daemon *self = data;

  if (self->is_stopping || g_dbus_connection_is_closed (self->bus))
    return;
  if (self->has_name)
    g_warning ("The bus name %s is lost", name);
  else
    g_warning ("The bus name %s can't be had: another instance runs, or the bus policy "
               "does not let this user own it",
               name);
  stop (self, EXIT_FAILURE);
}

static gboolean
build_face (Daemon *self, GError **error)
{
  g_autoptr (SocksAuthority) authority = NULL;

  self->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL /* cancellable */, error);
  if (self->bus == NULL)
    {
      g_prefix_error (error, "The system bus can't be reached: ");
      return FALSE;
    }
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  socks_turnstile_install (self->bus);
  g_signal_connect (self->bus, "closed", G_CALLBACK (bus_closed_cb), self);

  authority = socks_polkit_authority_new (self->bus);
  self->gatekeeper = socks_gatekeeper_new (authority, self->clock);
  self->object =
      socks_object_new (self->settings, self->clock, self->engine, self->connection,
                        self->sweeper, self->node, self->relay, self->checker,
                        self->gatekeeper);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->object),
                                         self->bus, SOCKS_OBJECT_PATH, error))
    return FALSE;

  self->name_id = g_bus_own_name_on_connection (
      self->bus, SOCKS_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, name_acquired_cb,
      name_lost_cb, self, NULL /* free */);
  return TRUE;
}

static void
clear (Daemon *self)
{
  g_clear_handle_id (&self->name_id, g_bus_unown_name);
  if (self->object != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->object));
  g_clear_object (&self->object);
  g_clear_object (&self->gatekeeper);
  if (self->bus != NULL)
    g_signal_handlers_disconnect_by_data (self->bus, self);
  g_clear_object (&self->bus);

  g_clear_object (&self->reporter);
  g_clear_object (&self->checker);
  g_clear_object (&self->engine);
  g_clear_object (&self->connection);
  if (self->memory != NULL)
    socks_memory_flush (self->memory);
  g_clear_object (&self->memory);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->node);
  g_clear_object (&self->prober);
  g_clear_pointer (&self->relay, socks_relay_free);
  g_clear_object (&self->clock);
  g_main_loop_unref (self->loop);
}

/**
 * socks_daemon_run:
 * @settings: the configuration
 *
 * Runs the service on the system bus until it is told to stop, by SIGTERM or SIGINT, or
 * the bus or the bus name is lost. To be called once, in the main thread, with SIGPIPE
 * ignored.
 *
 * Returns: the exit code: `EXIT_SUCCESS` when it was told to stop
 */
int
socks_daemon_run (SocksSettings *settings)
{
  Daemon self = { .settings = settings, .exit_code = EXIT_SUCCESS };
  g_autoptr (GError) error = NULL;

  self.loop = g_main_loop_new (NULL /* default context */, FALSE);
  g_unix_signal_add (SIGTERM, terminated_cb, &self);
  g_unix_signal_add (SIGINT, terminated_cb, &self);

  if (build_engine (&self, &error) && build_face (&self, &error))
    g_main_loop_run (self.loop);
  else
    {
      g_printerr ("mycelium-socksd: %s\n", error->message);
      self.exit_code = EXIT_FAILURE;
    }

  clear (&self);
  g_message ("Stopped");
  return self.exit_code;
}
