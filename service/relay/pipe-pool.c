/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pipes of one worker, made when first needed and used again. A pipe is lent from the
 * first byte spliced into it until the last is out, so even thousands of bulk streams
 * hold a pipe only while their sink is blocked; where all are lent, the borrower copies
 * instead. Used by the worker's thread alone. */

#include "relay/pipe-pool.h"

#include <fcntl.h>
#include <unistd.h>

/* Unprivileged processes may ask for up to /proc/sys/fs/pipe-max-size, by default 1 MiB,
 * and for /proc/sys/fs/pipe-user-pages-soft, by default 64 MiB, in all. */
#define WANTED_BYTES (1024 * 1024)
#define MODEST_BYTES (256 * 1024)

/* Beyond the user's share the kernel makes pipes of 4 or 8 KiB, and through those
 * splice() is slower than copying. */
#define LEAST_BYTES (64 * 1024)

static void
free_pipe (SocksPipe *pipe)
{
  close (pipe->read_fd);
  close (pipe->write_fd);
  g_free (pipe);
}

static SocksPipe *
make_pipe (void)
{
  SocksPipe *pipe;
  int fds[2], capacity_bytes;

  if (pipe2 (fds, O_CLOEXEC | O_NONBLOCK) < 0)
    return NULL;

  if (fcntl (fds[1], F_SETPIPE_SZ, WANTED_BYTES) < 0)
    fcntl (fds[1], F_SETPIPE_SZ, MODEST_BYTES);
  capacity_bytes = fcntl (fds[1], F_GETPIPE_SZ);

  pipe = g_new0 (SocksPipe, 1);
  pipe->read_fd = fds[0];
  pipe->write_fd = fds[1];
  if (capacity_bytes < LEAST_BYTES)
    {
      free_pipe (pipe);
      return NULL;
    }
  pipe->capacity_bytes = (guint) capacity_bytes;
  return pipe;
}

/**
 * socks_pipe_pool_take:
 * @pool: a pool
 *
 * Returns: (transfer full) (nullable): an empty pipe; %NULL where all are lent or the
 *   kernel gives none worth having
 */
SocksPipe *
socks_pipe_pool_take (SocksPipePool *pool)
{
  SocksPipe *pipe;

  /* The one given back last: its pages are the likeliest to be in the cache. */
  if (pool->n_idle > 0)
    return pool->idle[--pool->n_idle];
  if (pool->n_pipes == SOCKS_PIPE_POOL_MAX_PIPES)
    return NULL;

  pipe = make_pipe ();
  if (pipe != NULL)
    pool->n_pipes++;
  return pipe;
}

/**
 * socks_pipe_pool_give:
 * @pool: the pool that it was taken from
 * @pipe: (transfer full): a pipe. If it has bytes left in it it is closed: the next
 *   borrower would send them to a stranger
 */
void
socks_pipe_pool_give (SocksPipePool *pool, SocksPipe *pipe)
{
  if (pipe->n_bytes == 0)
    pool->idle[pool->n_idle++] = pipe;
  else
    {
      free_pipe (pipe);
      pool->n_pipes--;
    }
}

/**
 * socks_pipe_pool_clear:
 * @pool: a pool of which nothing is lent
 */
void
socks_pipe_pool_clear (SocksPipePool *pool)
{
  g_assert (pool->n_idle == pool->n_pipes);

  while (pool->n_idle > 0)
    free_pipe (pool->idle[--pool->n_idle]);
  pool->n_pipes = 0;
}
