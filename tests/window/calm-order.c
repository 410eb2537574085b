/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The order of the list, and that it keeps still. */

#include "window/calm-order.h"

#include <glib/gstdio.h>

#include "model/proxy-list.h"

/* A list as the service sends it, and the same in order. */
typedef struct
{
  SocksProxyList *proxies;   /* (owned) */
  SocksCalmOrder *order;     /* (owned) */
  GtkSortListModel *ordered; /* (owned) */
} World;

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->proxies = socks_proxy_list_new ();
  world->order = g_object_new (SOCKS_TYPE_CALM_ORDER, NULL);
  world->ordered =
      gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (world->proxies)),
                               GTK_SORTER (g_object_ref (world->order)));
  return world;
}

static void
world_free (World *world)
{
  g_object_unref (world->ordered);
  g_object_unref (world->order);
  g_object_unref (world->proxies);
  g_free (world);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* @proxies: "address latency", and "!" behind for one that wants a login. */
static void
world_list (World *world, const char *const *proxies)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) entries = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; proxies[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (proxies[i], " ", 2);
      gboolean wants_login = g_str_has_suffix (words[1], "!");

      g_variant_builder_add_parsed (
          &builder, "{'Address': <%s>, 'Status': <%s>, 'Latency': <%u>}", words[0],
          wants_login ? "AuthenticationRequired" : "Valid",
          (guint) g_ascii_strtoull (words[1], NULL, 10));
    }
  entries = g_variant_ref_sink (g_variant_builder_end (&builder));
  socks_proxy_list_update (world->proxies, entries);
}

static void
world_expect (World *world, const char *addresses)
{
  g_autoptr (GString) found = g_string_new (NULL);
  GListModel *model = G_LIST_MODEL (world->ordered);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SocksProxyItem) item = g_list_model_get_item (model, i);

      g_string_append_printf (found, "%s%s", i > 0 ? " " : "",
                              socks_proxy_item_get_address (item));
    }
  g_assert_cmpstr (found->str, ==, addresses);
}

static void
world_settle (World *world, SocksOrder order)
{
  socks_calm_order_settle (world->order, G_LIST_MODEL (world->proxies), order);
}

static void
test_the_first_list_is_in_the_order_of_the_service (void)
{
  g_autoptr (World) world = world_new ();

  world_list (world, (const char *[]){ "c 1", "a 2", "b 3!", NULL });
  world_expect (world, "c a b");
}

static void
test_each_order_is_what_it_says (void)
{
  g_autoptr (World) world = world_new ();

  world_list (world, (const char *[]){ "c 2", "a 5", "b 1!", "d 0!", NULL });
  world_settle (world, SOCKS_ORDER_FASTEST);
  world_expect (world, "b c a d");
  world_settle (world, SOCKS_ORDER_ADDRESS);
  world_expect (world, "a b c d");
  world_settle (world, SOCKS_ORDER_BEST);
  world_expect (world, "c a b d");
}

static void
test_nothing_moves_until_it_is_settled (void)
{
  g_autoptr (World) world = world_new ();

  world_list (world, (const char *[]){ "a 1", "b 2", "c 3", NULL });
  world_settle (world, SOCKS_ORDER_BEST);
  world_list (world, (const char *[]){ "c 1", "b 2", "a 3", NULL });
  world_expect (world, "a b c");
  world_settle (world, SOCKS_ORDER_BEST);
  world_expect (world, "c b a");
}

static void
test_what_is_new_comes_last_until_then (void)
{
  g_autoptr (World) world = world_new ();

  world_list (world, (const char *[]){ "b 2", "c 3", NULL });
  world_settle (world, SOCKS_ORDER_BEST);
  world_list (world, (const char *[]){ "x 1", "b 2", "c 3", "y 4", NULL });
  world_expect (world, "b c x y");
  world_settle (world, SOCKS_ORDER_BEST);
  world_expect (world, "x b c y");
}

static void
test_what_is_pinned_and_was_used_last_comes_first (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("socks-order-XXXXXX", &error);
  g_autofree char *pins = g_build_filename (directory, "pins", NULL);
  g_autofree char *recent = g_build_filename (directory, "recent", NULL);
  g_autoptr (SocksAddressBook) book = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (pins, "400::d\n400::b\n", -1, NULL));
  g_assert_true (g_file_set_contents (recent, "400::e\n400::b\n", -1, NULL));
  book = socks_address_book_new_in ("/nonexistent", directory, directory);
  g_assert_cmpint (g_unlink (pins) + g_unlink (recent) + g_rmdir (directory), ==, 0);

  socks_proxy_list_set_book (world->proxies, book);
  world_list (world, (const char *[]){ "400::a 3", "400::b 2", "400::c 1", "400::d 5",
                                       "400::e 4", NULL });
  world_settle (world, SOCKS_ORDER_FASTEST);
  world_expect (world, "400::d 400::b 400::e 400::c 400::a");
  world_settle (world, SOCKS_ORDER_ADDRESS);
  world_expect (world, "400::d 400::b 400::e 400::a 400::c");
}

static void
test_what_has_gone_leaves_no_trace (void)
{
  g_autoptr (World) world = world_new ();

  world_list (world, (const char *[]){ "a 1", "b 2", "c 3", NULL });
  world_settle (world, SOCKS_ORDER_BEST);
  world_list (world, (const char *[]){ "c 3", NULL });
  world_settle (world, SOCKS_ORDER_BEST);
  world_list (world, (const char *[]){ "c 3", "a 4", NULL });
  world_expect (world, "c a");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/calm-order/" #name, test_##name)
  ADD (the_first_list_is_in_the_order_of_the_service);
  ADD (each_order_is_what_it_says);
  ADD (nothing_moves_until_it_is_settled);
  ADD (what_is_new_comes_last_until_then);
  ADD (what_is_pinned_and_was_used_last_comes_first);
  ADD (what_has_gone_leaves_no_trace);
#undef ADD
  return g_test_run ();
}
