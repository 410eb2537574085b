/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "wire.h"

G_BEGIN_DECLS

/**
 * LoadOptions:
 * @through: who is measured: a forwarder in front of the sink, or the sink
 * @sink: the sink itself, which is asked what has arrived
 * @n_streams: how many connections at once
 * @n_threads: how many threads share them
 * @n_bytes: in one message
 * @both_ways: whether the client sends too
 * @warm_up_s: what is not counted
 * @seconds: what is
 *
 * What is to be done.
 */
typedef struct
{
  struct sockaddr_in6 through;
  struct sockaddr_in6 sink;
  guint n_streams;
  guint n_threads;
  guint n_bytes;
  gboolean both_ways;
  double warm_up_s;
  double seconds;
} LoadOptions;

void load_sink (const LoadOptions *options) G_GNUC_NORETURN;
void load_bulk (const LoadOptions *options);
void load_rate (const LoadOptions *options);
void load_ping (const LoadOptions *options);
void load_idle (const LoadOptions *options);

G_END_DECLS
