/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person changes in their book, and files that anybody may change meanwhile. */

#include <glib/gstdio.h>
#include <unistd.h>

#include "book-world.h"
#include "expected-log.h"
#include "model/proxy-list.h"
#include "model/text-lock.h"
#include "run-until.h"

static void
test_where_there_is_nothing_there_are_no_names (BookWorld *world, gconstpointer unused)
{
  g_assert_null (book_world_get_name (world, A));
  g_assert_false (socks_address_book_is_pinned (world->book, A));
  g_assert_cmpuint (socks_address_book_get_place (world->book, A), ==,
                    SOCKS_ADDRESS_BOOK_NO_PLACE);
  /* Who only looks leaves nothing behind. */
  book_world_expect_file (world->config, "", NULL);
  book_world_expect_file (world->state, "", NULL);
}

static void
test_names_are_set_and_taken_away_and_the_rest_of_the_file_stays (BookWorld *world,
                                                                  gconstpointer unused)
{
  book_world_write (world->machine, "names", "400::a ours\n");
  book_world_write (world->config, "names", "# mine\n400::b b\nnonsense");
  expected_log_push (G_LOG_LEVEL_WARNING, "*line 3*");
  book_world_open (world);
  expected_log_push (G_LOG_LEVEL_WARNING, "*line 3*");
  book_world_set_name (world, A, "mine");
  book_world_finish (world);
  g_assert_cmpstr (book_world_get_name (world, A), ==, "mine");
  book_world_expect_file (world->config, "names",
                          "# mine\n400::b b\nnonsense\n" A " mine\n");

  /* Two at once are made in their order. */
  expected_log_push (G_LOG_LEVEL_WARNING, "*line 2*");
  expected_log_push (G_LOG_LEVEL_WARNING, "*line 2*");
  book_world_set_name (world, "400::b", NULL);
  book_world_set_name (world, A, NULL);
  book_world_finish (world);
  expected_log_assert_seen ();
  g_assert_cmpstr (book_world_get_name (world, A), ==, "ours");
  g_assert_null (book_world_get_name (world, B));
  book_world_expect_file (world->config, "names", "# mine\nnonsense\n");
}

static void
test_a_link_stays_a_link (BookWorld *world, gconstpointer unused)
{
  g_autofree char *dotfiles = g_build_filename (world->root, "dotfiles", NULL);
  g_autofree char *target = g_build_filename (dotfiles, "names", NULL);
  g_autofree char *link = g_build_filename (world->config, "names", NULL);

  book_world_write (dotfiles, "names", "400::a a\n");
  g_assert_cmpint (g_mkdir_with_parents (world->config, 0700), ==, 0);
  g_assert_cmpint (symlink (target, link), ==, 0);
  book_world_open (world);
  book_world_set_name (world, "400::b", "b");
  book_world_finish (world);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  book_world_expect_file (dotfiles, "names", "400::a a\n400::b b\n");
}

static void
test_what_a_link_leads_to_is_seen (BookWorld *world, gconstpointer unused)
{
  g_autofree char *dotfiles = g_build_filename (world->root, "dotfiles", NULL);
  g_autofree char *middle = g_build_filename (dotfiles, "middle", NULL);
  g_autofree char *first = g_build_filename (world->config, "names", NULL);
  g_autofree char *next = g_build_filename (world->config, "next", NULL);

  book_world_write (dotfiles, "names", A " a\n");
  g_assert_cmpint (symlink ("names", middle), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (world->config, 0700), ==, 0);
  g_assert_cmpint (symlink (middle, first), ==, 0);
  book_world_open (world);
  g_assert_cmpstr (book_world_get_name (world, A), ==, "a");
  book_world_write (dotfiles, "names", A " again\n");
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "again") == 0);

  /* Another link in place of either. */
  book_world_write (world->root, "elsewhere", A " elsewhere\n");
  g_assert_cmpint (g_unlink (middle), ==, 0);
  g_assert_cmpint (symlink ("../elsewhere", middle), ==, 0);
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "elsewhere") == 0);
  book_world_write (world->root, "elsewhere", A " there\n");
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "there") == 0);
  g_assert_cmpint (symlink ("../../../dotfiles/names", next), ==, 0);
  g_assert_cmpint (g_rename (next, first), ==, 0);
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "again") == 0);

  /* What comes later than the link. */
  book_world_remove_tree (dotfiles);
  RUN_UNTIL (book_world_get_name (world, A) == NULL);
  book_world_write (dotfiles, "names", A " back\n");
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "back") == 0);

  g_assert_cmpint (g_unlink (first), ==, 0);
  g_assert_cmpint (symlink (first, first), ==, 0);
  expected_log_push (G_LOG_LEVEL_WARNING, "*Too many levels of symbolic links*");
  RUN_UNTIL (book_world_get_name (world, A) == NULL);
  expected_log_assert_seen ();
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static void
test_what_can_not_be_written_is_told (BookWorld *world, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  book_world_write (world->root, "home", "a file, where a folder is to be");
  socks_address_book_set_name_async (world->book, A, "a", answered_cb, &result);
  RUN_UNTIL (result != NULL);
  g_assert_false (socks_address_book_finish (world->book, result, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_null (book_world_get_name (world, A));
}

/* As on a disk that does not answer. */
static void
test_nobody_waits_for_ever_for_what_is_written (BookWorld *world, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->config, "names", NULL);
  int lock;

  book_world_write (world->config, "names", "");
  lock = socks_text_lock_take (path, 0, NULL);
  g_assert_cmpint (lock, >=, 0);
  book_world_set_name (world, A, "a");
  book_world_set_pinned (world, A, TRUE);
  g_assert_false (socks_address_book_settle (world->book, 20));
  g_assert_null (book_world_get_name (world, A));
  close (lock);
  g_assert_true (socks_address_book_settle (world->book, 60 * 1000));
  g_assert_cmpuint (world->n_pending, ==, 0);
  g_assert_cmpstr (book_world_get_name (world, A), ==, "a");
  g_assert_true (socks_address_book_is_pinned (world->book, A));
}

/* A new address would not be read. */
static void
test_a_full_file_takes_no_more_addresses (BookWorld *world, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= SOCKS_ADDRESS_LINES_MAX; i++)
    g_string_append_printf (text, "401::%x n%u.\n", i, i);
  book_world_write (world->config, "names", text->str);
  book_world_open (world);
  socks_address_book_set_name_async (world->book, A, "a", answered_cb, &result);
  RUN_UNTIL (result != NULL);
  g_assert_false (socks_address_book_finish (world->book, result, &error));
  g_assert_true (g_str_has_suffix (
      error->message, "/names: it is full, for it can have no more than 4096 addresses"));
  book_world_expect_file (world->config, "names", text->str);

  /* One of those that are in it may get another name, or make room. */
  book_world_set_name (world, "401::7", "seven");
  book_world_set_name (world, "401::8", NULL);
  book_world_set_name (world, A, "a");
  book_world_finish (world);
  g_assert_cmpstr (book_world_get_name (world, "[401::7]:1"), ==, "seven");
  g_assert_cmpstr (book_world_get_name (world, A), ==, "a");
}

/* As a service that is none might call itself. */
static void
test_nothing_but_an_address_gets_into_a_file (BookWorld *world, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  socks_address_book_add_use_async (world->book, A "\n" B, answered_cb, &result);
  RUN_UNTIL (result != NULL);
  g_assert_false (socks_address_book_finish (world->book, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  book_world_expect_file (world->state, "", NULL);
}

/* Another program with the same files. */
static void
test_every_program_knows_at_once (BookWorld *world, gconstpointer unused)
{
  g_autoptr (SocksAddressBook) other =
      socks_address_book_new_in (world->machine, world->config, world->state);

  book_world_set_name (world, A, "mine");
  RUN_UNTIL (g_strcmp0 (socks_address_book_get_name (other, A), "mine") == 0);
  book_world_set_pinned (world, B, TRUE);
  RUN_UNTIL (socks_address_book_is_pinned (other, B));
  book_world_use (world, C);
  RUN_UNTIL (socks_address_book_get_place (other, C) == 1);
  book_world_finish (world);

  book_world_write (world->machine, "names", "400::d by somebody else\n");
  RUN_UNTIL (book_world_get_name (world, D) != NULL);
  book_world_remove_tree (world->config);
  RUN_UNTIL (book_world_get_name (world, A) == NULL);
  RUN_UNTIL (!socks_address_book_is_pinned (other, B));
  book_world_write (world->config, "names", A " again\n");
  RUN_UNTIL (g_strcmp0 (book_world_get_name (world, A), "again") == 0);
}

/* Two programs, as a window and a script. */
static void
test_nothing_is_lost_where_two_write_at_once (BookWorld *world, gconstpointer unused)
{
  g_autoptr (SocksAddressBook) other =
      socks_address_book_new_in (world->machine, world->config, world->state);
  SocksAddressBook *mine = world->book;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *key = g_strdup_printf ("400::%x", i + 1);
      g_autofree char *name = g_strdup_printf ("n%u.", i);

      world->book = i % 2 == 0 ? mine : other;
      book_world_set_name (world, key, name);
    }
  world->book = mine;
  book_world_finish (world);
  RUN_UNTIL (socks_address_book_get_own_names (mine)->lines->len == 100);
}

static void
test_what_is_written_in_place_is_read_when_it_is_whole (BookWorld *world,
                                                        gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->machine, "names", NULL);
  FILE *file = g_fopen (path, "w");

  g_assert_cmpint (fputs ("400::a abc", file), >=, 0);
  g_assert_cmpint (fflush (file), ==, 0);
  g_assert_cmpint (fputs (" and more\n", file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
  RUN_UNTIL (book_world_get_name (world, A) != NULL);
  g_assert_cmpstr (book_world_get_name (world, A), ==, "abc and more");
  g_assert_cmpuint (world->n_changes, ==, 1);
}

static void
expect_places (BookWorld *world, const char *expected)
{
  static const char *const addresses[] = { A, B, C, D };
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      guint place = socks_address_book_get_place (world->book, addresses[i]);

      g_string_append_c (
          found, place == SOCKS_ADDRESS_BOOK_NO_PLACE ? '-' : (char) ('0' + place));
    }
  g_assert_cmpstr (found->str, ==, expected);
}

static void
test_pins_come_first_and_then_the_last_three (BookWorld *world, gconstpointer unused)
{
  book_world_use (world, A);
  book_world_use (world, B);
  book_world_use (world, C);
  book_world_use (world, A);
  book_world_finish (world);
  expect_places (world, "021-");
  book_world_use (world, D);
  book_world_finish (world);
  expect_places (world, "1-20");
  book_world_expect_file (world->state, "recent", D "\n" A "\n" C "\n");

  book_world_set_pinned (world, B, TRUE);
  book_world_set_pinned (world, A, TRUE);
  book_world_finish (world);
  expect_places (world, "1042");
  book_world_expect_file (world->config, "pins", B "\n" A "\n");
  /* Again is the same. */
  book_world_set_pinned (world, B, FALSE);
  book_world_set_pinned (world, B, FALSE);
  book_world_finish (world);
  expect_places (world, "0-31");
}

/* Of a hand-written list only as many as there may be. */
static void
test_only_three_were_used_last (BookWorld *world, gconstpointer unused)
{
  book_world_write (world->state, "recent", D "\n" C "\n" B "\n" A "\n");
  book_world_open (world);
  expect_places (world, "-210");
}

static void
test_a_list_has_it_and_follows (BookWorld *world, gconstpointer unused)
{
  g_autoptr (SocksProxyList) list = socks_proxy_list_new ();
  g_autoptr (GVariant) entries = g_variant_ref_sink (
      g_variant_new_parsed ("[{'Address': <%s>}, {'Address': <%s>}]", A, B));
  SocksProxyItem *item;
  g_autofree char *title = NULL;

  book_world_write (world->config, "names", "400::a a\n");
  book_world_open (world);
  socks_proxy_list_set_book (list, world->book);
  socks_proxy_list_update (list, entries);
  item = socks_proxy_list_lookup (list, A);
  g_assert_cmpstr (socks_proxy_item_get_name (item), ==, "a");
  g_assert_null (socks_proxy_item_get_name (socks_proxy_list_lookup (list, B)));
  book_world_set_pinned (world, A, TRUE);
  book_world_set_name (world, "400::a", "other");
  book_world_finish (world);
  title = socks_proxy_item_dup_title (item);
  g_assert_cmpstr (title, ==, "other");
  g_assert_true (socks_proxy_item_is_pinned (item));
  g_assert_cmpuint (socks_proxy_item_get_place (item), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
#define ADD(name)                                                                        \
  g_test_add ("/address-book/" #name, BookWorld, NULL, book_world_set_up, test_##name,   \
              book_world_tear_down)
  ADD (where_there_is_nothing_there_are_no_names);
  ADD (names_are_set_and_taken_away_and_the_rest_of_the_file_stays);
  ADD (a_link_stays_a_link);
  ADD (what_a_link_leads_to_is_seen);
  ADD (what_can_not_be_written_is_told);
  ADD (nobody_waits_for_ever_for_what_is_written);
  ADD (a_full_file_takes_no_more_addresses);
  ADD (nothing_but_an_address_gets_into_a_file);
  ADD (every_program_knows_at_once);
  ADD (nothing_is_lost_where_two_write_at_once);
  ADD (what_is_written_in_place_is_read_when_it_is_whole);
  ADD (pins_come_first_and_then_the_last_three);
  ADD (only_three_were_used_last);
  ADD (a_list_has_it_and_follows);
#undef ADD
  return g_test_run ();
}
