/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The answer with a peer's key: a key that is accepted is the 64 digits of the answer, and
 * belongs to an address of the overlay. */

#include "target.h"

#include "core/error.h"
#include "core/node-json.h"

static gboolean
parse (const void *json, gsize n_bytes, guint8 out_key[static SOCKS_NODE_KEY_BYTES])
{
  g_autoptr (GBytes) bytes = g_bytes_new (json, n_bytes);
  g_autoptr (GError) error = NULL;
  gboolean is_key = socks_node_json_parse_key (bytes, out_key, &error);

  if (is_key)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      target_assert_is_shown_safely (error->message);
    }
  return is_key;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  guint8 key[SOCKS_NODE_KEY_BYTES + 1] = { 0x5a, 0xa5 };
  guint8 again[SOCKS_NODE_KEY_BYTES];
  g_autoptr (GString) written = g_string_new ("{\"publicKey\":\"");
  struct in6_addr address;

  if (!parse (data, n_bytes, key))
    {
      g_assert_cmpuint (key[0], ==, 0x5a);
      g_assert_cmpuint (key[1], ==, 0xa5);
      return 0;
    }

  for (gsize i = 0; i < SOCKS_NODE_KEY_BYTES; i++)
    g_string_append_printf (written, "%02x", key[i]);
  g_string_append (written, "\"}");
  g_assert_true (parse (written->str, written->len, again));
  g_assert_cmpmem (again, sizeof again, key, SOCKS_NODE_KEY_BYTES);

  socks_overlay_address_from_key (key, &address);
  g_assert_cmpuint (address.s6_addr[0] & 0xfe, ==, 0x04);
  return 0;
}
