/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/prober.h"

G_BEGIN_DECLS

/* A probe that a test started and can wait for. */
typedef struct
{
  gboolean is_over;
  SocksVerdict verdict; /* where @error is not set */
  GError *error;        /* (owned) (nullable) */
} PendingProbe;

void probe_world_init (void);
SocksProber *probe_world_new_prober (guint timeout_ms);

PendingProbe *pending_probe_new (SocksProber *prober,
                                 const SocksEndpoint *endpoint,
                                 SocksProbeKind kind,
                                 GCancellable *cancellable);
void pending_probe_free (PendingProbe *probe);
void pending_probe_wait (PendingProbe *probe);
void pending_probe_assert (PendingProbe *probe, SocksStatus status, SocksReason reason);
void pending_probe_assert_cancelled (PendingProbe *probe);

int bind_to (const char *address, SocksEndpoint *out_endpoint);
void expect_greeting (int fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PendingProbe, pending_probe_free)

G_END_DECLS
