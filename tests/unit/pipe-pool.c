/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Pipes that are lent and come back. */

#include "relay/pipe-pool.h"

#include <fcntl.h>
#include <unistd.h>

static void
test_a_pipe_is_large_and_used_again (void)
{
  SocksPipePool pool = { 0 };
  SocksPipe *pipe = socks_pipe_pool_take (&pool);

  g_assert_nonnull (pipe);
  g_assert_cmpuint (pipe->capacity_bytes, >=, 64 * 1024);
  g_assert_cmpint (fcntl (pipe->read_fd, F_GETPIPE_SZ), ==, (int) pipe->capacity_bytes);
  g_assert_cmpint (fcntl (pipe->read_fd, F_GETFD), ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (pipe->write_fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);

  socks_pipe_pool_give (&pool, pipe);
  g_assert_true (socks_pipe_pool_take (&pool) == pipe);
  socks_pipe_pool_give (&pool, pipe);
  socks_pipe_pool_clear (&pool);
}

static void
test_a_pipe_with_bytes_in_it_is_never_lent_again (void)
{
  SocksPipePool pool = { 0 };
  SocksPipe *pipe = socks_pipe_pool_take (&pool);
  int read_fd = pipe->read_fd;
  char byte;

  g_assert_cmpint (write (pipe->write_fd, "secret", 6), ==, 6);
  pipe->n_bytes = 6;
  socks_pipe_pool_give (&pool, pipe);
  g_assert_cmpint (fcntl (read_fd, F_GETFD), ==, -1);

  pipe = socks_pipe_pool_take (&pool);
  g_assert_cmpint (read (pipe->read_fd, &byte, 1), ==, -1);
  socks_pipe_pool_give (&pool, pipe);
  socks_pipe_pool_clear (&pool);
}

static void
test_there_are_never_more_than_64 (void)
{
  SocksPipePool pool = { 0 };
  SocksPipe *pipes[SOCKS_PIPE_POOL_MAX_PIPES];
  guint n_pipes = 0;

  while (n_pipes < G_N_ELEMENTS (pipes) &&
         (pipes[n_pipes] = socks_pipe_pool_take (&pool)) != NULL)
    n_pipes++;
  g_assert_cmpuint (n_pipes, ==, SOCKS_PIPE_POOL_MAX_PIPES);
  g_assert_null (socks_pipe_pool_take (&pool));

  socks_pipe_pool_give (&pool, pipes[--n_pipes]);
  g_assert_true (socks_pipe_pool_take (&pool) == pipes[n_pipes]);
  g_assert_null (socks_pipe_pool_take (&pool));
  socks_pipe_pool_give (&pool, pipes[n_pipes]);
  while (n_pipes > 0)
    socks_pipe_pool_give (&pool, pipes[--n_pipes]);
  socks_pipe_pool_clear (&pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pipe-pool/a-pipe-is-large-and-used-again",
                   test_a_pipe_is_large_and_used_again);
  g_test_add_func ("/pipe-pool/a-pipe-with-bytes-in-it-is-never-lent-again",
                   test_a_pipe_with_bytes_in_it_is_never_lent_again);
  g_test_add_func ("/pipe-pool/there-are-never-more-than-64",
                   test_there_are_never_more_than_64);
  return g_test_run ();
}
