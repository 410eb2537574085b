/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One text file: read, watched, and changed one change after the other. It may be a link
 * to where somebody keeps it, which is watched as well; but where its folder is a link
 * that leads nowhere, what that leads to later is not seen. Main thread; writing waits
 * for the disk, and so is done in another. */

#include "model/text-file.h"

#include <stdlib.h>

#include "model/path-watch.h"

/* A file that is nowhere but in a circle of links is none. */
#define LINKS_MAX 8

struct _SocksTextFile
{
  GObject parent_instance;

  char *path;    /* (owned) */
  char *text;    /* (owned) */
  char *problem; /* (owned) (nullable): why it can't be read */

  /* (owned) (element-type SocksPathWatch): of the file, and where it leads as a link */
  GPtrArray *watches;

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
      if (g_strcmp0 (error->message, self->problem) != 0)
        g_warning ("%s", error->message);
      text = g_strdup ("");
    }
  g_free (self->problem);
  self->problem = error != NULL ? g_strdup (error->message) : NULL;
  if (g_strcmp0 (text, self->text) == 0)
    return;
  g_free (self->text);
  self->text = g_steal_pointer (&text);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* Where @path leads as a link; NULL for what is none. */
static char *
dup_target (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *real_folder = realpath (folder, NULL);
  g_autofree char *target = g_file_read_link (path, NULL);

  return target != NULL ? g_canonicalize_filename (target, real_folder) : NULL;
}

static void follow (SocksTextFile *self);

static void
seen_cb (SocksPathWatch *watch, SocksTextFile *self)
{
  follow (self);
  load (self);
}

/* Watches the file and, where it is a link, what it leads to. Each is watched before it is
 * looked at, so that nothing is missed. */
static void
follow (SocksTextFile *self)
{
  g_autofree char *path = g_strdup (self->path);
  guint n_watches = 0;

  while (path != NULL && n_watches < LINKS_MAX)
    {
      g_autofree char *target = NULL;

      if (n_watches == self->watches->len ||
          !g_str_equal (
              socks_path_watch_get_path (g_ptr_array_index (self->watches, n_watches)),
              path))
        {
          SocksPathWatch *watch = socks_path_watch_new (path);

          g_ptr_array_set_size (self->watches, (int) n_watches);
          g_ptr_array_add (self->watches, watch);
          g_signal_connect_object (watch, "seen", G_CALLBACK (seen_cb), self, 0);
        }
      n_watches++;
      target = dup_target (path);
      g_free (path);
      path = g_steal_pointer (&target);
    }
  g_ptr_array_set_size (self->watches, (int) n_watches);
}

static void
socks_text_file_finalize (GObject *object)
{
  SocksTextFile *self = SOCKS_TEXT_FILE (object);

  g_ptr_array_unref (self->watches);
  g_free (self->problem);
  g_free (self->text);
  g_free (self->path);

  G_OBJECT_CLASS (socks_text_file_parent_class)->finalize (object);
}

static void
socks_text_file_class_init (SocksTextFileClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_text_file_finalize;

  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_TEXT_FILE, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_text_file_init (SocksTextFile *self)
{
  self->watches = g_ptr_array_new_with_free_func (g_object_unref);
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
  follow (self);
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

/**
 * socks_text_file_is_changing:
 * @self: a file
 *
 * Returns: whether a change that was begun is not done yet
 */
gboolean
socks_text_file_is_changing (SocksTextFile *self)
{
  return !g_queue_is_empty (&self->edits);
}
