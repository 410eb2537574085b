/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One text file: read, watched, and changed one change after the other.
 *
 * It is watched by way of its folder, since whoever changes it well puts another file in
 * its place. GLib looks every few seconds for a folder that is not there; so the nearest
 * one above that is there is watched in its place, until the next one down appears. A
 * file that is written in place is read when it is closed, not while it is half there.
 *
 * Writing waits for the disk, and so does not do it in the main thread.
 */

#include "model/text-file.h"

struct _SocksTextFile
{
  GObject parent_instance;

  char *path; /* (owned) */
  char *text; /* (owned) */

  GFileMonitor *monitor; /* (owned) (nullable): of a folder */
  char *awaited;         /* (owned): what is looked for in it, the file or a folder */
  gboolean is_file;      /* the former */

  GQueue edits; /* of (owned) GTask: the first is under way */
};

G_DEFINE_FINAL_TYPE (SocksTextFile, socks_text_file, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

typedef struct
{
  char *path; /* (owned) */
  SocksTextEdit edit;
  gpointer data;            /* (owned) */
  GDestroyNotify free_data; /* (nullable) */
} Edit;

static void
edit_free (gpointer data)
{
  Edit *edit = data;

  if (edit->free_data != NULL)
    edit->free_data (edit->data);
  g_free (edit->path);
  g_free (edit);
}

static void
load (SocksTextFile *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = socks_small_text_read (self->path, &error);

  if (text == NULL)
    {
      g_warning ("%s", error->message);
      text = g_strdup ("");
    }
  if (g_strcmp0 (text, self->text) == 0)
    return;
  g_free (self->text);
  self->text = g_steal_pointer (&text);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void watch (SocksTextFile *self);

static gboolean
is_awaited (SocksTextFile *self, GFile *file)
{
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;

  return g_strcmp0 (name, self->awaited) == 0;
}

static void
event_cb (GFileMonitor *monitor,
          GFile *file,
          GFile *other_file,
          GFileMonitorEvent event,
          SocksTextFile *self)
{
  g_autoptr (SocksTextFile) alive G_GNUC_UNUSED = g_object_ref (self);

  /* What is written in place is there when it is closed. */
  if (self->is_file &&
      (event == G_FILE_MONITOR_EVENT_CHANGED || event == G_FILE_MONITOR_EVENT_CREATED ||
       event == G_FILE_MONITOR_EVENT_ATTRIBUTE_CHANGED))
    return;
  if (is_awaited (self, file) || is_awaited (self, other_file))
    {
      if (!self->is_file)
        watch (self);
      load (self);
    }
  else if (event == G_FILE_MONITOR_EVENT_DELETED &&
           !g_file_test (self->path, G_FILE_TEST_EXISTS))
    {
      /* Perhaps the folder itself. */
      watch (self);
      load (self);
    }
}

static void
stop_watching (SocksTextFile *self)
{
  if (self->monitor == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->monitor, event_cb, self);
  g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
}

/* Lets @awaited, the file or a folder above it, be watched for. */
static void
watch_for (SocksTextFile *self, const char *awaited)
{
  g_autofree char *folder = g_path_get_dirname (awaited);
  g_autoptr (GFile) place = g_file_new_for_path (folder);
  g_autoptr (GError) error = NULL;

  stop_watching (self);
  self->is_file = g_str_equal (awaited, self->path);
  g_free (self->awaited);
  self->awaited = g_path_get_basename (awaited);
  self->monitor = g_file_monitor_directory (place, G_FILE_MONITOR_WATCH_MOVES,
                                            NULL /* cancellable */, &error);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (event_cb), self, 0);
  else
    /* It is still read when the program starts. */
    g_debug ("%s can't be watched: %s", folder, error->message);
}

/* Watches the folder, or the nearest one above that is there. */
static void
watch (SocksTextFile *self)
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
  while (!self->is_file && g_file_test (awaited, G_FILE_TEST_IS_DIR));
}

static void
socks_text_file_dispose (GObject *object)
{
  SocksTextFile *self = SOCKS_TEXT_FILE (object);

  stop_watching (self);

  G_OBJECT_CLASS (socks_text_file_parent_class)->dispose (object);
}

static void
socks_text_file_finalize (GObject *object)
{
  SocksTextFile *self = SOCKS_TEXT_FILE (object);

  g_free (self->awaited);
  g_free (self->text);
  g_free (self->path);

  G_OBJECT_CLASS (socks_text_file_parent_class)->finalize (object);
}

static void
socks_text_file_class_init (SocksTextFileClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_text_file_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_text_file_finalize;

  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_TEXT_FILE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_text_file_init (SocksTextFile *self)
{
  g_queue_init (&self->edits);
}

/**
 * socks_text_file_new:
 * @path: where it is, or may be later
 *
 * Returns: (transfer full): the file, read and watched
 */
SocksTextFile *
socks_text_file_new (const char *path)
{
  SocksTextFile *self = g_object_new (SOCKS_TYPE_TEXT_FILE, NULL);

  self->path = g_canonicalize_filename (path, NULL /* the current directory */);
  watch (self);
  load (self);
  return self;
}

/**
 * socks_text_file_get_path:
 * @self: a file
 *
 * Returns: (transfer none): where it is
 */
const char *
socks_text_file_get_path (SocksTextFile *self)
{
  return self->path;
}

/**
 * socks_text_file_get_text:
 * @self: a file
 *
 * Returns: (transfer none): what is in it; until the main loop runs
 */
const char *
socks_text_file_get_text (SocksTextFile *self)
{
  return self->text;
}

static void
edit_thread (GTask *task, gpointer self, gpointer data, GCancellable *cancellable)
{
  Edit *edit = data;
  GError *error = NULL;

  if (!socks_small_text_change (edit->path, edit->edit, edit->data, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void begin_first_edit (SocksTextFile *self);

static void
edited_cb (GObject *object, GAsyncResult *result, gpointer data)
{
  SocksTextFile *self = SOCKS_TEXT_FILE (object);
  g_autoptr (GTask) task = data;
  g_autoptr (GTask) first G_GNUC_UNUSED = g_queue_pop_head (&self->edits);
  GError *error = NULL;

  if (!g_queue_is_empty (&self->edits))
    begin_first_edit (self);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  /* The folder may be new. */
  if (!self->is_file)
    watch (self);
  load (self);
  g_task_return_boolean (task, TRUE);
}

static void
begin_first_edit (SocksTextFile *self)
{
  g_task_run_in_thread (g_queue_peek_head (&self->edits), edit_thread);
}

/**
 * socks_text_file_edit_async:
 * @self: a file
 * @edit: makes the change
 * @data: for @edit
 * @free_data: (nullable): frees @data
 * @callback: called when it is done; by then the text is the new one
 * @user_data: for @callback
 *
 * Changes the file, after the changes that were begun before. The folder is made where
 * there is none.
 */
void
socks_text_file_edit_async (SocksTextFile *self,
                            SocksTextEdit edit,
                            gpointer data,
                            GDestroyNotify free_data,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, NULL /* cancellable */, callback, user_data);
  GTask *work = g_task_new (self, NULL /* cancellable */, edited_cb, task);
  Edit *order = g_new0 (Edit, 1);

  order->path = g_strdup (self->path);
  order->edit = edit;
  order->data = data;
  order->free_data = free_data;
  g_task_set_source_tag (task, socks_text_file_edit_async);
  g_task_set_source_tag (work, socks_text_file_edit_async);
  g_task_set_task_data (work, order, edit_free);
  g_queue_push_tail (&self->edits, work);
  if (g_queue_get_length (&self->edits) == 1)
    begin_first_edit (self);
}

/**
 * socks_text_file_edit_finish:
 * @self: a file
 * @result: what the callback was given
 * @error: return location for a #GFileError
 *
 * Returns: whether it is changed; nothing is otherwise
 */
gboolean
socks_text_file_edit_finish (SocksTextFile *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
