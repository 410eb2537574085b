/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/route-table.h"
#include "engine/node-api.h"

G_BEGIN_DECLS

/* How many keys are asked for at once; the API must allow as many questions. */
#define SOCKS_KEY_QUERY_MAX_QUESTIONS 8

void socks_key_query_async (SocksNodeApi *api,
                            SocksRouteTable *routes,
                            guint limit_ms,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gboolean socks_key_query_finish (SocksNodeApi *api, GAsyncResult *result, GError **error);

G_END_DECLS
