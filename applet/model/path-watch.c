/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Watches one path by way of its folder, since whoever changes a file well puts another in
 * its place. GLib looks every few seconds for a folder that is not there; so the nearest
 * one above that is there is watched in its place, until the next one down appears. A
 * file that is written in place is seen when it is closed, not while it is half there.
 *
 * A link is watched as such, and what it leads to is not. Main thread. */

#include "model/path-watch.h"

struct _SocksPathWatch
{
  GObject parent_instance;

  char *path;            /* (owned) */
  GFile *folder;         /* (owned): that of the path, or the nearest above */
  GFileMonitor *monitor; /* (owned) (nullable): of it */
  GFile *awaited;        /* (owned): what is looked for in it, the path or a folder */
  gboolean is_last;      /* the former */
};

G_DEFINE_FINAL_TYPE (SocksPathWatch, socks_path_watch, G_TYPE_OBJECT)

enum
{
  SEEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* What is written in place is there when it is closed. A link is there at once. */
static gboolean
is_half_there (SocksPathWatch *self, GFileMonitorEvent event)
{
  return self->is_last &&
         (event == G_FILE_MONITOR_EVENT_CHANGED ||
          event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED ||
          (event == G_FILE_MONITOR_EVENT_CREATED &&
           !g_file_test (self->path, G_FILE_TEST_IS_SYMLINK)));
}

static void watch (SocksPathWatch *self);

static void
event_cb (GFileMonitor *monitor,
          GFile *file,
          GFile *other_file,
          GFileMonitorEvent event,
          SocksPathWatch *self)
{
  gboolean is_there = g_file_equal (file, self->awaited) ||
                      (other_file != NULL && g_file_equal (other_file, self->awaited));
  gboolean is_gone =
      event == G_FILE_MONITOR_EVENT_DELETED && g_file_equal (file, self->folder);

  if (is_half_there (self, event) || (!is_there && !is_gone))
    return;
  if (is_gone || !self->is_last)
    watch (self);
  g_signal_emit (self, signals[SEEN], 0);
}

static void
stop_watching (SocksPathWatch *self)
{
  if (self->monitor != NULL)
    {
      g_signal_handlers_disconnect_by_func (self->monitor, event_cb, self);
      g_file_monitor_cancel (self->monitor);
    }
  g_clear_object (&self->monitor);
  g_clear_object (&self->folder);
  g_clear_object (&self->awaited);
}

/* Lets @awaited, the path or a folder above it, be watched for. */
static void
watch_for (SocksPathWatch *self, const char *awaited)
{
  g_autoptr (GError) error = NULL;

  stop_watching (self);
  self->is_last = g_str_equal (awaited, self->path);
  self->awaited = g_file_new_for_path (awaited);
  self->folder = g_file_get_parent (self->awaited);
  self->monitor = g_file_monitor_directory (self->folder, G_FILE_MONITOR_WATCH_MOVES,
                                            NULL /* cancellable */, &error);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (event_cb), self, 0);
  else
    /* It is still read when the program starts. */
    g_debug ("%s can't be watched: %s", awaited, error->message);
}

/* Watches the folder, or the nearest one above that is there. */
static void
watch (SocksPathWatch *self)
{
  g_autofree char *awaited = NULL;

  do
    {
      g_autofree char *folder = g_path_get_dirname (self->path);

      g_free (awaited);
      awaited = g_strdup (self->path);
      while (!g_file_test (folder, G_FILE_TEST_IS_DIR))
        {
          g_free (awaited);
          awaited = g_steal_pointer (&folder);
          folder = g_path_get_dirname (awaited);
        }
      watch_for (self, awaited);
    }
  /* It may have come before it was watched for. */
  while (!self->is_last && g_file_test (awaited, G_FILE_TEST_IS_DIR));
}

static void
socks_path_watch_dispose (GObject *object)
{
  SocksPathWatch *self = SOCKS_PATH_WATCH (object);

  stop_watching (self);

  G_OBJECT_CLASS (socks_path_watch_parent_class)->dispose (object);
}

static void
socks_path_watch_finalize (GObject *object)
{
  SocksPathWatch *self = SOCKS_PATH_WATCH (object);

  g_free (self->path);

  G_OBJECT_CLASS (socks_path_watch_parent_class)->finalize (object);
}

static void
socks_path_watch_class_init (SocksPathWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_path_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_path_watch_finalize;

  signals[SEEN] = g_signal_new ("seen", SOCKS_TYPE_PATH_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_path_watch_init (SocksPathWatch *self)
{
}

/**
 * socks_path_watch_new:
 * @path: an absolute path; it need not be there
 *
 * Returns: (transfer full): a watch, which sees all that happens from now on
 */
SocksPathWatch *
socks_path_watch_new (const char *path)
{
  SocksPathWatch *self = g_object_new (SOCKS_TYPE_PATH_WATCH, NULL);

  self->path = g_strdup (path);
  watch (self);
  return self;
}

/**
 * socks_path_watch_get_path:
 * @self: a watch
 *
 * Returns: (transfer none): what it watches
 */
const char *
socks_path_watch_get_path (SocksPathWatch *self)
{
  return self->path;
}
