/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a Mycelium node's address follows from its public key. Pure function, any
 * thread. */

#include "core/overlay-address.h"

#include "core/blake3.h"

#include <string.h>

/**
 * socks_overlay_address_from_key:
 * @key: the node's public key
 * @out_address: (out): its address, inside `400::/7`
 *
 * The address is the first 16 bytes of the key's BLAKE3 hash, but for the first byte:
 * that is 0x04 or 0x05, and keeps of the hash's first byte only whether the number of its
 * 1-bits is odd.
 */
void
socks_overlay_address_from_key (const guint8 key[static SOCKS_NODE_KEY_BYTES],
                                struct in6_addr *out_address)
{
  guint8 hash[SOCKS_BLAKE3_HASH_BYTES];

  socks_blake3_hash_block (key, SOCKS_NODE_KEY_BYTES, hash);
  hash[0] = (guint8) (0x04 | __builtin_parity (hash[0]));
  memcpy (out_address, hash, sizeof *out_address);
}
