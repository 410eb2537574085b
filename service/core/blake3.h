/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SOCKS_BLAKE3_BLOCK_BYTES 64
#define SOCKS_BLAKE3_HASH_BYTES 32

void socks_blake3_hash_block (const guint8 *input,
                              gsize n_bytes,
                              guint8 out_hash[static SOCKS_BLAKE3_HASH_BYTES]);

G_END_DECLS
