/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/peer-source.h"

G_BEGIN_DECLS

/* A fetch from a peer source that a test started and can wait for. */
typedef struct
{
  gboolean is_over;
  GArray *peers; /* (owned) (nullable): of SocksEndpoint, sorted */
  GError *error; /* (owned) (nullable) */
} PendingFetch;

PendingFetch *pending_fetch_new (SocksPeerSource *source, GCancellable *cancellable);
void pending_fetch_free (PendingFetch *fetch);
void pending_fetch_wait (PendingFetch *fetch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PendingFetch, pending_fetch_free)

PendingFetch *fetch_from (SocksPeerSource *source);
void wait_until (gboolean (*condition) (gpointer data), gpointer data);

G_END_DECLS
