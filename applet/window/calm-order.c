/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Latencies change with every sweep, and rows that are sorted by them would move while
 * somebody is about to click on one. So each proxy has a rank that only changes when the
 * list is settled anew. Main thread. */

#include "window/calm-order.h"

#include <string.h>

#include "model/proxy-item.h"

G_DEFINE_ENUM_TYPE (SocksOrder,
                    socks_order,
                    G_DEFINE_ENUM_VALUE (SOCKS_ORDER_BEST, "best"),
                    G_DEFINE_ENUM_VALUE (SOCKS_ORDER_FASTEST, "fastest"),
                    G_DEFINE_ENUM_VALUE (SOCKS_ORDER_ADDRESS, "address"))

struct _SocksCalmOrder
{
  GtkSorter parent_instance;

  GHashTable *ranks; /* (owned): address (owned) → rank, from 1 */
};

G_DEFINE_FINAL_TYPE (SocksCalmOrder, socks_calm_order, GTK_TYPE_SORTER)

/* What has no rank comes last. */
static guint
get_rank (SocksCalmOrder *self, SocksProxyItem *item)
{
  return GPOINTER_TO_UINT (
             g_hash_table_lookup (self->ranks, socks_proxy_item_get_address (item))) -
         1;
}

static GtkOrdering
socks_calm_order_compare (GtkSorter *sorter, gpointer a, gpointer b)
{
  SocksCalmOrder *self = SOCKS_CALM_ORDER (sorter);
  guint rank_a = get_rank (self, a), rank_b = get_rank (self, b);

  /* Two without a rank stay as the service has them: the sort is stable. */
  if (rank_a == rank_b)
    return GTK_ORDERING_EQUAL;
  return rank_a < rank_b ? GTK_ORDERING_SMALLER : GTK_ORDERING_LARGER;
}

static GtkSorterOrder
socks_calm_order_get_order (GtkSorter *sorter)
{
  return GTK_SORTER_ORDER_PARTIAL;
}

static void
socks_calm_order_finalize (GObject *object)
{
  SocksCalmOrder *self = SOCKS_CALM_ORDER (object);

  g_hash_table_unref (self->ranks);

  G_OBJECT_CLASS (socks_calm_order_parent_class)->finalize (object);
}

static void
socks_calm_order_class_init (SocksCalmOrderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_calm_order_finalize;
  GTK_SORTER_CLASS (klass)->compare = socks_calm_order_compare;
  GTK_SORTER_CLASS (klass)->get_order = socks_calm_order_get_order;
}

static void
socks_calm_order_init (SocksCalmOrder *self)
{
  self->ranks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* What is pinned and was used last, before all others. */
static int
compare_place (gconstpointer a, gconstpointer b)
{
  guint place_a = socks_proxy_item_get_place (*(SocksProxyItem *const *) a);
  guint place_b = socks_proxy_item_get_place (*(SocksProxyItem *const *) b);

  return place_a < place_b ? -1 : place_a > place_b;
}

static int
compare_latency (gconstpointer a, gconstpointer b)
{
  /* 0 is not known: the last. */
  guint latency_a = socks_proxy_item_get_latency_us (*(SocksProxyItem *const *) a) - 1;
  guint latency_b = socks_proxy_item_get_latency_us (*(SocksProxyItem *const *) b) - 1;

  return latency_a < latency_b ? -1 : latency_a > latency_b;
}

static int
compare_address (gconstpointer a, gconstpointer b)
{
  return strcmp (socks_proxy_item_get_address (*(SocksProxyItem *const *) a),
                 socks_proxy_item_get_address (*(SocksProxyItem *const *) b));
}

static gboolean
give_rank (SocksCalmOrder *self, SocksProxyItem *item, guint rank)
{
  const char *address = socks_proxy_item_get_address (item);

  if (GPOINTER_TO_UINT (g_hash_table_lookup (self->ranks, address)) == rank)
    return FALSE;
  g_hash_table_insert (self->ranks, g_strdup (address), GUINT_TO_POINTER (rank));
  return TRUE;
}

/**
 * socks_calm_order_settle:
 * @self: the sorter
 * @proxies: the proxies as the service lists them
 * @order: the order wanted
 *
 * Looks at @proxies again and puts them into that order.
 */
void
socks_calm_order_settle (SocksCalmOrder *self, GListModel *proxies, SocksOrder order)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean is_new = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (proxies); i++)
    g_ptr_array_add (items, g_list_model_get_item (proxies, i));
  /* All sorts are stable. */
  if (order == SOCKS_ORDER_FASTEST)
    g_ptr_array_sort (items, compare_latency);
  else if (order == SOCKS_ORDER_ADDRESS)
    g_ptr_array_sort (items, compare_address);
  g_ptr_array_sort (items, compare_place);

  if (g_hash_table_size (self->ranks) > items->len)
    {
      g_hash_table_remove_all (self->ranks);
      is_new = TRUE;
    }
  for (guint i = 0; i < items->len; i++)
    is_new |= give_rank (self, items->pdata[i], i + 1);
  if (is_new)
    gtk_sorter_changed (GTK_SORTER (self), GTK_SORTER_CHANGE_DIFFERENT);
}
