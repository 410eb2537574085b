/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Names of addresses: which there are, which win, and what can be one. */

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "book-world.h"
#include "expected-log.h"
#include "model/name-text.h"

static void
test_the_persons_names_win_over_the_machines (BookWorld *world, gconstpointer unused)
{
  book_world_write (world->machine, "names",
                    "# of this machine\n"
                    "400::a ours\n"
                    "[400:0:0::B]:1080   the  printer's\n"
                    "192.0.2.7 office\n");
  book_world_write (world->config, "names", "[400::a]:1080 mine\n\n");
  book_world_open (world);
  g_assert_cmpstr (book_world_get_name (world, A), ==, "mine");
  g_assert_cmpstr (book_world_get_name (world, "[400::a]:9050"), ==, "ours");
  g_assert_cmpstr (book_world_get_name (world, B), ==, "the  printer's");
  g_assert_null (book_world_get_name (world, "[400::b]:9050"));
  g_assert_cmpstr (book_world_get_name (world, "192.0.2.7:9050"), ==, "office");
  g_assert_cmpstr (book_world_get_name (world, "[::ffff:192.0.2.7]:1"), ==, "office");
  g_assert_null (book_world_get_name (world, ""));
  g_assert_null (book_world_get_name (world, "nonsense"));
}

static void
test_bad_lines_are_left_out_and_told_once (BookWorld *world, gconstpointer unused)
{
  static const char *const bad[] = {
    "400::a",
    "400::g name",
    "name 400::a",
    "400::a 17",
    "400::a a:b",
    "400::a [x]",
    "400::a -x",
    "400::a 192.0.2.7",
    "400::a a\tb",
    "400::a \xff",
    "[400::a name",
    "[400::a]1080 name",
    "[400::a]:0 name",
    "[400::a]:65536 name",
    "fe80::1%eth0 name",
    "400::a abc\u202edef",
    "400::a abc\u2028def",
    "400::a \033[2J",
    "[192.0.2.7]:1 x",
    "400::a 01234567890123456789012345678901234567890",
  };
  g_autoptr (GString) text = g_string_new ("400::b fine\n\n# comment\n");
  g_autofree char *pattern =
      g_strdup_printf ("*/names: what is in line 4 can't be understood (lines left out: "
                       "%u)",
                       (guint) G_N_ELEMENTS (bad));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_string_append_printf (text, "%s\n", bad[i]);
  g_string_append (text, "400::c \u00e4\u00f6\u00fc and more");
  book_world_write (world->machine, "names", text->str);
  expected_log_push (G_LOG_LEVEL_WARNING, pattern);
  book_world_open (world);
  expected_log_assert_seen ();
  g_assert_null (book_world_get_name (world, A));
  g_assert_cmpstr (book_world_get_name (world, B), ==, "fine");
  g_assert_cmpstr (book_world_get_name (world, C), ==, "\u00e4\u00f6\u00fc and more");
}

static void
test_what_is_no_small_text_is_as_if_it_were_not_there (BookWorld *world,
                                                       gconstpointer unused)
{
  g_autofree char *path = g_build_filename (world->machine, "names", NULL);
  g_autofree char *long_text = g_strnfill (300 * 1024, '#');

  book_world_write (world->machine, "names", long_text);
  expected_log_push (G_LOG_LEVEL_WARNING, "*/names: File too large");
  book_world_open (world);
  expected_log_assert_seen ();

  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  expected_log_push (G_LOG_LEVEL_WARNING, "*/names: Invalid argument");
  book_world_open (world);
  expected_log_assert_seen ();
}

static void
test_no_more_names_than_there_may_be (BookWorld *world, gconstpointer unused)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 1; i <= SOCKS_ADDRESS_LINES_MAX + 2; i++)
    g_string_append_printf (text, "400::%x n%u.\n", i, i);
  book_world_write (world->machine, "names", text->str);
  expected_log_push (G_LOG_LEVEL_WARNING,
                     "*line 4097 can't be understood (lines left out: 2)");
  book_world_open (world);
  expected_log_assert_seen ();
  g_assert_cmpstr (book_world_get_name (world, "[400::1000]:1"), ==, "n4096.");
  g_assert_null (book_world_get_name (world, "[400::1001]:1"));
}

static void
test_a_name_is_found_however_it_is_written (BookWorld *world, gconstpointer unused)
{
  g_autofree char *key = NULL;

  book_world_write (world->machine, "names", "400::a Z\u00fcrich\n400::b shared\n");
  book_world_write (world->config, "names",
                    "400::c shared\n400::d berlin\n"
                    "[400::d]:1080 Berlin\n400::e twin\n400::f Twin\n");
  book_world_open (world);
  g_assert_cmpint (socks_address_book_find (world->book, "zU\u0308RICH", &key), ==,
                   SOCKS_NAME_MATCH_ONE);
  g_assert_cmpstr (key, ==, "400::a");
  g_clear_pointer (&key, g_free);
  /* The person's before the machine's. */
  g_assert_cmpint (socks_address_book_find (world->book, "shared", &key), ==,
                   SOCKS_NAME_MATCH_ONE);
  g_assert_cmpstr (key, ==, "400::c");
  g_clear_pointer (&key, g_free);
  /* One address, with its port and without. */
  g_assert_cmpint (socks_address_book_find (world->book, "BERLIN", &key), ==,
                   SOCKS_NAME_MATCH_ONE);
  g_assert_cmpstr (key, ==, "400::d");
  g_clear_pointer (&key, g_free);
  g_assert_cmpint (socks_address_book_find (world->book, "twin", &key), ==,
                   SOCKS_NAME_MATCH_SEVERAL);
  g_assert_cmpint (socks_address_book_find (world->book, "ber", &key), ==,
                   SOCKS_NAME_MATCH_BEGINNING);
  g_assert_cmpint (socks_address_book_find (world->book, "\xff", &key), ==,
                   SOCKS_NAME_MATCH_NONE);
  g_assert_cmpint (socks_address_book_find (world->book, "", &key), ==,
                   SOCKS_NAME_MATCH_NONE);
  g_assert_null (key);
}

/* Which line comes first says nothing. */
static void
test_a_name_of_every_port_is_also_that_of_one (BookWorld *world, gconstpointer unused)
{
  static const char *const keys[] = { "[400::a]:1080", "400::a", "[400::a]:2000" };
  static const guint8 orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("%s x\n%s x\n%s x\n", keys[orders[i][0]], keys[orders[i][1]],
                           keys[orders[i][2]]);
      g_autofree char *other = g_strconcat (text, "[400::b]:1080 x\n", NULL);
      g_autofree char *key = NULL;

      book_world_write (world->machine, "names", text);
      book_world_open (world);
      g_assert_cmpint (socks_address_book_find (world->book, "x", &key), ==,
                       SOCKS_NAME_MATCH_ONE);
      g_assert_cmpstr (key, ==, "400::a");
      book_world_write (world->machine, "names", other);
      book_world_open (world);
      g_assert_cmpint (socks_address_book_find (world->book, "x", NULL), ==,
                       SOCKS_NAME_MATCH_SEVERAL);
    }
  book_world_write (world->machine, "names", "[400::a]:1080 x\n[400::a]:2000 x\n");
  book_world_open (world);
  g_assert_cmpint (socks_address_book_find (world->book, "x", NULL), ==,
                   SOCKS_NAME_MATCH_SEVERAL);
}

static void
expect_judgement (BookWorld *world,
                  const char *key,
                  const char *name,
                  const char *sentence)
{
  g_autofree char *found = socks_address_book_judge_name (world->book, key, name);

  g_assert_cmpstr (found, ==, sentence);
}

static void
test_a_name_is_judged_before_it_is_given (BookWorld *world, gconstpointer unused)
{
  book_world_write (world->machine, "names",
                    "400::a ours\n400::e twin\n400::f twin\n" B " port\n");
  book_world_open (world);
  expect_judgement (world, D, "new", "");
  expect_judgement (world, "400::a", "Ours", "");
  /* The same address, with its port. */
  expect_judgement (world, A, "Ours", "");
  expect_judgement (world, "400::b", "port", "");
  expect_judgement (world, "[400::b]:9050", "port",
                    "This is the name of 400::b already.");
  expect_judgement (world, D, "Ours", "This is the name of 400::a already.");
  expect_judgement (world, D, "twin", "More than one address has this name already.");
  expect_judgement (world, D, "", "Write a name.");
  expect_judgement (world, D, "17", "A name can’t be a number alone.");
  expect_judgement (world, D, "-x", "A name can’t begin with a hyphen.");
  expect_judgement (world, D, "a:b",
                    "A name can’t look like an address: leave out colons and brackets.");
  expect_judgement (world, D, " x",
                    "There is something in this name that can’t be seen.");
}

/* A name that runs the other way turns nothing around it. */
static void
test_a_name_is_shown_by_itself (void)
{
  g_autofree char *latin = socks_name_text ("Z\u00fcrich");
  g_autofree char *arabic = socks_name_text ("\u0628\u0631\u0644\u064a\u0646");

  g_assert_cmpstr (latin, ==, "Z\u00fcrich");
  g_assert_cmpstr (arabic, ==, "\u2068\u0628\u0631\u0644\u064a\u0646\u2069");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
#define ADD(name)                                                                        \
  g_test_add ("/address-names/" #name, BookWorld, NULL, book_world_set_up, test_##name,  \
              book_world_tear_down)
  ADD (the_persons_names_win_over_the_machines);
  ADD (bad_lines_are_left_out_and_told_once);
  ADD (what_is_no_small_text_is_as_if_it_were_not_there);
  ADD (no_more_names_than_there_may_be);
  ADD (a_name_is_found_however_it_is_written);
  ADD (a_name_of_every_port_is_also_that_of_one);
  ADD (a_name_is_judged_before_it_is_given);
#undef ADD
  g_test_add_func ("/address-names/a_name_is_shown_by_itself",
                   test_a_name_is_shown_by_itself);
  return g_test_run ();
}
