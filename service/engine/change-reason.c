/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Why the remote is another one, as a word. Pure function, any thread. */

#include "engine/change-reason.h"

/**
 * socks_change_reason_to_string:
 * @reason: a reason
 *
 * Returns: the word that D-Bus clients and the log see
 */
const char *
socks_change_reason_to_string (SocksChangeReason reason)
{
  static const char *const names[] = {
    "automatic", "user", "failover", "restored", "shutdown",
  };

  g_return_val_if_fail ((gsize) reason < G_N_ELEMENTS (names), "");
  return names[reason];
}
