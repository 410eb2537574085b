/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The node's list of routes: whatever it holds, what comes out are subnets of the overlay,
 * and a wrong entry costs no other one. */

#include "target.h"

#include "core/error.h"
#include "core/node-json.h"

#include <string.h>

#define GOOD_ROUTE "{\"subnet\":\"4aa:bb::/64\",\"metric\":1}"

static void
assert_is_overlay_subnet (const SocksPrefix *subnet)
{
  g_autofree char *text = socks_prefix_format (subnet);
  SocksPrefix again;

  g_assert_cmpuint (subnet->address.s6_addr[0] & 0xfe, ==, 0x04);
  g_assert_cmpuint (subnet->length_bits, >=, 64);
  g_assert_cmpuint (subnet->length_bits, <=, 128);
  /* This also refuses bits behind the length. */
  g_assert_true (socks_prefix_parse (text, &again));
  g_assert_cmpmem (&again.address, sizeof again.address, &subnet->address,
                   sizeof subnet->address);
  g_assert_cmpuint (again.length_bits, ==, subnet->length_bits);
}

/* The same list with a good route in front of it has one route more, and no other. */
static void
assert_entries_are_independent (const guint8 *data,
                                gsize n_bytes,
                                const GArray *subnets,
                                guint n_dropped)
{
  const guint8 *bracket = memchr (data, '[', n_bytes);
  const guint8 *rest = bracket + 1;
  g_autoptr (GByteArray) longer = g_byte_array_new ();
  g_autoptr (GBytes) json = NULL;
  g_autoptr (GArray) all = NULL;
  g_autoptr (GError) error = NULL;
  guint n_dropped_of_all;

  g_byte_array_append (longer, (const guint8 *) "[" GOOD_ROUTE ",",
                       strlen ("[" GOOD_ROUTE ","));
  g_byte_array_append (longer, rest, (guint) (n_bytes - (gsize) (rest - data)));
  json = g_byte_array_free_to_bytes (g_steal_pointer (&longer));

  all = socks_node_json_parse_routes (json, &n_dropped_of_all, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n_dropped_of_all, ==, n_dropped);
  g_assert_cmpuint (all->len, ==, subnets->len + 1);
  for (guint i = 0; i < subnets->len; i++)
    {
      const SocksPrefix *subnet = &g_array_index (subnets, SocksPrefix, i);
      const SocksPrefix *again = &g_array_index (all, SocksPrefix, i + 1);

      g_assert_cmpmem (&again->address, sizeof again->address, &subnet->address,
                       sizeof subnet->address);
      g_assert_cmpuint (again->length_bits, ==, subnet->length_bits);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autoptr (GBytes) json = g_bytes_new_static (data, n_bytes);
  g_autoptr (GError) error = NULL;
  guint n_dropped = 4711;
  g_autoptr (GArray) subnets = socks_node_json_parse_routes (json, &n_dropped, &error);

  if (subnets == NULL)
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      g_assert_cmpuint (n_dropped, ==, 4711);
      target_assert_is_shown_safely (error->message);
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (subnets->len + n_dropped, <=, SOCKS_NODE_JSON_MAX_ROUTES);
  for (guint i = 0; i < subnets->len; i++)
    assert_is_overlay_subnet (&g_array_index (subnets, SocksPrefix, i));
  if (subnets->len + n_dropped > 0)
    assert_entries_are_independent (data, n_bytes, subnets, n_dropped);
  return 0;
}
