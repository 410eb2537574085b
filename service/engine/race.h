/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/clock.h"
#include "engine/prober.h"

G_BEGIN_DECLS

/* More runners would not make the winner faster, only the burst larger. */
#define SOCKS_RACE_MAX_CANDIDATES 64

#define SOCKS_RACE_TIMEOUT_US (5 * G_USEC_PER_SEC)

void socks_race_async (SocksProber *prober,
                       SocksClock *clock,
                       const SocksEndpoint *candidates,
                       gsize n_candidates,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
gboolean socks_race_finish (GAsyncResult *result,
                            SocksEndpoint *out_winner,
                            GError **error);

G_END_DECLS
