/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* BLAKE3's own test vectors as far as one block goes, and Mycelium's addresses. */

#include "core/blake3.h"

#include "core/endpoint.h"
#include "core/overlay-address.h"

#include <string.h>

/* The input of BLAKE3's vectors: bytes that count from 0 to 250, again and again. */
static const struct
{
  gsize n_bytes;
  const char *hash;
} vectors[] = {
  { 0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262" },
  { 1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213" },
  { 2, "7b7015bb92cf0b318037702a6cdd81dee41224f734684c2c122cd6359cb1ee63" },
  { 3, "e1be4d7a8ab5560aa4199eea339849ba8e293d55ca0a81006726d184519e647f" },
  { 31, "bda80c7fe2db38be6387b35c870bd7728d67b7b6cc5eb9b0e5c7dcb21ea754c2" },
  { 32, "e528e95798037df410543d9f31e396ecdd458d71b157d6014398bae32fb56c65" },
  { 33, "4f4e6c1dffd3a6c9959876d15aa96b5fb0da8632b995f6ca2e30503f2829fa29" },
  { 63, "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b" },
  { 64, "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98" },
};

static const struct
{
  const char *key;
  const char *address;
} nodes[] = {
  { "b5ad45dc932b245a2f88f729ce30a4a098c868bd549de8bf8d8641b37a5e8501",
    "4b9:6a05:7595:dd31:198a:cc7:7b4a:3fd0" },
  { "755857880e120d9459f8a967958f4bf832e02acdb94518de504f35c6443d818a",
    "470:fa8e:7f9d:7bf2:8d67:60a6:df44:4089" },
  { "da360ee2266b1c52042a4d8735d594f85d129c90d4ddc1cc5eab4f4917872704",
    "466:c04a:9011:c676:722a:a049:1b6d:627" },
  { "801d8b5450e12d2a81b26bd0bdab479dbac079fa9717d4ba0e2df9bc8d07bb1d",
    "537:6779:91ff:708e:8730:f50d:9d85:3f6b" },
  { "0000000000000000000000000000000000000000000000000000000000000000",
    "5da:83c1:819a:5372:dae1:238f:c1de:d123" },
  { "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "534:f060:fbc0:f0aa:11f1:50e2:6519:deff" },
};

static void
hash_of_pattern (gsize n_bytes, guint8 out_hash[static SOCKS_BLAKE3_HASH_BYTES])
{
  /* Exactly as long as the input, so that a sanitizer sees a byte read behind it. */
  g_autofree guint8 *input = g_malloc (n_bytes);

  for (gsize i = 0; i < n_bytes; i++)
    input[i] = (guint8) (i % 251);
  socks_blake3_hash_block (input, n_bytes, out_hash);
}

static void
bytes_of_hex (const char *hex, guint8 out_bytes[static 32])
{
  g_assert_cmpuint (strlen (hex), ==, 64);
  for (gsize i = 0; i < 32; i++)
    out_bytes[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 |
                             g_ascii_xdigit_value (hex[2 * i + 1]));
}

static void
test_inputs_up_to_a_block_hash_as_published (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      guint8 hash[SOCKS_BLAKE3_HASH_BYTES], expected[SOCKS_BLAKE3_HASH_BYTES];

      g_test_message ("%" G_GSIZE_FORMAT " bytes", vectors[i].n_bytes);
      hash_of_pattern (vectors[i].n_bytes, hash);
      bytes_of_hex (vectors[i].hash, expected);
      g_assert_cmpmem (hash, sizeof hash, expected, sizeof expected);
    }
}

static void
test_zeros_at_the_end_change_the_hash (void)
{
  static const guint8 zeros[SOCKS_BLAKE3_BLOCK_BYTES];
  guint8 before[SOCKS_BLAKE3_HASH_BYTES], hash[SOCKS_BLAKE3_HASH_BYTES];

  socks_blake3_hash_block (zeros, 0, before);
  for (gsize n_bytes = 1; n_bytes <= sizeof zeros; n_bytes++)
    {
      socks_blake3_hash_block (zeros, n_bytes, hash);
      g_assert_cmpint (memcmp (hash, before, sizeof hash), !=, 0);
      memcpy (before, hash, sizeof before);
    }
}

static void
test_keys_have_the_addresses_that_mycelium_gives_them (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      guint8 key[SOCKS_NODE_KEY_BYTES];
      struct in6_addr address;
      g_autofree char *shown = NULL;

      bytes_of_hex (nodes[i].key, key);
      socks_overlay_address_from_key (key, &address);
      shown = socks_address_format (&address);
      g_assert_cmpstr (shown, ==, nodes[i].address);
    }
}

static void
test_every_key_has_an_overlay_address (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  gboolean is_seen[2] = { FALSE, FALSE };

  for (guint i = 0; i < 1000; i++)
    {
      guint8 key[SOCKS_NODE_KEY_BYTES];
      struct in6_addr address;

      for (gsize byte = 0; byte < sizeof key; byte++)
        key[byte] = (guint8) g_rand_int (random);
      socks_overlay_address_from_key (key, &address);
      g_assert_true (socks_address_is_overlay (&address));
      is_seen[address.s6_addr[0] & 1] = TRUE;
    }
  g_assert_true (is_seen[0] && is_seen[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blake3/inputs-up-to-a-block-hash-as-published",
                   test_inputs_up_to_a_block_hash_as_published);
  g_test_add_func ("/blake3/zeros-at-the-end-change-the-hash",
                   test_zeros_at_the_end_change_the_hash);
  g_test_add_func ("/overlay-address/keys-have-the-addresses-that-mycelium-gives-them",
                   test_keys_have_the_addresses_that_mycelium_gives_them);
  g_test_add_func ("/overlay-address/every-key-has-an-overlay-address",
                   test_every_key_has_an_overlay_address);
  return g_test_run ();
}
