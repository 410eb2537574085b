/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which subnets the node has routes to, and which peer each leads to. The key of a subnet
 * never changes, for the address is a hash of the key, so it is asked for once in the
 * life of a route, and forgotten with it. No locks: one thread at a time. */

#include "core/route-table.h"

#include <string.h>

typedef enum
{
  ROUTE_UNRESOLVED, /* its key is not known */
  ROUTE_RESOLVED,
  ROUTE_WRONG, /* its key was told, but belongs to an address outside the subnet */
} RouteState;

typedef struct
{
  SocksPrefix subnet;
  RouteState state;
  struct in6_addr address; /* of the peer, if resolved */
  guint generation;        /* of the newest list that the subnet was in */
} Route;

struct _SocksRouteTable
{
  GHashTable *routes; /* (owned): a set of Route (owned), equal by subnet */
  guint generation;   /* of the newest list of subnets */
};

static guint
route_hash (gconstpointer data)
{
  const Route *route = data;
  SocksEndpoint endpoint = { route->subnet.address, route->subnet.length_bits };

  return socks_endpoint_hash (&endpoint);
}

static gboolean
route_equal (gconstpointer a, gconstpointer b)
{
  const SocksPrefix *first = &((const Route *) a)->subnet;
  const SocksPrefix *second = &((const Route *) b)->subnet;

  return first->length_bits == second->length_bits &&
         memcmp (&first->address, &second->address, sizeof first->address) == 0;
}

static gboolean
is_of_older_list_cb (gpointer key, gpointer value, gpointer data)
{
  const Route *route = key;
  const SocksRouteTable *table = data;

  return route->generation != table->generation;
}

/**
 * socks_route_table_new:
 *
 * Returns: (transfer full): a table without routes
 */
SocksRouteTable *
socks_route_table_new (void)
{
  SocksRouteTable *table = g_new0 (SocksRouteTable, 1);

  table->routes = g_hash_table_new_full (route_hash, route_equal, g_free, NULL);
  return table;
}

/**
 * socks_route_table_free:
 * @table: (transfer full): a table
 */
void
socks_route_table_free (SocksRouteTable *table)
{
  g_hash_table_unref (table->routes);
  g_free (table);
}

/**
 * socks_route_table_update:
 * @table: a table
 * @subnets: (element-type SocksPrefix): all subnets that there are routes to now; one
 *   that stands in it twice counts once
 *
 * Adds the routes that are new and forgets those that are gone, and what was known of
 * them.
 */
void
socks_route_table_update (SocksRouteTable *table, const GArray *subnets)
{
  table->generation++;

  for (guint i = 0; i < subnets->len; i++)
    {
      Route wanted = { .subnet = g_array_index (subnets, SocksPrefix, i) };
      Route *route = g_hash_table_lookup (table->routes, &wanted);

      if (route == NULL)
        {
          route = g_memdup2 (&wanted, sizeof wanted);
          g_hash_table_add (table->routes, route);
        }
      route->generation = table->generation;
    }

  g_hash_table_foreach_remove (table->routes, is_of_older_list_cb, table);
}

/**
 * socks_route_table_list_unresolved:
 * @table: a table
 *
 * Returns: (transfer full) (element-type SocksPrefix): the subnets whose keys are not
 *   known, each once, in no order
 */
GArray *
socks_route_table_list_unresolved (SocksRouteTable *table)
{
  GArray *subnets = g_array_new (FALSE, FALSE, sizeof (SocksPrefix));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table->routes);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const Route *route = key;

      if (route->state == ROUTE_UNRESOLVED)
        g_array_append_val (subnets, route->subnet);
    }
  return subnets;
}

/**
 * socks_route_table_resolve:
 * @table: a table
 * @subnet: a subnet in it
 * @key: the public key that the node told for it
 *
 * Takes in who is at the end of a route. A key whose address lies outside the subnet is a
 * lie or a bug: the route leads to no peer then, and is not listed as unresolved again.
 *
 * Returns: whether @key belongs to @subnet
 */
gboolean
socks_route_table_resolve (SocksRouteTable *table,
                           const SocksPrefix *subnet,
                           const guint8 key[static SOCKS_NODE_KEY_BYTES])
{
  Route wanted = { .subnet = *subnet };
  Route *route = g_hash_table_lookup (table->routes, &wanted);

  g_return_val_if_fail (route != NULL, FALSE);

  socks_overlay_address_from_key (key, &route->address);
  route->state = socks_prefix_contains (subnet, &route->address) ? ROUTE_RESOLVED
                                                                 : ROUTE_WRONG;
  return route->state == ROUTE_RESOLVED;
}

/**
 * socks_route_table_list_peers:
 * @table: a table
 * @port: the port that peers have their proxies on
 * @own_address: (nullable): the node's own address, which is not a peer
 *
 * Returns: (transfer full) (element-type SocksEndpoint): the peers at the ends of the
 *   resolved routes, each once, in no order
 */
GArray *
socks_route_table_list_peers (SocksRouteTable *table,
                              guint16 port,
                              const struct in6_addr *own_address)
{
  /* With room for all, so that its elements stay where the set finds them. */
  GArray *peers = g_array_sized_new (FALSE, FALSE, sizeof (SocksEndpoint),
                                     g_hash_table_size (table->routes));
  g_autoptr (GHashTable) listed =
      g_hash_table_new (socks_endpoint_hash, socks_endpoint_equal);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, table->routes);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const Route *route = key;
      SocksEndpoint peer = { route->address, port };

      if (route->state != ROUTE_RESOLVED)
        continue;
      if (own_address != NULL &&
          memcmp (own_address, &peer.address, sizeof peer.address) == 0)
        continue;
      /* A /64 and a /128 inside it lead to the same peer. */
      if (g_hash_table_contains (listed, &peer))
        continue;

      g_array_append_val (peers, peer);
      g_hash_table_add (listed, &g_array_index (peers, SocksEndpoint, peers->len - 1));
    }
  return peers;
}
