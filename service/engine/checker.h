/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/target.h"
#include "engine/check-report.h"
#include "engine/connection.h"
#include "engine/node-client.h"

G_BEGIN_DECLS

/* How many checks may run at once; the caller keeps to it. */
#define SOCKS_CHECKER_MAX_CHECKS 16

#define SOCKS_TYPE_CHECKER (socks_checker_get_type ())
G_DECLARE_FINAL_TYPE (SocksChecker, socks_checker, SOCKS, CHECKER, GObject)

SocksChecker *socks_checker_new (const SocksSettings *settings,
                                 SocksClock *clock,
                                 SocksNodeClient *node,
                                 SocksConnection *connection,
                                 SocksRelay *relay);

void socks_checker_check_async (SocksChecker *self,
                                const SocksEndpoint *remote,
                                const SocksTarget *target,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean socks_checker_check_finish (SocksChecker *self,
                                     GAsyncResult *result,
                                     SocksCheckReport *out_report,
                                     GError **error);

G_END_DECLS
