/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* BLAKE3 of an input that fits in one block, which is all that an overlay address needs.
 * Written from "BLAKE3: one function, fast everywhere" (O'Connor, Aumasson, Neves,
 * Wilcox-O'Hearn), sections 2.1 to 2.3; where the system has libblake3, blake3-system.c
 * is built in its place. Pure function, any thread.
 *
 * An input of one block is one chunk, and the root: the whole hash is a single call of
 * the compression function, a 4×4 matrix of words that is mixed by columns and diagonals:
 *
 *     h0  h1  h2  h3      the chaining value, here the IV
 *     h4  h5  h6  h7
 *     IV0 IV1 IV2 IV3
 *     t0  t1  b   d       counter (here 0), bytes in the block, flags
 */

#include "core/blake3.h"

#include <string.h>

#define N_ROUNDS 7

/* Table 3 of the paper. */
#define FLAG_CHUNK_START (1u << 0)
#define FLAG_CHUNK_END (1u << 1)
#define FLAG_ROOT (1u << 3)

/* Table 1. */
static const guint32 iv[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* Table 2: where each word of the message comes from in the next round. */
static const guint8 permutation[16] = {
  2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
};

static guint32
rotate_right (guint32 word, guint n_bits)
{
  return word >> n_bits | word << (32 - n_bits);
}

/* The function G of section 2.2. */
static void
mix (guint32 v[16], guint a, guint b, guint c, guint d, guint32 x, guint32 y)
{
  v[a] += v[b] + x;
  v[d] = rotate_right (v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = rotate_right (v[b] ^ v[c], 12);
  v[a] += v[b] + y;
  v[d] = rotate_right (v[d] ^ v[a], 8);
  v[c] += v[d];
  v[b] = rotate_right (v[b] ^ v[c], 7);
}

static void
mix_round (guint32 v[16], const guint32 m[16])
{
  mix (v, 0, 4, 8, 12, m[0], m[1]);
  mix (v, 1, 5, 9, 13, m[2], m[3]);
  mix (v, 2, 6, 10, 14, m[4], m[5]);
  mix (v, 3, 7, 11, 15, m[6], m[7]);

  mix (v, 0, 5, 10, 15, m[8], m[9]);
  mix (v, 1, 6, 11, 12, m[10], m[11]);
  mix (v, 2, 7, 8, 13, m[12], m[13]);
  mix (v, 3, 4, 9, 14, m[14], m[15]);
}

static void
permute (guint32 m[16])
{
  guint32 before[16];

  memcpy (before, m, sizeof before);
  for (guint i = 0; i < 16; i++)
    m[i] = before[permutation[i]];
}

/**
 * socks_blake3_hash_block:
 * @input: (array length=n_bytes): what to hash
 * @n_bytes: how much, at most %SOCKS_BLAKE3_BLOCK_BYTES
 * @out_hash: (out): the hash
 *
 * BLAKE3 in its plain mode, without a key, with the default length of output.
 */
void
socks_blake3_hash_block (const guint8 *input,
                         gsize n_bytes,
                         guint8 out_hash[static SOCKS_BLAKE3_HASH_BYTES])
{
  guint8 block[SOCKS_BLAKE3_BLOCK_BYTES] = { 0 };
  guint32 m[16], v[16];

  g_return_if_fail (n_bytes <= sizeof block);

  if (n_bytes > 0)
    memcpy (block, input, n_bytes);
  memcpy (m, block, sizeof m);
  for (guint i = 0; i < 16; i++)
    m[i] = GUINT32_FROM_LE (m[i]);

  memcpy (v, iv, 8 * sizeof v[0]);
  memcpy (v + 8, iv, 4 * sizeof v[0]);
  v[12] = v[13] = 0;
  v[14] = (guint32) n_bytes;
  v[15] = FLAG_CHUNK_START | FLAG_CHUNK_END | FLAG_ROOT;

  mix_round (v, m);
  for (guint i = 1; i < N_ROUNDS; i++)
    {
      permute (m);
      mix_round (v, m);
    }

  for (guint i = 0; i < 8; i++)
    {
      guint32 word = GUINT32_TO_LE (v[i] ^ v[i + 8]);

      memcpy (out_hash + i * sizeof word, &word, sizeof word);
    }
}
