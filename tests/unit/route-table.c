/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Routes that come and go, and the peers they lead to. */

#include "core/route-table.h"

#include <string.h>

#define PORT 1080

static const guint8 key[SOCKS_NODE_KEY_BYTES] = { 1 };
static const guint8 other_key[SOCKS_NODE_KEY_BYTES] = { 2 };

/* The first @length_bits of the address of @of_key. */
static SocksPrefix
subnet_of (const guint8 *of_key, guint8 length_bits)
{
  SocksPrefix subnet = { .length_bits = length_bits };

  socks_overlay_address_from_key (of_key, &subnet.address);
  memset (&subnet.address.s6_addr[length_bits / 8], 0, 16 - length_bits / 8);
  return subnet;
}

static void
update (SocksRouteTable *table, const SocksPrefix *subnets, guint n_subnets)
{
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (SocksPrefix));

  g_array_append_vals (list, subnets, n_subnets);
  socks_route_table_update (table, list);
}

static void
assert_counts (SocksRouteTable *table, guint n_unresolved, guint n_peers)
{
  g_autoptr (GArray) unresolved = socks_route_table_list_unresolved (table);
  g_autoptr (GArray) peers = socks_route_table_list_peers (table, PORT, NULL);

  g_assert_cmpuint (unresolved->len, ==, n_unresolved);
  g_assert_cmpuint (peers->len, ==, n_peers);
}

static void
test_a_route_leads_to_a_peer_once_its_key_is_known (void)
{
  g_autoptr (SocksRouteTable) table = socks_route_table_new ();
  SocksPrefix subnets[2] = { subnet_of (key, 64), subnet_of (key, 64) };
  g_autoptr (GArray) peers = NULL;
  SocksEndpoint *peer;
  struct in6_addr address;

  assert_counts (table, 0, 0);
  update (table, subnets, 2);
  assert_counts (table, 1, 0);
  g_assert_true (socks_route_table_resolve (table, &subnets[0], key));
  assert_counts (table, 0, 1);

  peers = socks_route_table_list_peers (table, PORT, NULL);
  peer = &g_array_index (peers, SocksEndpoint, 0);
  socks_overlay_address_from_key (key, &address);
  g_assert_cmpmem (&peer->address, sizeof peer->address, &address, sizeof address);
  g_assert_cmpuint (peer->port, ==, PORT);
}

static void
test_a_route_that_went_is_forgotten_and_the_others_stay (void)
{
  g_autoptr (SocksRouteTable) table = socks_route_table_new ();
  SocksPrefix subnets[2] = { subnet_of (key, 64), subnet_of (other_key, 64) };

  update (table, subnets, 2);
  g_assert_true (socks_route_table_resolve (table, &subnets[0], key));
  g_assert_true (socks_route_table_resolve (table, &subnets[1], other_key));
  update (table, &subnets[1], 1);
  assert_counts (table, 0, 1);
  update (table, subnets, 2);
  assert_counts (table, 1, 1);
  update (table, NULL, 0);
  assert_counts (table, 0, 0);
}

static void
test_a_key_of_somewhere_else_is_no_peer_and_not_asked_for_again (void)
{
  g_autoptr (SocksRouteTable) table = socks_route_table_new ();
  SocksPrefix subnet = subnet_of (key, 64);

  update (table, &subnet, 1);
  g_assert_false (socks_route_table_resolve (table, &subnet, other_key));
  assert_counts (table, 0, 0);
  update (table, &subnet, 1);
  assert_counts (table, 0, 0);

  /* Until the route comes anew. */
  update (table, NULL, 0);
  update (table, &subnet, 1);
  assert_counts (table, 1, 0);
}

static void
test_routes_of_one_peer_are_asked_for_each_and_listed_as_one (void)
{
  g_autoptr (SocksRouteTable) table = socks_route_table_new ();
  SocksPrefix subnets[3] = { subnet_of (key, 64), subnet_of (key, 72),
                             subnet_of (key, 128) };

  update (table, subnets, 3);
  assert_counts (table, 3, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (subnets); i++)
    g_assert_true (socks_route_table_resolve (table, &subnets[i], key));
  assert_counts (table, 0, 1);
}

static void
test_the_own_address_is_not_a_peer (void)
{
  g_autoptr (SocksRouteTable) table = socks_route_table_new ();
  SocksPrefix subnet = subnet_of (key, 64);
  struct in6_addr own_address;
  g_autoptr (GArray) peers = NULL;

  update (table, &subnet, 1);
  g_assert_true (socks_route_table_resolve (table, &subnet, key));
  socks_overlay_address_from_key (key, &own_address);
  peers = socks_route_table_list_peers (table, PORT, &own_address);
  g_assert_cmpuint (peers->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func ("/route-table/" path, function)
  ADD ("a-route-leads-to-a-peer-once-its-key-is-known",
       test_a_route_leads_to_a_peer_once_its_key_is_known);
  ADD ("a-route-that-went-is-forgotten-and-the-others-stay",
       test_a_route_that_went_is_forgotten_and_the_others_stay);
  ADD ("a-key-of-somewhere-else-is-no-peer-and-not-asked-for-again",
       test_a_key_of_somewhere_else_is_no_peer_and_not_asked_for_again);
  ADD ("routes-of-one-peer-are-asked-for-each-and-listed-as-one",
       test_routes_of_one_peer_are_asked_for_each_and_listed_as_one);
  ADD ("the-own-address-is-not-a-peer", test_the_own_address_is_not_a_peer);
#undef ADD
  return g_test_run ();
}
