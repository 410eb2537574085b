/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksState:
 * @SOCKS_STATE_DISCONNECTED: the local port is closed
 * @SOCKS_STATE_CONNECTING: a remote is wanted and there is none yet
 * @SOCKS_STATE_CONNECTED: the local port is forwarded to the remote
 * @SOCKS_STATE_FAILING: the remote does not answer now
 *
 * How the connection stands.
 */
typedef enum
{
  SOCKS_STATE_DISCONNECTED,
  SOCKS_STATE_CONNECTING,
  SOCKS_STATE_CONNECTED,
  SOCKS_STATE_FAILING,
} SocksState;

#define SOCKS_N_STATES (SOCKS_STATE_FAILING + 1)

const char *socks_state_to_string (SocksState state);

G_END_DECLS
