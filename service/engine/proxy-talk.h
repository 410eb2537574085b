/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/target.h"
#include "engine/check-report.h"
#include "engine/clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

void socks_proxy_talk_async (SocksClock *clock,
                             const SocksEndpoint *proxy,
                             gint64 greeting_timeout_us,
                             const SocksTarget *target,
                             SocksCheckReport *report,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean
socks_proxy_talk_finish (SocksClock *clock, GAsyncResult *result, GError **error);

G_END_DECLS
