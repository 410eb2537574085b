/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The peers in the service's order, as a list model. The service sends the whole list;
 * here it becomes the difference: one signal, from the first place where something is
 * another to the last. More signals could name fewer items, but then one that moves would
 * be gone, or there twice, in between; a view that finds it on both sides of one signal
 * keeps its row, with the focus in it.
 *
 * Main thread. */

#include "model/proxy-list.h"

typedef struct
{
  SocksProxyItem *item; /* (owned) */
  guint round;          /* the last update that named it */
} Node;

struct _SocksProxyList
{
  GObject parent_instance;

  GListStore *store; /* (owned): of SocksProxyItem */
  GHashTable *nodes; /* (owned): address, borrowed from the item → (owned) Node */
  guint round;

  SocksAddressBook *book; /* (owned) (nullable) */
};

static void socks_proxy_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksProxyList,
                               socks_proxy_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      socks_proxy_list_model_init))

static void
node_free (Node *node)
{
  g_object_unref (node->item);
  g_free (node);
}

static GType
get_item_type (GListModel *model)
{
  return SOCKS_TYPE_PROXY_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (SOCKS_PROXY_LIST (model)->store));
}

static gpointer
get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (SOCKS_PROXY_LIST (model)->store), position);
}

static void
socks_proxy_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = get_item_type;
  interface->get_n_items = get_n_items;
  interface->get_item = get_item;
}

static void
socks_proxy_list_finalize (GObject *object)
{
  SocksProxyList *self = SOCKS_PROXY_LIST (object);

  g_clear_object (&self->book);
  g_hash_table_unref (self->nodes);
  g_object_unref (self->store);

  G_OBJECT_CLASS (socks_proxy_list_parent_class)->finalize (object);
}

static void
socks_proxy_list_class_init (SocksProxyListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_proxy_list_finalize;
}

static void
socks_proxy_list_init (SocksProxyList *self)
{
  self->store = g_list_store_new (SOCKS_TYPE_PROXY_ITEM);
  self->nodes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL /* key */,
                                       (GDestroyNotify) node_free);
  g_signal_connect_object (self->store, "items-changed",
                           G_CALLBACK (g_list_model_items_changed), self,
                           G_CONNECT_SWAPPED);
}

/**
 * socks_proxy_list_new:
 *
 * Returns: (transfer full): an empty list
 */
SocksProxyList *
socks_proxy_list_new (void)
{
  return g_object_new (SOCKS_TYPE_PROXY_LIST, NULL);
}

static void
book_changed_cb (SocksAddressBook *book, SocksProxyList *self)
{
  GHashTableIter iter;
  gpointer node;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &node))
    socks_proxy_item_look_up (((Node *) node)->item, book);
}

/**
 * socks_proxy_list_set_book:
 * @self: a list
 * @book: what the person knows of addresses
 *
 * Lets the items have their names, now and when these change.
 */
void
socks_proxy_list_set_book (SocksProxyList *self, SocksAddressBook *book)
{
  g_return_if_fail (self->book == NULL);
  self->book = g_object_ref (book);
  g_signal_connect_object (book, "changed", G_CALLBACK (book_changed_cb), self, 0);
  book_changed_cb (book, self);
}

/* Brings the items up to date and returns them in the new order, (unowned). An address that
 * is named twice stays where it is named first. */
static GPtrArray *
take_entries (SocksProxyList *self, GVariant *entries, gboolean *out_changed)
{
  gsize n_entries = g_variant_n_children (entries);
  GPtrArray *targets = g_ptr_array_sized_new (n_entries);

  *out_changed = FALSE;
  self->round++;
  for (gsize i = 0; i < n_entries; i++)
    {
      g_autoptr (GVariant) dictionary = g_variant_get_child_value (entries, i);
      SocksProxyEntry entry;
      Node *node;

      if (!socks_proxy_entry_read (dictionary, &entry))
        continue;
      node = g_hash_table_lookup (self->nodes, entry.address);
      if (node == NULL)
        {
          node = g_new0 (Node, 1);
          node->item = socks_proxy_item_new (&entry);
          if (self->book != NULL)
            socks_proxy_item_look_up (node->item, self->book);
          g_hash_table_insert (self->nodes,
                               (gpointer) socks_proxy_item_get_address (node->item),
                               node);
        }
      else if (node->round == self->round)
        continue;
      else if (socks_proxy_item_update (node->item, &entry))
        *out_changed = TRUE;

      node->round = self->round;
      g_ptr_array_add (targets, node->item);
    }
  return targets;
}

static gboolean
is_at (SocksProxyList *self, guint position, const SocksProxyItem *item)
{
  g_autoptr (SocksProxyItem) there = get_item (G_LIST_MODEL (self), position);

  return there == item;
}

static gboolean
reorder (SocksProxyList *self, GPtrArray *targets)
{
  guint n_old = get_n_items (G_LIST_MODEL (self));
  guint n_new = targets->len;
  guint first = 0;

  while (first < MIN (n_old, n_new) && is_at (self, first, targets->pdata[first]))
    first++;
  while (MIN (n_old, n_new) > first &&
         is_at (self, n_old - 1, targets->pdata[n_new - 1]))
    {
      n_old--;
      n_new--;
    }
  if (n_old == first && n_new == first)
    return FALSE;
  g_list_store_splice (self->store, first, n_old - first, targets->pdata + first,
                       n_new - first);
  return TRUE;
}

static gboolean
is_of_older_round (gpointer address, gpointer node, gpointer data)
{
  const SocksProxyList *self = data;

  return ((Node *) node)->round != self->round;
}

/**
 * socks_proxy_list_update:
 * @self: a list
 * @entries: (nullable): an `aa{sv}` of all peers in the order to be shown; %NULL for none.
 *   Entries without an address are ignored
 *
 * Brings the items up to date, then the list.
 *
 * Returns: whether something is another now
 */
gboolean
socks_proxy_list_update (SocksProxyList *self, GVariant *entries)
{
  g_autoptr (GVariant) none =
      entries == NULL
          ? g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0))
          : NULL;
  g_autoptr (GPtrArray) targets = NULL;
  gboolean has_changed_items, has_new_order;

  targets = take_entries (self, entries != NULL ? entries : none, &has_changed_items);
  has_new_order = reorder (self, targets);
  g_hash_table_foreach_remove (self->nodes, is_of_older_round, self);
  return has_changed_items || has_new_order;
}

/**
 * socks_proxy_list_lookup:
 * @self: a list
 * @address: a socket address as the service writes it
 *
 * Returns: (transfer none) (nullable): its item
 */
SocksProxyItem *
socks_proxy_list_lookup (SocksProxyList *self, const char *address)
{
  const Node *node = g_hash_table_lookup (self->nodes, address);

  return node != NULL ? node->item : NULL;
}
