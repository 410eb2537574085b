/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus/gatekeeper.h"
#include "engine/checker.h"
#include "engine/engine.h"

G_BEGIN_DECLS

/**
 * SocksCheckCalls:
 *
 * The calls of Check that are under way.
 */
#define SOCKS_TYPE_CHECK_CALLS (socks_check_calls_get_type ())
G_DECLARE_FINAL_TYPE (SocksCheckCalls, socks_check_calls, SOCKS, CHECK_CALLS, GObject)

SocksCheckCalls *socks_check_calls_new (SocksEngine *engine,
                                        SocksChecker *checker,
                                        SocksGatekeeper *gatekeeper);
void socks_check_calls_handle (SocksCheckCalls *self,
                               GDBusMethodInvocation *invocation,
                               const char *remote,
                               const char *target);

G_END_DECLS
