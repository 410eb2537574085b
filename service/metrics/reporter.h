/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/connection.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_REPORTER (socks_reporter_get_type ())
G_DECLARE_FINAL_TYPE (SocksReporter, socks_reporter, SOCKS, REPORTER, GObject)

SocksReporter *socks_reporter_new (const char *path,
                                   SocksClock *clock,
                                   SocksConnection *connection,
                                   SocksSweeper *sweeper,
                                   SocksRelay *relay);
void socks_reporter_flush (SocksReporter *self);

G_END_DECLS
