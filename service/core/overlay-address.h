/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <netinet/in.h>

G_BEGIN_DECLS

/* An X25519 public key, by which a Mycelium node is known. */
#define SOCKS_NODE_KEY_BYTES 32

void socks_overlay_address_from_key (const guint8 key[static SOCKS_NODE_KEY_BYTES],
                                     struct in6_addr *out_address);

G_END_DECLS
