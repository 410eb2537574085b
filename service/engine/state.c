/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How the connection stands, as a word. Pure function, any thread. */

#include "engine/state.h"

/**
 * socks_state_to_string:
 * @state: a state
 *
 * Returns: the word that D-Bus clients, the metrics and the log see
 */
const char *
socks_state_to_string (SocksState state)
{
  static const char *const names[SOCKS_N_STATES] = {
    [SOCKS_STATE_DISCONNECTED] = "disconnected",
    [SOCKS_STATE_CONNECTING] = "connecting",
    [SOCKS_STATE_CONNECTED] = "connected",
    [SOCKS_STATE_FAILING] = "failing",
  };

  g_return_val_if_fail ((guint) state < SOCKS_N_STATES, "");
  return names[state];
}
