# SPDX-FileCopyrightText: The mycelium-socks authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""BLAKE3 of up to 64 bytes: one block, one compression.

Enough to derive a Mycelium address from a key, and written without a look at the
service's own, so that one checks the other.
"""

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)

# The message words change places like this before each round but the first.
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)

# Columns first, then diagonals: the four state words that each quarter round mixes.
QUARTERS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
            (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))

BLOCK_BYTES = 64
CHUNK_START, CHUNK_END, ROOT = 1, 2, 8


def _rotate(word, bits):
    return (word >> bits | word << 32 - bits) & 0xFFFFFFFF


def _mix(state, a, b, c, d, x, y):
    state[a] = (state[a] + state[b] + x) & 0xFFFFFFFF
    state[d] = _rotate(state[d] ^ state[a], 16)
    state[c] = (state[c] + state[d]) & 0xFFFFFFFF
    state[b] = _rotate(state[b] ^ state[c], 12)
    state[a] = (state[a] + state[b] + y) & 0xFFFFFFFF
    state[d] = _rotate(state[d] ^ state[a], 8)
    state[c] = (state[c] + state[d]) & 0xFFFFFFFF
    state[b] = _rotate(state[b] ^ state[c], 7)


def digest(data):
    """Returns the 32 bytes of the hash of at most 64 bytes."""
    if len(data) > BLOCK_BYTES:
        raise ValueError("more than one block")

    block = data.ljust(BLOCK_BYTES, b"\0")
    words = [int.from_bytes(block[i:i + 4], "little") for i in range(0, BLOCK_BYTES, 4)]
    counter = (0, 0)
    flags = CHUNK_START | CHUNK_END | ROOT
    state = [*IV, *IV[:4], *counter, len(data), flags]

    for _ in range(7):
        for i, quarter in enumerate(QUARTERS):
            _mix(state, *quarter, words[2 * i], words[2 * i + 1])
        words = [words[i] for i in PERMUTATION]

    return b"".join((state[i] ^ state[i + 8]).to_bytes(4, "little") for i in range(8))
