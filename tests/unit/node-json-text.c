/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts that somebody evil could make the node say, which are refused as a whole. */

#include "core/node-json.h"

#include "core/error.h"

#include <string.h>

#define KEY "b5ad45dc932b245a2f88f729ce30a4a098c868bd549de8bf8d8641b37a5e8501"

#define GOOD_ROUTE                                                                       \
  "{\"subnet\":\"469:1348:ab0c:a1d8::/64\",\"nextHop\":\"TCP 203.0.113.2:60128\","       \
  "\"metric\":13,\"seqno\":1}"

/* That @text is refused as a whole, whatever it is asked for, and nothing is written. */
static void
assert_refused (const char *text, gsize n_bytes, const char *pattern)
{
  g_autoptr (GBytes) json = g_bytes_new (text, n_bytes);
  g_autoptr (GError) routes_error = NULL;
  g_autoptr (GError) key_error = NULL;
  g_autoptr (GError) admin_error = NULL;
  guint n_dropped = 77;
  guint8 key[SOCKS_NODE_KEY_BYTES], key_before[SOCKS_NODE_KEY_BYTES];
  struct in6_addr address, address_before;

  memset (key, 0x5a, sizeof key);
  memcpy (key_before, key, sizeof key);
  memset (&address, 0x5a, sizeof address);
  address_before = address;

  g_assert_null (socks_node_json_parse_routes (json, &n_dropped, &routes_error));
  g_assert_error (routes_error, SOCKS_ERROR, SOCKS_ERROR_NODE);
  g_assert_cmpuint (n_dropped, ==, 77);

  g_assert_false (socks_node_json_parse_key (json, key, &key_error));
  g_assert_error (key_error, SOCKS_ERROR, SOCKS_ERROR_NODE);
  g_assert_cmpmem (key, sizeof key, key_before, sizeof key_before);

  g_assert_false (socks_node_json_parse_admin (json, &address, &admin_error));
  g_assert_error (admin_error, SOCKS_ERROR, SOCKS_ERROR_NODE);
  g_assert_cmpmem (&address, sizeof address, &address_before, sizeof address_before);

  g_test_message ("%s", routes_error->message);
  g_assert_true (g_pattern_match_simple (pattern, routes_error->message));
  g_assert_true (g_pattern_match_simple (pattern, key_error->message));
  g_assert_true (g_pattern_match_simple (pattern, admin_error->message));
}

/* That @text is read, and its one entry used or dropped. */
static void
assert_one_entry (const char *text, guint expected_n_dropped)
{
  g_autoptr (GBytes) json = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  guint n_dropped = 77;
  g_autoptr (GArray) subnets = socks_node_json_parse_routes (json, &n_dropped, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n_dropped, ==, expected_n_dropped);
  g_assert_cmpuint (subnets->len, ==, 1 - expected_n_dropped);
}

static void
test_what_is_not_json_is_refused (void)
{
  static const char *const texts[] = {
    "", " ", "\n", "\"", "\"a", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[}",
    "{]", "{\"publicKey\"", "{\"publicKey\":", "{\"publicKey\":\"" KEY "\"",
    "{\"publicKey\" \"" KEY "\"}", "{publicKey:\"" KEY "\"}",
    "{\"nodePubkey\":\"" KEY "\",}", "[" GOOD_ROUTE, "[" GOOD_ROUTE "]]",
    "[" GOOD_ROUTE "] []", "[" GOOD_ROUTE "] x", "[" GOOD_ROUTE "];", "[] {}", "[] 1",
    "[]//", "//\n[]", "/* \" */[]", "['a']", "[\"\\u12\"]", "[\"\\uzzzz\"]", "[\"\\u\"]",
    "[\"\\u", "[\"\\", "[\"\\\"", "[nul]", "[NaN]", "[Infinity]", "[0x10]", "[+1]",
    "var x = []", "<html></html>", "Not Found", "\357\273\277[]", "\357\273\277{}",
    "[\"\377\"]", "[\"\300\200\"]", "[\"\355\240\200\"]", "\377\376[\0]\0", "[\v]",
    "[\"\\ud800\"]", "[\"\\ud800\\u0041\"]", "[\"\\udc00\\ud800\"]", "[\302\240]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *shown = g_strescape (texts[i], NULL);

      g_test_message ("%s", shown);
      assert_refused (texts[i], strlen (texts[i]), "The * is not JSON");
    }
  assert_refused ("[]\0", 3, "The * is not JSON");
  assert_refused ("[\0]", 3, "The * is not JSON");
  assert_refused ("[\"\\\0\"]", 6, "The * is not JSON");
}

static void
test_every_beginning_of_a_good_text_is_refused (void)
{
  static const char text[] = "[{\"subnet\":\"469::/64\",\"metric\":1}]";

  for (gsize n_bytes = 0; n_bytes < sizeof text - 1; n_bytes++)
    {
      /* Exactly as long as the text, so that a sanitizer sees a byte read behind it. */
      g_autofree char *beginning = g_memdup2 (text, n_bytes);

      assert_refused (beginning, n_bytes, "The * is not JSON");
    }
}

static void
test_json_of_another_shape_is_refused (void)
{
  static const char *const scalars[] = { "null", "true", "13", "1.5", "\"a\"" };

  for (gsize i = 0; i < G_N_ELEMENTS (scalars); i++)
    assert_refused (scalars[i], strlen (scalars[i]), "The * is not an *");
}

static char *
nested (guint n_levels, const char *open, const char *close)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_levels; i++)
    g_string_append (text, open);
  g_string_append (text, "1");
  for (guint i = 0; i < n_levels; i++)
    g_string_append (text, close);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_nesting_of_16_is_read_and_of_17_is_not (void)
{
  g_autofree char *arrays = nested (16, "[", "]");
  g_autofree char *objects = nested (17, "{\"a\":", "}");
  g_autofree char *array = nested (17, "[", "]");

  assert_one_entry (arrays, 1);
  assert_refused (objects, strlen (objects), "The * is nested more than 16 levels deep");
  assert_refused (array, strlen (array), "The * is nested more than 16 levels deep");
}

static void
test_a_hundred_thousand_brackets_are_refused (void)
{
  g_autofree char *arrays = nested (100000, "[", "]");
  g_autofree char *objects = nested (100000, "{\"a\":", "}");
  g_autofree char *hidden = g_strconcat ("[\"\\\\\\\"\",\"\\\\\",", arrays, "]", NULL);
  g_autofree char *commented = g_strconcat ("[/* \" */", arrays, "/* \" */]", NULL);
  g_autofree char *in_line = g_strconcat ("[ // \"\n", arrays, "// \"\n]", NULL);
  g_autofree char *quoted = g_strconcat ("['\"',", arrays, ",'\"']", NULL);
  g_autofree char *escaped = g_strconcat ("[\"\\u\"\"", arrays, "\"]", NULL);

  assert_refused (arrays, strlen (arrays), "The * is nested more than 16 levels deep");
  assert_refused (arrays, 100000, "The * is nested more than 16 levels deep");
  assert_refused (objects, strlen (objects), "The * is nested more than 16 levels deep");
  assert_refused (hidden, strlen (hidden), "The * is nested more than 16 levels deep");
  assert_refused (commented, strlen (commented), "The * is not JSON");
  assert_refused (in_line, strlen (in_line), "The * is not JSON");
  assert_refused (quoted, strlen (quoted), "The * is not JSON");
  assert_refused (escaped, strlen (escaped), "The * is not JSON");
}

static void
test_brackets_within_strings_do_not_count (void)
{
  g_autofree char *brackets = g_strnfill (1000, '[');
  g_autofree char *text =
      g_strdup_printf ("[{\"nextHop\":\"\\\"%s\\\\\",\"%s\":\"{{{{\\\\\\\"{{{{\","
                       "\"subnet\":\"469::/64\",\"metric\":1}]",
                       brackets, brackets);

  assert_one_entry (text, 0);
}

static char *
repeated (const char *element, guint n_elements)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < n_elements; i++)
    {
      if (i > 0)
        g_string_append_c (text, ',');
      g_string_append (text, element);
    }
  g_string_append_c (text, ']');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_fifty_thousand_routes_are_read_and_one_more_is_not (void)
{
  g_autofree char *most = repeated (GOOD_ROUTE, SOCKS_NODE_JSON_MAX_ROUTES);
  g_autofree char *more = repeated ("1", SOCKS_NODE_JSON_MAX_ROUTES + 1);
  g_autoptr (GBytes) most_json = g_bytes_new (most, strlen (most));
  g_autoptr (GBytes) more_json = g_bytes_new (more, strlen (more));
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) subnets = NULL;
  guint n_dropped = 77;

  subnets = socks_node_json_parse_routes (most_json, &n_dropped, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (subnets->len, ==, SOCKS_NODE_JSON_MAX_ROUTES);
  g_assert_cmpuint (n_dropped, ==, 0);

  g_assert_null (socks_node_json_parse_routes (more_json, NULL, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
  g_assert_true (g_pattern_match_simple ("*more than 50000 entries", error->message));
}

/* One that is longer is not even parsed, so that it may be no JSON; the rest is used. */
static void
test_an_entry_of_4_kib_is_read_and_a_longer_one_is_dropped (void)
{
  static const char route[] = "{\"subnet\":\"469::/64\",\"metric\":1,\"nextHop\":\"\"}";
  g_autofree char *filling = g_strnfill (4096 - strlen (route), 'x');
  g_autofree char *most = g_strdup_printf (
      "[{\"subnet\":\"469::/64\",\"metric\":1,\"nextHop\":\"%s\"}]", filling);
  g_autofree char *more = g_strdup_printf (
      "[{\"subnet\":\"469::/64\",\"metric\":1,\"nextHop\":\"%sx\"}]", filling);
  g_autofree char *no_json = g_strdup_printf ("[{\"%s%s\" nul}]", filling, filling);

  assert_one_entry (most, 0);
  assert_one_entry (more, 1);
  assert_one_entry (no_json, 1);
}

static void
test_a_million_values_are_refused_unparsed (void)
{
  g_autofree char *numbers = repeated ("1", 1000000);
  g_autofree char *objects = repeated ("{}", 1000000);
  g_autofree char *inner = g_strconcat ("[", objects, "]", NULL);

  assert_refused (numbers, strlen (numbers), "The * holds too many values");
  assert_refused (objects, strlen (objects), "The * holds too many values");
  assert_refused (inner, strlen (inner), "The * holds too many values");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func ("/node-json-text/" path, function)
  ADD ("what-is-not-json-is-refused", test_what_is_not_json_is_refused);
  ADD ("every-beginning-of-a-good-text-is-refused",
       test_every_beginning_of_a_good_text_is_refused);
  ADD ("json-of-another-shape-is-refused", test_json_of_another_shape_is_refused);
  ADD ("nesting-of-16-is-read-and-of-17-is-not",
       test_nesting_of_16_is_read_and_of_17_is_not);
  ADD ("a-hundred-thousand-brackets-are-refused",
       test_a_hundred_thousand_brackets_are_refused);
  ADD ("brackets-within-strings-do-not-count",
       test_brackets_within_strings_do_not_count);
  ADD ("fifty-thousand-routes-are-read-and-one-more-is-not",
       test_fifty_thousand_routes_are_read_and_one_more_is_not);
  ADD ("an-entry-of-4-kib-is-read-and-a-longer-one-is-dropped",
       test_an_entry_of_4_kib_is_read_and_a_longer_one_is_dropped);
  ADD ("a-million-values-are-refused-unparsed",
       test_a_million_values_are_refused_unparsed);
#undef ADD
  return g_test_run ();
}
