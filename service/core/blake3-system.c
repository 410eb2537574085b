/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The function of blake3.c by the system's libblake3: built in its place where there is
 * one. Pure function, any thread. */

#include "core/blake3.h"

#include <blake3.h>

G_STATIC_ASSERT (SOCKS_BLAKE3_BLOCK_BYTES == BLAKE3_BLOCK_LEN);
G_STATIC_ASSERT (SOCKS_BLAKE3_HASH_BYTES == BLAKE3_OUT_LEN);

void
socks_blake3_hash_block (const guint8 *input,
                         gsize n_bytes,
                         guint8 out_hash[static SOCKS_BLAKE3_HASH_BYTES])
{
  blake3_hasher hasher;

  g_return_if_fail (n_bytes <= BLAKE3_BLOCK_LEN);

  blake3_hasher_init (&hasher);
  blake3_hasher_update (&hasher, input, n_bytes);
  blake3_hasher_finalize (&hasher, out_hash, BLAKE3_OUT_LEN);
}
