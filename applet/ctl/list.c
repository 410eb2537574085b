/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "list": the proxies, or everything that is known. The numbers are the places in the
 * service's own order, whatever it is sorted by here. */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/table.h"
#include "model/address-text.h"
#include "model/escape.h"
#include "model/name-text.h"
#include "model/state-text.h"

typedef struct
{
  gboolean all;
  gboolean wide;
  gboolean addresses;
  char *sort;
} Options;

static Options options;

static const GOptionEntry entries[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &options.all, N_ ("Also what is no proxy, and why"),
    NULL },
  { "sort", 's', 0, G_OPTION_ARG_STRING, &options.sort,
    N_ ("Sort by address, latency, status or seen"), N_ ("KEY") },
  { "wide", 'w', 0, G_OPTION_ARG_NONE, &options.wide,
    N_ ("Whole addresses, and when each was last seen"), NULL },
  { "addresses", 0, 0, G_OPTION_ARG_NONE, &options.addresses,
    N_ ("Addresses only, one on each line"), NULL },
  { NULL },
};

static int
compare_numbers (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_addresses (SocksProxyItem *a, SocksProxyItem *b)
{
  return strcmp (socks_proxy_item_get_address (a), socks_proxy_item_get_address (b));
}

/* Who has none comes last: 0 is not known, and one less the highest of all. */
static int
compare_latencies (SocksProxyItem *a, SocksProxyItem *b)
{
  return compare_numbers (socks_proxy_item_get_latency_us (a) - 1,
                          socks_proxy_item_get_latency_us (b) - 1);
}

/* Who was not asked yet comes last. */
static int
compare_statuses (SocksProxyItem *a, SocksProxyItem *b)
{
  return compare_numbers ((guint) socks_proxy_item_get_status (a) - 1,
                          (guint) socks_proxy_item_get_status (b) - 1);
}

static int
compare_last_seen (SocksProxyItem *a, SocksProxyItem *b)
{
  return compare_numbers (socks_proxy_item_get_last_seen_us (b),
                          socks_proxy_item_get_last_seen_us (a));
}

typedef int (*Compare) (SocksProxyItem *a, SocksProxyItem *b);

static const struct
{
  const char *key;
  Compare compare;
} orders[] = {
  { "address", compare_addresses },
  { "latency", compare_latencies },
  { "seen", compare_last_seen },
  { "status", compare_statuses },
};

/* NULL for a key that there is not. */
static Compare
get_order (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    if (g_str_equal (key, orders[i].key))
      return orders[i].compare;
  return NULL;
}

/* Equals stay in the order of their addresses, so that it is the same every time. */
static int
compare_cb (gconstpointer a, gconstpointer b, gpointer compare)
{
  SocksProxyItem *first = *(SocksProxyItem *const *) a;
  SocksProxyItem *second = *(SocksProxyItem *const *) b;
  int order = ((Compare) compare) (first, second);

  return order != 0 ? order : compare_addresses (first, second);
}

static GPtrArray *
collect (SocksProxyList *list, Compare compare)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (list));

  for (guint i = 0; i < n_items; i++)
    g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (list), i));
  if (compare != NULL)
    g_ptr_array_sort_with_data (items, compare_cb, (gpointer) compare);
  return items;
}

/* "1", and "" for who is no proxy. */
static char *
get_number_text (SocksProxyList *proxies, SocksProxyItem *item)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (proxies));

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SocksProxyItem) other =
          g_list_model_get_item (G_LIST_MODEL (proxies), i);

      if (compare_addresses (item, other) == 0)
        return g_strdup_printf ("%u", i + 1);
    }
  return g_strdup ("");
}

static char *
get_time_text (gint64 time_us)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return time_us != 0 && local != NULL ? g_date_time_format (local, "%F %T")
                                       : g_strdup ("");
}

static gboolean
has_names (GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    if (socks_proxy_item_get_name (g_ptr_array_index (items, i)) != NULL)
      return TRUE;
  return FALSE;
}

static CtlColor
color_of (SocksProxyItem *item)
{
  switch (socks_proxy_item_get_status (item))
    {
    case SOCKS_PROXY_VALID:
      return socks_proxy_item_is_selected (item) ? CTL_COLOR_GOOD : CTL_COLOR_PLAIN;
    case SOCKS_PROXY_AUTHENTICATION_REQUIRED:
      return CTL_COLOR_WARNING;
    default:
      return CTL_COLOR_FAINT;
    }
}

/* @name is NULL where nothing has one. */
static void
add_cells (CtlTable *table,
           CtlColor color,
           const char *mark,
           const char *number,
           const char *name,
           const char *address,
           const char *latency,
           const char *status,
           const char *seen)
{
  if (!options.wide)
    seen = NULL;
  if (name != NULL)
    ctl_table_add (table, color, mark, number, name, address, latency, status, seen,
                   NULL);
  else
    ctl_table_add (table, color, mark, number, address, latency, status, seen, NULL);
}

static void
add_row (CtlTable *table,
         SocksProxyList *proxies,
         SocksProxyItem *item,
         gboolean is_named,
         gboolean is_short)
{
  const char *name = socks_proxy_item_get_name (item);
  SocksProxyReason reason = socks_proxy_item_get_reason (item);
  const char *status = socks_proxy_item_get_status_text (item);
  g_autofree char *number = get_number_text (proxies, item);
  g_autofree char *whole = socks_text_escape (socks_proxy_item_get_address (item));
  g_autofree char *address =
      is_short ? socks_address_text_short (whole) : g_strdup (whole);
  g_autofree char *latency = socks_latency_text (socks_proxy_item_get_latency_us (item));
  g_autofree char *text =
      reason != SOCKS_PROXY_REASON_NONE
          ? g_strdup_printf ("%s: %s", status, socks_reason_text (reason))
          : g_strdup (status);
  g_autofree char *title = name != NULL ? socks_name_text (name) : g_strdup ("");
  g_autofree char *seen = get_time_text (socks_proxy_item_get_last_seen_us (item));

  add_cells (table, color_of (item), socks_proxy_item_is_selected (item) ? "*" : "",
             number, is_named ? title : NULL, address, latency, text, seen);
}

static CtlTable *
build_table (SocksProxyList *proxies, GPtrArray *items, gboolean is_short)
{
  gboolean is_named = has_names (items);
  CtlTable *table = ctl_table_new (5 + is_named + options.wide, 4 + is_named);

  add_cells (table, CTL_COLOR_FAINT, "", "#", is_named ? _ ("Name") : NULL, _ ("Address"),
             _ ("Latency"), _ ("Status"), _ ("Last seen"));
  for (guint i = 0; i < items->len; i++)
    add_row (table, proxies, g_ptr_array_index (items, i), is_named, is_short);
  return table;
}

static void
print_as_text (SocksProxyList *proxies, GPtrArray *items)
{
  g_autoptr (CtlTable) table = build_table (proxies, items, FALSE /* is_short */);

  if (!options.wide && ctl_table_get_width (table) > ctl_terminal_get_width ())
    {
      ctl_table_free (table);
      table = build_table (proxies, items, TRUE /* is_short */);
    }
  ctl_table_print (table);
}

static void
print_addresses (GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      SocksProxyItem *item = g_ptr_array_index (items, i);
      g_autofree char *address = socks_text_escape (socks_proxy_item_get_address (item));

      g_print ("%s\n", address);
    }
}

static void
print_as_json (GPtrArray *items)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    ctl_json_add_proxy (builder, g_ptr_array_index (items, i));
  json_builder_end_array (builder);
  ctl_json_print (builder, FALSE /* on_one_line */);
}

static void
print (CtlSession *session, GPtrArray *items)
{
  if (session->as_json)
    print_as_json (items);
  else if (options.addresses)
    print_addresses (items);
  else if (items->len > 0)
    print_as_text (socks_client_get_proxies (session->client), items);
  else
    {
      SocksSituation situation =
          socks_snapshot_get_situation (socks_client_get_snapshot (session->client));

      g_autofree char *text =
          g_strdup_printf ("%s. %s", socks_situation_text_title (situation),
                           socks_situation_text_advice (situation));

      ctl_terminal_print_sentences (text);
    }
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  Compare compare = options.sort != NULL ? get_order (options.sort) : NULL;
  g_autoptr (SocksProxyList) peers = NULL;
  g_autoptr (GPtrArray) items = NULL;
  CtlExit code;

  if (arguments[0] != NULL || (options.sort != NULL && compare == NULL))
    return ctl_fail_usage ("list");
  code = ctl_session_look (session);
  if (code == CTL_EXIT_TIMED_OUT)
    return code;
  if (code != CTL_EXIT_DONE)
    return ctl_session_fail_for_absence (session);

  if (options.all)
    {
      peers = ctl_session_list_peers (session, &code);
      if (peers == NULL)
        return code;
      /* The service tells them in no order. */
      if (compare == NULL)
        compare = compare_statuses;
    }
  else
    peers = g_object_ref (socks_client_get_proxies (session->client));
  items = collect (peers, compare);
  print (session, items);
  return CTL_EXIT_DONE;
}

const CtlCommand ctl_list_command = {
  .name = "list",
  .arguments = "",
  .summary = N_ ("List the proxies"),
  .options = entries,
  .run = run,
};
