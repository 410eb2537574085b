/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/connection.h"
#include "engine/node-client.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_RECOVERY (socks_recovery_get_type ())
G_DECLARE_FINAL_TYPE (SocksRecovery, socks_recovery, SOCKS, RECOVERY, GObject)

SocksRecovery *socks_recovery_new (SocksClock *clock,
                                   SocksProber *prober,
                                   SocksSweeper *sweeper,
                                   SocksNodeClient *node,
                                   SocksConnection *connection);

void socks_recovery_restore (SocksRecovery *self,
                             SocksSelection selection,
                             const SocksEndpoint *remote);
gboolean socks_recovery_is_restoring (SocksRecovery *self);
void socks_recovery_pause (SocksRecovery *self);
void socks_recovery_go_on (SocksRecovery *self);
void socks_recovery_forget (SocksRecovery *self);

G_END_DECLS
