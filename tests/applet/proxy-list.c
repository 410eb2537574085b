/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The list: differences against a model that is built by replaying its signals, how few
 * items they name, and that items keep their identity. */

#include "model/proxy-list.h"

#include <string.h>

/* What a view has, that knows the signals only. */
typedef struct
{
  SocksProxyList *list; /* (owned) */
  GPtrArray *seen;      /* (owned): of (owned) SocksProxyItem */
  guint n_signals;
  guint n_touched;
} World;

static void
items_changed_cb (GListModel *model,
                  guint position,
                  guint n_removed,
                  guint n_added,
                  gpointer data)
{
  World *world = data;

  world->n_signals++;
  world->n_touched += n_removed + n_added;
  g_assert_cmpuint (n_removed + n_added, >, 0);
  if (n_removed > 0)
    g_ptr_array_remove_range (world->seen, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (world->seen, position + i,
                        g_list_model_get_item (model, position + i));

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, world->seen->len);
}

static void
set_up (World *world, gconstpointer data)
{
  world->list = socks_proxy_list_new ();
  world->seen = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (world->list, "items-changed", G_CALLBACK (items_changed_cb), world);
}

static void
tear_down (World *world, gconstpointer data)
{
  g_ptr_array_unref (world->seen);
  g_assert_finalize_object (world->list);
}

/* Each byte of @names is the address of a peer. */
static GVariant *
entries_of (const char *names)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (const char *name = names; *name != '\0'; name++)
    {
      const char address[] = { *name, '\0' };

      g_variant_builder_add_parsed (&builder, "{'Address': <%s>}", address);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
update (World *world, const char *names)
{
  g_autoptr (GVariant) entries = entries_of (names);

  world->n_signals = 0;
  world->n_touched = 0;
  socks_proxy_list_update (world->list, entries);
}

static void
assert_list (World *world, const char *names)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (world->list)), ==,
                    strlen (names));
  g_assert_cmpuint (world->seen->len, ==, strlen (names));
  for (guint i = 0; i < world->seen->len; i++)
    {
      g_autoptr (SocksProxyItem) item =
          g_list_model_get_item (G_LIST_MODEL (world->list), i);

      g_assert_true (item == g_ptr_array_index (world->seen, i));
      g_assert_true (item ==
                     socks_proxy_list_lookup (world->list,
                                              socks_proxy_item_get_address (item)));
      g_assert_cmpint (socks_proxy_item_get_address (item)[0], ==, names[i]);
    }
}

static void
test_only_differences_are_told (World *world, gconstpointer data)
{
  const struct
  {
    const char *before;
    const char *after;
    guint n_touched;
  } rows[] = {
    { "", "", 0 },
    { "", "abc", 3 },
    { "abc", "abc", 0 },
    { "abc", "", 3 },
    { "abc", "abxc", 1 },
    { "abc", "ac", 1 },
    { "abc", "axc", 2 },
    { "aba", "ab", 0 },
    /* What moves, and what it moves past. */
    { "abcde", "bcdea", 10 },
    { "abcde", "eabcd", 10 },
    { "abcde", "acbde", 4 },
    { "abcde", "aedcb", 8 },
    /* In the middle, and at both ends. */
    { "abcde", "abxyde", 3 },
    { "abcde", "xabydez", 12 },
    /* Named twice. */
    { "abc", "abacb", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      update (world, "");
      update (world, rows[i].before);
      update (world, rows[i].after);
      g_test_message ("%s → %s", rows[i].before, rows[i].after);
      g_assert_cmpuint (world->n_signals, ==, rows[i].n_touched > 0);
      g_assert_cmpuint (world->n_touched, ==, rows[i].n_touched);
    }
}

/* Some of 40 letters, in any order. */
static void
make_up (GRand *random, char out_names[41])
{
  guint n = 0;

  for (char letter = '0'; letter < '0' + 40; letter++)
    if (g_rand_boolean (random))
      out_names[n++] = letter;
  out_names[n] = '\0';

  /* Mostly nearly in order, as latencies are; at times in none. */
  for (guint i = g_rand_int_range (random, 0, 3) == 0 ? n : 2; n > 1 && i > 0; i--)
    {
      guint from = g_rand_int_range (random, 0, n);
      guint to = g_rand_int_range (random, 0, n);
      char letter = out_names[from];

      out_names[from] = out_names[to];
      out_names[to] = letter;
    }
}

static void
test_random_differences_are_told_by_one_signal (World *world, gconstpointer data)
{
  guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  char before[41] = "";
  char after[41];

  g_test_message ("seed %u", seed);
  for (guint round = 0; round < 2000; round++)
    {
      make_up (random, after);
      update (world, after);
      assert_list (world, after);
      g_assert_cmpuint (world->n_signals, ==, !g_str_equal (before, after));
      strcpy (before, after);
    }
}

static void
test_an_item_lives_as_long_as_its_peer_is_listed (World *world, gconstpointer data)
{
  g_autoptr (SocksProxyItem) item = NULL;

  update (world, "abc");
  item = g_object_ref (socks_proxy_list_lookup (world->list, "a"));
  update (world, "bca");
  g_assert_true (socks_proxy_list_lookup (world->list, "a") == item);
  update (world, "bc");
  g_assert_null (socks_proxy_list_lookup (world->list, "a"));
  update (world, "abc");
  g_assert_true (socks_proxy_list_lookup (world->list, "a") != item);
  g_assert_finalize_object (g_steal_pointer (&item));
}

static void
test_a_change_inside_an_item_moves_nothing (World *world, gconstpointer data)
{
  g_autoptr (GVariant) faster =
      g_variant_ref_sink (g_variant_new_parsed ("[{'Address': <'a'>, 'Latency': <@u 7>},"
                                                " {'Address': <'b'>}]"));

  update (world, "ab");
  world->n_signals = 0;
  g_assert_true (socks_proxy_list_update (world->list, faster));
  g_assert_cmpuint (world->n_signals, ==, 0);
  g_assert_cmpuint (
      socks_proxy_item_get_latency_us (socks_proxy_list_lookup (world->list, "a")), ==, 7);
  g_assert_false (socks_proxy_list_update (world->list, faster));
}

static void
test_entries_without_an_address_are_left_out (World *world, gconstpointer data)
{
  g_autoptr (GVariant) entries = g_variant_ref_sink (g_variant_new_parsed (
      "[{'Status': <'Valid'>}, {'Address': <@u 7>}, {'Address': <''>}, @a{sv} {},"
      " {'Address': <'a'>}]"));

  g_assert_true (socks_proxy_list_update (world->list, entries));
  assert_list (world, "a");
  g_assert_true (socks_proxy_list_update (world->list, NULL));
  assert_list (world, "");
  g_assert_false (socks_proxy_list_update (world->list, NULL));
}

static GVariant *
many_entries (GRand *random, guint n)
{
  g_autofree guint *order = g_new (guint, n);
  GVariantBuilder builder;
  GVariant *entries, *packed;

  for (guint i = 0; i < n; i++)
    order[i] = i;
  for (guint i = n - 1; i > 0; i--)
    {
      guint j = g_rand_int_range (random, 0, i + 1);
      guint swapped = order[i];

      order[i] = order[j];
      order[j] = swapped;
    }

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *address = g_strdup_printf ("[400::%x]:1080", order[i]);

      g_variant_builder_add_parsed (&builder,
                                    "{'Address': <%s>, 'Status': <'Valid'>,"
                                    " 'Latency': <%u>, 'LastProbed': <%x>,"
                                    " 'LastSeen': <%x>, 'Selected': <false>}",
                                    address, i + 1, (gint64) i, (gint64) i);
    }

  /* As it comes over the bus. */
  entries = g_variant_ref_sink (g_variant_builder_end (&builder));
  packed = g_variant_new_from_data (G_VARIANT_TYPE ("aa{sv}"),
                                    g_variant_get_data (entries),
                                    g_variant_get_size (entries), TRUE /* trusted */,
                                    (GDestroyNotify) g_variant_unref, entries);
  return g_variant_ref_sink (packed);
}

/* In no order: nearly every one of them is taken out and put in again. */
static void
test_ten_thousand_entries_in_another_order (void)
{
  g_autoptr (SocksProxyList) list = socks_proxy_list_new ();
  g_autoptr (GRand) random = g_rand_new_with_seed (20);
  g_autoptr (GVariant) first = many_entries (random, 10000);
  g_autoptr (GVariant) second = many_entries (random, 10000);
  g_autoptr (SocksProxyItem) item = NULL;
  g_autoptr (GVariant) entry = g_variant_get_child_value (second, 9999);
  const char *address;
  double seconds;

  socks_proxy_list_update (list, first);
  g_test_timer_start ();
  socks_proxy_list_update (list, second);
  seconds = g_test_timer_elapsed ();
  g_test_message ("%.0f ms", seconds * 1000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 10000);
  item = g_list_model_get_item (G_LIST_MODEL (list), 9999);
  g_variant_lookup (entry, "Address", "&s", &address);
  g_assert_cmpstr (socks_proxy_item_get_address (item), ==, address);

  g_test_timer_start ();
  g_assert_false (socks_proxy_list_update (list, second));
  g_test_message ("unchanged: %.0f ms", g_test_timer_elapsed () * 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, World, NULL, set_up, test, tear_down)
  ADD ("/proxy-list/only-differences-are-told", test_only_differences_are_told);
  ADD ("/proxy-list/random-differences-are-told-by-one-signal",
       test_random_differences_are_told_by_one_signal);
  ADD ("/proxy-list/an-item-lives-as-long-as-its-peer-is-listed",
       test_an_item_lives_as_long_as_its_peer_is_listed);
  ADD ("/proxy-list/a-change-inside-an-item-moves-nothing",
       test_a_change_inside_an_item_moves_nothing);
  ADD ("/proxy-list/entries-without-an-address-are-left-out",
       test_entries_without_an_address_are_left_out);
#undef ADD
  g_test_add_func ("/proxy-list/ten-thousand-entries-in-another-order",
                   test_ten_thousand_entries_in_another_order);
  return g_test_run ();
}
