/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus/gatekeeper.h"
#include "engine/checker.h"
#include "engine/engine.h"
#include "socks-dbus.h"

G_BEGIN_DECLS

#define SOCKS_BUS_NAME "org.mycelium.Socks"
#define SOCKS_OBJECT_PATH "/org/mycelium/Socks"

#define SOCKS_TYPE_OBJECT (socks_object_get_type ())
G_DECLARE_FINAL_TYPE (SocksObject, socks_object, SOCKS, OBJECT, SocksDBusSocksSkeleton)

SocksObject *socks_object_new (const SocksSettings *settings,
                               SocksClock *clock,
                               SocksEngine *engine,
                               SocksConnection *connection,
                               SocksSweeper *sweeper,
                               SocksNodeClient *node,
                               SocksRelay *relay,
                               SocksChecker *checker,
                               SocksGatekeeper *gatekeeper);

G_END_DECLS
