/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksChangeReason:
 * @SOCKS_CHANGE_AUTOMATIC: somebody asked for the fastest
 * @SOCKS_CHANGE_USER: somebody named the remote, or disconnected
 * @SOCKS_CHANGE_FAILOVER: an automatic choice died
 * @SOCKS_CHANGE_RESTORED: taken up again after a restart
 * @SOCKS_CHANGE_SHUTDOWN: the service stops
 *
 * Why the remote is another one.
 */
typedef enum
{
  SOCKS_CHANGE_AUTOMATIC,
  SOCKS_CHANGE_USER,
  SOCKS_CHANGE_FAILOVER,
  SOCKS_CHANGE_RESTORED,
  SOCKS_CHANGE_SHUTDOWN,
} SocksChangeReason;

const char *socks_change_reason_to_string (SocksChangeReason reason);

G_END_DECLS
