/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksWaiters:
 *
 * Tasks that wait for the same event, or for their cancellation.
 */
typedef struct _SocksWaiters SocksWaiters;

SocksWaiters *socks_waiters_new (void);
void socks_waiters_free (SocksWaiters *waiters);

void socks_waiters_add (SocksWaiters *waiters, GTask *task);
GTask *socks_waiters_pop (SocksWaiters *waiters);

G_END_DECLS
