/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The answer about the node itself: an address that is accepted lies in the overlay, and
 * is the one that belongs to the answer's key. */

#include "target.h"

#include "core/address.h"
#include "core/error.h"
#include "core/node-json.h"

#include <string.h>

/* What the answer says for a key to a reader that knows only the other question. */
static gboolean
find_key (const guint8 *data, gsize n_bytes, guint8 out_key[static SOCKS_NODE_KEY_BYTES])
{
  g_autofree char *text = target_dup_text (data, n_bytes);
  g_auto (GStrv) parts = g_strsplit (text, "\"nodePubkey\"", 3);
  g_autofree char *asked = NULL;
  g_autoptr (GBytes) json = NULL;

  if (strlen (text) != n_bytes || g_strv_length (parts) != 2 ||
      strstr (text, "publicKey") != NULL || strchr (text, '\\') != NULL)
    return FALSE;
  asked = g_strjoinv ("\"publicKey\"", parts);
  json = g_bytes_new (asked, strlen (asked));
  return socks_node_json_parse_key (json, out_key, NULL /* error */);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autoptr (GBytes) json = g_bytes_new_static (data, n_bytes);
  g_autoptr (GError) error = NULL;
  struct in6_addr address, untouched, of_key;
  guint8 key[SOCKS_NODE_KEY_BYTES];

  memset (&address, 0x5a, sizeof address);
  untouched = address;
  if (!socks_node_json_parse_admin (json, &address, &error))
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      g_assert_cmpmem (&address, sizeof address, &untouched, sizeof untouched);
      target_assert_is_shown_safely (error->message);
      return 0;
    }

  g_assert_no_error (error);
  g_assert_true (socks_address_is_overlay (&address));
  if (find_key (data, n_bytes, key))
    {
      socks_overlay_address_from_key (key, &of_key);
      g_assert_cmpmem (&address, sizeof address, &of_key, sizeof of_key);
    }
  return 0;
}
