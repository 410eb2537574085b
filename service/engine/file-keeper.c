/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A file that is always to hold the newest of what was told, see #SocksFileKeeper. What
 * the file is for, how it is written and what is logged is its owner's.
 *
 * Writing takes a thread because a disk can take seconds. It and the main thread share
 * one slot, `waiting`, that holds at most one job: a newer one takes the place of one
 * that was not begun. */

#include "engine/file-keeper.h"

#include <errno.h>

typedef struct
{
  char *contents; /* (owned) (nullable): of the file; %NULL to remove it */
} Job;

struct _SocksFileKeeper
{
  const SocksFileKind *kind; /* (unowned) */
  char *path;                /* (owned) */
  GThread *writer;           /* (owned) */

  GMutex mutex;  /* guards all that follows */
  GCond changed; /* signalled when any of it does */
  Job *waiting;  /* (owned) (nullable): to be done next */
  gboolean is_writing;
  gboolean is_ending; /* the writer goes home when nothing is waiting */
};

static void
job_free (Job *job)
{
  g_free (job->contents);
  g_free (job);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Job, job_free)

/* Tells when writing begins to fail, and when it succeeds again. */
static gpointer
writer_thread (gpointer data)
{
  SocksFileKeeper *self = data;
  gboolean is_failing = FALSE;

  g_mutex_lock (&self->mutex);
  for (;;)
    {
      g_autoptr (Job) job = NULL;
      g_autoptr (GError) error = NULL;

      while (self->waiting == NULL && !self->is_ending)
        g_cond_wait (&self->changed, &self->mutex);
      if (self->waiting == NULL)
        break;
      job = g_steal_pointer (&self->waiting);
      self->is_writing = TRUE;
      g_mutex_unlock (&self->mutex);

      self->kind->write (self->path, job->contents, &error);
      /* That a file could be removed says nothing about writing one. */
      if (is_failing ? error == NULL && job->contents != NULL : error != NULL)
        {
          self->kind->tell (self->path, error);
          is_failing = !is_failing;
        }

      g_mutex_lock (&self->mutex);
      self->is_writing = FALSE;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

/**
 * socks_file_keeper_new:
 * @kind: how the file is written; must outlive the keeper
 * @path: the file, which need not exist
 * @thread_name: of the thread that writes
 *
 * Nothing is written yet.
 *
 * Returns: (transfer full): a new keeper
 */
SocksFileKeeper *
socks_file_keeper_new (const SocksFileKind *kind,
                       const char *path,
                       const char *thread_name)
{
  SocksFileKeeper *self = g_new0 (SocksFileKeeper, 1);

  self->kind = kind;
  self->path = g_strdup (path);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->writer = g_thread_new (thread_name, writer_thread, self);
  return self;
}

/**
 * socks_file_keeper_free:
 * @self: (transfer full): a keeper
 *
 * Waits for the last job, as socks_file_keeper_flush() does.
 */
void
socks_file_keeper_free (SocksFileKeeper *self)
{
  g_mutex_lock (&self->mutex);
  self->is_ending = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->writer);

  g_cond_clear (&self->changed);
  g_mutex_clear (&self->mutex);
  g_free (self->path);
  g_free (self);
}

/**
 * socks_file_keeper_get_path:
 * @self: a keeper
 *
 * Returns: (transfer none): where its file is
 */
const char *
socks_file_keeper_get_path (SocksFileKeeper *self)
{
  return self->path;
}

/**
 * socks_file_keeper_write:
 * @self: a keeper
 * @contents: (transfer full) (nullable): what the file is to hold; %NULL to remove it
 *
 * Returns at once. Jobs are done in the order of the calls, and one that is overtaken by
 * the next before it was begun is left out, so that the newest always stands in the end.
 *
 * A failure is told once for all jobs until one succeeds; it is not tried again by itself.
 */
void
socks_file_keeper_write (SocksFileKeeper *self, char *contents)
{
  g_autoptr (Job) job = g_new0 (Job, 1);
  g_autoptr (Job) overtaken = NULL;

  job->contents = contents;
  g_mutex_lock (&self->mutex);
  overtaken = g_steal_pointer (&self->waiting);
  self->waiting = g_steal_pointer (&job);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/**
 * socks_file_keeper_flush:
 * @self: a keeper
 *
 * Waits until the last job is done or has failed, as long as the disk takes.
 */
void
socks_file_keeper_flush (SocksFileKeeper *self)
{
  g_mutex_lock (&self->mutex);
  while (self->waiting != NULL || self->is_writing)
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

/**
 * socks_file_set_errno_error:
 * @error: return location for a #GFileError that says what `errno` does
 *
 * For whoever writes a file.
 *
 * Returns: %FALSE
 */
gboolean
socks_file_set_errno_error (GError **error)
{
  int error_number = errno;

  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (error_number),
                       g_strerror (error_number));
  return FALSE;
}
