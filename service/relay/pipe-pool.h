/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lent and idle ones together, so that a worker's share of the descriptor limit is known:
 * two for each. */
#define SOCKS_PIPE_POOL_MAX_PIPES 64

/**
 * SocksPipe:
 * @read_fd: the end to splice out of
 * @write_fd: the end to splice into
 * @capacity_bytes: how much it holds if every slot is a full page
 * @n_bytes: what is in it; kept by the borrower
 *
 * A pipe, through which splice() moves pages from one socket to another.
 */
typedef struct
{
  int read_fd;
  int write_fd;
  guint capacity_bytes;
  guint n_bytes;
} SocksPipe;

/**
 * SocksPipePool:
 * @idle: (owned): the pipes that are not lent, all empty
 * @n_idle: how many
 * @n_pipes: how many there are, lent ones too
 *
 * The pipes of one worker. All zeroes is an empty pool.
 */
typedef struct
{
  SocksPipe *idle[SOCKS_PIPE_POOL_MAX_PIPES];
  guint n_idle;
  guint n_pipes;
} SocksPipePool;

SocksPipe *socks_pipe_pool_take (SocksPipePool *pool);
void socks_pipe_pool_give (SocksPipePool *pool, SocksPipe *pipe);
void socks_pipe_pool_clear (SocksPipePool *pool);

G_END_DECLS
