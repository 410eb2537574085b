/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the menu shows, line by line, as a function of what the service says. */

#include "tray/menu.h"

#include <glib/gstdio.h>

#define A "[407:1f00:1:2:3:4:5:9ab2]:1080"
#define B "[54e:bc0c:d404:9727:de89:2545:e6e:1b7f]:1080"
#define C "[400::1]:1080"

typedef struct
{
  SocksSnapshot *snapshot; /* (owned) */
  SocksProxyList *proxies; /* (owned) */
  SocksMenuDesktop desktop;
} World;

static void
set_up (World *world, gconstpointer unused)
{
  world->snapshot = socks_snapshot_new ();
  world->snapshot->availability = SOCKS_AVAILABILITY_PRESENT;
  world->proxies = socks_proxy_list_new ();
}

static void
tear_down (World *world, gconstpointer unused)
{
  g_object_unref (world->proxies);
  socks_snapshot_free (world->snapshot);
}

static GVariant *
new_proxy (const char *address, const char *status, guint latency_us)
{
  GVariantDict entry;

  g_variant_dict_init (&entry, NULL);
  g_variant_dict_insert (&entry, "Address", "s", address);
  g_variant_dict_insert (&entry, "Status", "s", status);
  if (latency_us != 0)
    g_variant_dict_insert (&entry, "Latency", "u", latency_us);
  return g_variant_dict_end (&entry);
}

/* @first and what follows are from new_proxy(), up to a %NULL. */
static void
list (World *world, GVariant *first, ...)
{
  g_autoptr (GVariant) entries = NULL;
  GVariantBuilder builder;
  va_list others;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  va_start (others, first);
  for (GVariant *entry = first; entry != NULL; entry = va_arg (others, GVariant *))
    g_variant_builder_add_value (&builder, entry);
  va_end (others);

  entries = g_variant_ref_sink (g_variant_builder_end (&builder));
  socks_proxy_list_update (world->proxies, entries);
  world->snapshot->n_peers[SOCKS_PROXY_VALID] =
      g_list_model_get_n_items (G_LIST_MODEL (world->proxies));
}

static void
list_many (World *world, guint n_proxies)
{
  g_autoptr (GVariant) entries = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n_proxies; i++)
    {
      g_autofree char *address = g_strdup_printf ("[400::%x]:1080", i + 1);

      g_variant_builder_add_value (&builder, new_proxy (address, "Valid", 1000 * (i + 1)));
    }
  entries = g_variant_ref_sink (g_variant_builder_end (&builder));
  socks_proxy_list_update (world->proxies, entries);
  world->snapshot->n_peers[SOCKS_PROXY_VALID] = n_proxies;
}

static void
set_remote (World *world, SocksClientState state, const char *remote)
{
  world->snapshot->state = state;
  g_free (world->snapshot->remote);
  world->snapshot->remote = g_strdup (remote);
}

static SocksMenu *
show (World *world, const SocksMenu *shown)
{
  return socks_menu_new (world->snapshot, world->proxies, world->desktop, shown);
}

/* One line for each visible slot: the mark, the badge, the label; in () what can't be
 * clicked. */
static void
assert_menu (const SocksMenu *menu, const char *expected)
{
  static const char *const badges[] = { "", "open ", "lock " };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint slot = 0; slot < SOCKS_MENU_N_SLOTS; slot++)
    {
      const SocksMenuEntry *entry = &menu->entries[slot];

      if (!entry->is_visible)
        continue;
      g_string_append (text, entry->is_marked ? "* " : "");
      g_string_append_printf (text, entry->is_sensitive ? "%s%s\n" : "(%s%s)\n",
                              badges[entry->badge], entry->label);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_proxies (const SocksMenu *menu, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint slot = SOCKS_MENU_NOTICE; slot < SOCKS_MENU_ALL; slot++)
    if (menu->entries[slot].is_visible)
      g_string_append_printf (text, menu->entries[slot].is_sensitive ? "%s|" : "(%s)|",
                              menu->entries[slot].label);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_proxies_have_badge_and_latency (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) menu = NULL;

  list (world, new_proxy (A, "Valid", 42000), new_proxy (C, "Valid", 0),
        new_proxy (B, "AuthenticationRequired", 90000), NULL);
  world->snapshot->probing = TRUE;
  world->desktop.is_supported = TRUE;
  menu = show (world, NULL);
  assert_menu (menu, "(Not connected — 3 proxies found)\n"
                     "Connect to the fastest\n"
                     "open 407:1f…9ab2 — 42 ms\n"
                     "open 400::1\n"
                     "lock 54e:bc…1b7f — 90 ms\n"
                     "All proxies…\n"
                     "(Disconnect)\n"
                     "* Look for proxies\n"
                     "Look now\n"
                     "Use for this desktop\n"
                     "(Copy address)\n"
                     "Quit\n");
  g_assert_cmpstr (menu->entries[SOCKS_MENU_PROXY].address, ==, A);
  g_assert_cmpstr (menu->entries[SOCKS_MENU_PROXY].spoken, ==,
                   "407:1f…9ab2 — 42 ms, Open");
  g_assert_cmpstr (menu->entries[SOCKS_MENU_PROXY + 2].spoken, ==,
                   "54e:bc…1b7f — 90 ms, Login required");
}

static void
test_the_remote_is_first_and_marked (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) menu = NULL;

  list (world, new_proxy (A, "Valid", 42000), new_proxy (B, "Valid", 90000), NULL);
  set_remote (world, SOCKS_CLIENT_CONNECTED, B);
  world->snapshot->remote_latency_us = 90000;
  g_free (world->snapshot->listening);
  world->snapshot->listening = g_strdup ("[::]:1080");
  world->snapshot->sweeping = TRUE;
  world->desktop = (SocksMenuDesktop){ .is_supported = TRUE, .is_enabled = TRUE };
  menu = show (world, NULL);
  assert_menu (menu, "(Connected to 54e:bc…1b7f — 90 ms)\n"
                     "Connect to the fastest\n"
                     "* open 54e:bc…1b7f — 90 ms\n"
                     "open 407:1f…9ab2 — 42 ms\n"
                     "All proxies…\n"
                     "Disconnect\n"
                     "Look for proxies\n"
                     "(Look now)\n"
                     "* Use for this desktop\n"
                     "Copy address\n"
                     "Quit\n");
}

static void
test_a_remote_that_is_not_listed_is_there (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) menu = NULL;

  list (world, new_proxy (A, "Valid", 42000), NULL);
  set_remote (world, SOCKS_CLIENT_FAILING, "192.0.2.7:9050");
  menu = show (world, NULL);
  assert_proxies (menu, "192.0.2.7:9050|407:1f…9ab2 — 42 ms|");
  g_assert_true (menu->entries[SOCKS_MENU_PROXY].is_marked);
  g_assert_cmpint (menu->entries[SOCKS_MENU_PROXY].badge, ==, SOCKS_PROXY_BADGE_NONE);
}

static void
test_a_dozen_at_most (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) menu = NULL;

  list_many (world, 300);
  set_remote (world, SOCKS_CLIENT_CONNECTED, "[400::12c]:1080");
  menu = show (world, NULL);
  assert_proxies (menu, "400::12c — 300 ms|400::1 — 1.0 ms|400::2 — 2.0 ms|"
                        "400::3 — 3.0 ms|400::4 — 4.0 ms|400::5 — 5.0 ms|"
                        "400::6 — 6.0 ms|400::7 — 7.0 ms|400::8 — 8.0 ms|"
                        "400::9 — 9.0 ms|400::a — 10 ms|400::b — 11 ms|");
}

/* What the person has written; the files are gone when the book has read them. */
static SocksAddressBook *
new_book (World *world, const char *names, const char *pins, const char *recent)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("socks-menu-XXXXXX", &error);
  const char *const files[][2] = { { "names", names },
                                   { "pins", pins },
                                   { "recent", recent } };
  SocksAddressBook *book;

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i][0], NULL);

      g_assert_true (g_file_set_contents (path, files[i][1], -1, NULL));
    }
  book = socks_address_book_new_in ("/nonexistent", directory, directory);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i][0], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (directory), ==, 0);
  socks_proxy_list_set_book (world->proxies, book);
  return book;
}

static void
test_what_is_pinned_and_was_used_last_comes_first (World *world, gconstpointer unused)
{
  g_autoptr (SocksAddressBook) book G_GNUC_UNUSED =
      new_book (world, "", "[400::9]:1080\n[400::3]:1080\n[400::ff]:1080\n",
                "[400::7]:1080\n[400::3]:1080\n[400::8]:1080\n[400::5]:1080\n");
  g_autoptr (SocksMenu) menu = NULL;
  g_autoptr (SocksMenu) connected = NULL;

  list_many (world, 300);
  menu = show (world, NULL);
  assert_proxies (menu, "400::9 — 9.0 ms|400::3 — 3.0 ms|400::ff — 255 ms|"
                        "400::7 — 7.0 ms|400::8 — 8.0 ms|"
                        "400::1 — 1.0 ms|400::2 — 2.0 ms|400::4 — 4.0 ms|"
                        "400::5 — 5.0 ms|400::6 — 6.0 ms|400::a — 10 ms|400::b — 11 ms|");

  /* Before these, the one in use. */
  set_remote (world, SOCKS_CLIENT_CONNECTED, "[400::3]:1080");
  connected = show (world, NULL);
  assert_proxies (connected, "400::3 — 3.0 ms|400::9 — 9.0 ms|400::ff — 255 ms|"
                             "400::7 — 7.0 ms|400::8 — 8.0 ms|"
                             "400::1 — 1.0 ms|400::2 — 2.0 ms|400::4 — 4.0 ms|"
                             "400::5 — 5.0 ms|400::6 — 6.0 ms|400::a — 10 ms|"
                             "400::b — 11 ms|");
}

static void
test_names_stand_in_place_of_addresses (World *world, gconstpointer unused)
{
  g_autoptr (SocksAddressBook) book G_GNUC_UNUSED =
      new_book (world, A " Oslo_1\n" C " Rome\n", "", "");
  g_autoptr (SocksMenu) menu = NULL;
  g_autoptr (SocksMenu) later = NULL;

  list (world, new_proxy (A, "Valid", 42000), new_proxy (B, "Valid", 90000), NULL);
  set_remote (world, SOCKS_CLIENT_FAILING, C);
  g_free (world->snapshot->remote_name);
  world->snapshot->remote_name = g_strdup ("Rome");
  menu = show (world, NULL);
  g_assert_cmpstr (menu->entries[SOCKS_MENU_STATUS].label, ==, "Rome does not answer");
  assert_proxies (menu, "Rome|Oslo_1 — 42 ms|54e:bc…1b7f — 90 ms|");
  g_assert_cmpstr (menu->entries[SOCKS_MENU_PROXY + 1].spoken, ==,
                   "Oslo_1 — 42 ms, Open");
  g_assert_cmpstr (menu->entries[SOCKS_MENU_PROXY + 1].address, ==, A);

  /* One that is gone keeps its name while somebody looks. */
  list (world, new_proxy (B, "Valid", 90000), NULL);
  later = show (world, menu);
  assert_proxies (later, "Rome|(Oslo_1)|54e:bc…1b7f — 90 ms|");
}

static void
test_without_a_service_little_can_be_done (World *world, gconstpointer unused)
{
  static const struct
  {
    SocksAvailability availability;
    const char *text;
  } rows[] = {
    { SOCKS_AVAILABILITY_NO_BUS, "(The system bus can’t be reached)\n"
                                 "(Connect to the fastest)\n"
                                 "All proxies…\n(Disconnect)\n(Look for proxies)\n"
                                 "(Look now)\n(Copy address)\nQuit\n" },
    { SOCKS_AVAILABILITY_NOT_INSTALLED, "(The service is not installed)\n"
                                        "(Connect to the fastest)\n"
                                        "All proxies…\n(Disconnect)\n(Look for proxies)\n"
                                        "(Look now)\n(Copy address)\nQuit\n" },
    /* The first call starts it. */
    { SOCKS_AVAILABILITY_NOT_RUNNING, "(The service is not running)\n"
                                      "Connect to the fastest\n"
                                      "All proxies…\n(Disconnect)\nLook for proxies\n"
                                      "Look now\n(Copy address)\nQuit\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SocksMenu) menu = NULL;

      world->snapshot->availability = rows[i].availability;
      menu = show (world, NULL);
      assert_menu (menu, rows[i].text);
    }
}

static void
test_it_says_why_there_are_no_proxies (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) looking = NULL;
  g_autoptr (SocksMenu) down = NULL;

  world->snapshot->sweeping = TRUE;
  looking = show (world, NULL);
  assert_proxies (looking, "(Looking for proxies…)|");

  /* Once. */
  world->snapshot->sweeping = FALSE;
  world->snapshot->node = SOCKS_CLIENT_NODE_DOWN;
  down = show (world, NULL);
  g_assert_cmpstr (down->entries[SOCKS_MENU_STATUS].label, ==, "Mycelium is not running");
  assert_proxies (down, "");
}

static void
test_in_an_open_menu_nothing_moves (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) shown = NULL;
  g_autoptr (SocksMenu) later = NULL;
  g_autoptr (SocksMenu) closed = NULL;

  list (world, new_proxy (A, "Valid", 42000), new_proxy (B, "Valid", 90000), NULL);
  shown = show (world, NULL);

  /* One faster, one gone, one new; and another is the remote. */
  list (world, new_proxy (C, "Valid", 1000), new_proxy (B, "Valid", 2000), NULL);
  set_remote (world, SOCKS_CLIENT_CONNECTED, B);
  later = show (world, shown);
  assert_proxies (later, "(407:1f…9ab2)|54e:bc…1b7f — 2.0 ms|");
  g_assert_true (later->entries[SOCKS_MENU_PROXY + 1].is_marked);

  closed = show (world, NULL);
  assert_proxies (closed, "54e:bc…1b7f — 2.0 ms|400::1 — 1.0 ms|");
}

static void
test_in_an_open_menu_the_notice_gives_its_place (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) shown = NULL;
  g_autoptr (SocksMenu) found = NULL;
  g_autoptr (SocksMenu) gone = NULL;

  world->snapshot->sweeping = TRUE;
  shown = show (world, NULL);
  list (world, new_proxy (A, "Valid", 42000), new_proxy (B, "Valid", 90000), NULL);
  found = show (world, shown);
  assert_proxies (found, "407:1f…9ab2 — 42 ms|");

  list (world, NULL);
  gone = show (world, found);
  assert_proxies (gone, "(407:1f…9ab2)|");
}

static void
test_in_an_open_menu_no_line_comes (World *world, gconstpointer unused)
{
  g_autoptr (SocksMenu) shown = NULL;
  g_autoptr (SocksMenu) later = NULL;

  world->snapshot->availability = SOCKS_AVAILABILITY_NOT_RUNNING;
  shown = show (world, NULL);
  assert_proxies (shown, "");
  world->snapshot->availability = SOCKS_AVAILABILITY_PRESENT;
  list (world, new_proxy (A, "Valid", 42000), NULL);
  later = show (world, shown);
  assert_proxies (later, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function)                                                              \
  g_test_add ("/tray/menu/" path, World, NULL, set_up, function, tear_down)
  ADD ("badge-and-latency", test_proxies_have_badge_and_latency);
  ADD ("remote", test_the_remote_is_first_and_marked);
  ADD ("unlisted-remote", test_a_remote_that_is_not_listed_is_there);
  ADD ("dozen", test_a_dozen_at_most);
  ADD ("places", test_what_is_pinned_and_was_used_last_comes_first);
  ADD ("names", test_names_stand_in_place_of_addresses);
  ADD ("no-service", test_without_a_service_little_can_be_done);
  ADD ("no-proxies", test_it_says_why_there_are_no_proxies);
  ADD ("open/nothing-moves", test_in_an_open_menu_nothing_moves);
  ADD ("open/notice", test_in_an_open_menu_the_notice_gives_its_place);
  ADD ("open/no-line-comes", test_in_an_open_menu_no_line_comes);
#undef ADD
  return g_test_run ();
}
