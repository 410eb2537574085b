/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The fields of what the node says, right and wrong; for whole texts that are wrong see
 * node-json-text.c. */

#include "core/node-json.h"

#include "core/endpoint.h"
#include "core/error.h"

#include <string.h>

#define KEY "b5ad45dc932b245a2f88f729ce30a4a098c868bd549de8bf8d8641b37a5e8501"
#define KEY_ADDRESS "4b9:6a05:7595:dd31:198a:cc7:7b4a:3fd0"

#define GOOD_ROUTE                                                                       \
  "{\"subnet\":\"469:1348:ab0c:a1d8::/64\",\"nextHop\":\"TCP 203.0.113.2:60128\","       \
  "\"metric\":13,\"seqno\":1}"

/* Texts in place of every kind of value that a field may not have. */
static const char *const other_types[] = {
  "null", "true", "false", "{}", "{\"a\":1}", "[]", "[\"469::/64\"]", "1.5", "\"\"",
};

static GBytes *
bytes_of (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

/* The subnets of @text, separated by blanks. */
static char *
routes_of (const char *text, gsize n_bytes, guint *out_n_dropped)
{
  g_autoptr (GBytes) json = g_bytes_new (text, n_bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) subnets = socks_node_json_parse_routes (json, out_n_dropped, &error);
  g_autoptr (GString) shown = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < subnets->len; i++)
    {
      g_autofree char *subnet =
          socks_prefix_format (&g_array_index (subnets, SocksPrefix, i));

      g_string_append_printf (shown, i == 0 ? "%s" : " %s", subnet);
    }
  return g_string_free (g_steal_pointer (&shown), FALSE);
}

static void
assert_routes (const char *text, const char *expected, guint expected_n_dropped)
{
  guint n_dropped = G_MAXUINT;
  g_autofree char *shown = NULL;

  g_test_message ("%s", text);
  shown = routes_of (text, strlen (text), &n_dropped);
  g_assert_cmpstr (shown, ==, expected);
  g_assert_cmpuint (n_dropped, ==, expected_n_dropped);
}

static void
test_routes_are_read_in_their_order (void)
{
  assert_routes ("[" GOOD_ROUTE ", {\"metric\":0,\"subnet\":\"5ff:1:2:3::/64\"}]",
                 "469:1348:ab0c:a1d8::/64 5ff:1:2:3::/64", 0);
  assert_routes (" [\r\n\t] ", "", 0);
}

static void
test_routes_that_stand_twice_are_given_twice (void)
{
  assert_routes ("[" GOOD_ROUTE "," GOOD_ROUTE "]",
                 "469:1348:ab0c:a1d8::/64 469:1348:ab0c:a1d8::/64", 0);
}

static void
test_unreachable_routes_are_left_out_uncounted (void)
{
  assert_routes ("[{\"subnet\":\"469::/64\",\"metric\":\"infinite\"}," GOOD_ROUTE "]",
                 "469:1348:ab0c:a1d8::/64", 0);
}

static void
test_metrics_are_0_to_65534_or_infinite (void)
{
  static const char *const good[] = { "0", "1", "65534" };
  static const char *const bad[] = {
    "65535", "65536", "-1", "-65534", "1.5", "13.0", "1e2", "1e99", "-1e99", "1e999",
    "4294967309", "9223372036854775808", "18446744073709551629",
    "99999999999999999999999999999999999999999999", "\"Infinite\"", "\"infinite \"",
    "\"13\"", "\"infinite\\u0000\"",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("[{\"subnet\":\"469::/64\",\"metric\":%s}]", good[i]);

      assert_routes (text, "469::/64", 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "[{\"subnet\":\"469::/64\",\"metric\":%s}," GOOD_ROUTE "]", bad[i]);

      assert_routes (text, "469:1348:ab0c:a1d8::/64", 1);
    }
}

static void
test_subnets_are_64_to_128_bits_of_the_overlay (void)
{
  static const struct
  {
    const char *subnet;
    const char *shown; /* NULL: dropped */
  } rows[] = {
    { "400::/64", "400::/64" },
    { "5ff:ffff:ffff:ffff::/64", "5ff:ffff:ffff:ffff::/64" },
    { "0469:0:0:0::/065", "469::/65" },
    { "469::AB/128", "469::ab/128" },
    { "469::1/64", "469::/64" },
    { "469:1:2:3:ffff::/66", "469:1:2:3:c000::/66" },
    { "469::/63", NULL },
    { "469::/129", NULL },
    { "469::/0", NULL },
    { "400::/7", NULL },
    { "469::/+64", NULL },
    { "469::/ 64", NULL },
    { "469::/64 ", NULL },
    { " 469::/64", NULL },
    { "469::/-64", NULL },
    { "469::/0x40", NULL },
    { "469::/64.0", NULL },
    { "469::/18446744073709551680", NULL },
    { "469::/64/64", NULL },
    { "469::/", NULL },
    { "469::", NULL },
    { "/64", NULL },
    { "/", NULL },
    { "", NULL },
    { "[469::]/64", NULL },
    { "469::%eth0/64", NULL },
    { "469::%1/64", NULL },
    { "469:::/64", NULL },
    { "469::g/64", NULL },
    { "1:2:3:4:5:6:7:8:9/64", NULL },
    { "3ff:ffff::/64", NULL },
    { "600::/64", NULL },
    { "::/64", NULL },
    { "::1/128", NULL },
    { "fe80::1/64", NULL },
    { "2001:db8::/64", NULL },
    { "::ffff:4.0.0.1/128", NULL },
    { "4.0.0.1/64", NULL },
    { "example.com/64", NULL },
    { "４69::/64", NULL },
    { "469::/64\\u0000", NULL },
    { "469::/64\\u0000/129", NULL },
    { "469::\\u0000/64", NULL },
    { "469::\\u0001/64", NULL },
    { "469::/64\\n", NULL },
    { "469::/64\n", NULL },
    { "\033[31m469::/64", NULL },
    { "\\ud83d\\ude00469::/64", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("[{\"subnet\":\"%s\",\"metric\":1},"
                                               "{\"subnet\":\"46a::/64\",\"metric\":1}]",
                                               rows[i].subnet);
      g_autofree char *expected =
          rows[i].shown == NULL ? g_strdup ("46a::/64")
                                : g_strconcat (rows[i].shown, " 46a::/64", NULL);

      assert_routes (text, expected, rows[i].shown == NULL ? 1 : 0);
    }
}

static void
test_a_field_of_another_type_loses_its_entry_alone (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (other_types); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "[{\"subnet\":%s,\"metric\":1},{\"subnet\":\"469::/64\",\"metric\":%s},"
          "%s," GOOD_ROUTE "]",
          other_types[i], other_types[i], other_types[i]);

      assert_routes (text, "469:1348:ab0c:a1d8::/64", 3);
    }
}

static void
test_a_missing_field_loses_its_entry_alone (void)
{
  assert_routes ("[{\"subnet\":\"469::/64\"},{\"metric\":1},{\"Subnet\":\"469::/64\","
                 "\"metric\":1},{\"subnet\\u0000\":\"469::/64\",\"metric\":1}," GOOD_ROUTE
                 "]",
                 "469:1348:ab0c:a1d8::/64", 4);
}

static void
test_fields_that_nobody_needs_may_be_anything (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (other_types); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("[{\"nextHop\":%s,\"new\":%s,\"seqno\":\"\\u0000\\u0007\","
                           "\"subnet\":\"469::/64\",\"metric\":1}]",
                           other_types[i], other_types[i]);

      assert_routes (text, "469::/64", 0);
    }
}

static void
test_a_bare_nul_inside_a_string_loses_its_entry_alone (void)
{
  static const char text[] =
      "[{\"subnet\":\"469::/64\0\",\"metric\":1}," GOOD_ROUTE "]";
  guint n_dropped = 0;
  g_autofree char *shown = routes_of (text, sizeof text - 1, &n_dropped);

  g_assert_cmpstr (shown, ==, "469:1348:ab0c:a1d8::/64");
  g_assert_cmpuint (n_dropped, ==, 1);
}

/* Whether the text is a key, which is then KEY. */
static gboolean
is_key (const char *text)
{
  g_autoptr (GBytes) json = bytes_of (text);
  g_autoptr (GError) error = NULL;
  guint8 key[SOCKS_NODE_KEY_BYTES];
  struct in6_addr address;
  g_autofree char *shown = NULL;

  g_test_message ("%s", text);
  if (!socks_node_json_parse_key (json, key, &error))
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      return FALSE;
    }
  g_assert_no_error (error);
  socks_overlay_address_from_key (key, &address);
  shown = socks_address_format (&address);
  g_assert_cmpstr (shown, ==, KEY_ADDRESS);
  return TRUE;
}

static void
test_a_key_is_64_hexadecimal_digits (void)
{
  g_autofree char *upper = g_ascii_strup (KEY, -1);
  g_autofree char *in_upper_case = g_strdup_printf ("{\"publicKey\":\"%s\"}", upper);

  g_assert_true (is_key ("{\"publicKey\":\"" KEY "\"}"));
  g_assert_true (is_key ("{\"other\":[{}],\"publicKey\":\"" KEY "\"}"));
  g_assert_true (is_key (in_upper_case));

  g_assert_false (is_key ("{\"publicKey\":\"" KEY "0\"}"));
  g_assert_false (is_key ("{\"publicKey\":\"" KEY "\\u0000\"}"));
  g_assert_false (is_key ("{\"publicKey\":\"0x" KEY "\"}"));
  g_assert_false (is_key ("{\"publicKey\":\"" KEY "\",\"publicKey\":1}"));
  g_assert_false (is_key ("{\"PublicKey\":\"" KEY "\"}"));
  g_assert_false (is_key ("{\"publickey\":\"" KEY "\"}"));
  g_assert_false (is_key ("[\"" KEY "\"]"));
  g_assert_false (is_key ("{}"));
}

static void
test_a_key_that_differs_by_one_character_is_refused (void)
{
  static const char *const not_digits[] = { "", "g", " ", "-", "\\u0000", "\\n", "é" };

  for (gsize i = 0; i < G_N_ELEMENTS (not_digits); i++)
    for (gsize at = 0; at < 64; at += 21)
      {
        g_autofree char *text = g_strdup_printf ("{\"publicKey\":\"%.*s%s%s\"}", (int) at,
                                                 KEY, not_digits[i], &KEY[at + 1]);

        g_assert_false (is_key (text));
      }
}

static void
test_a_key_of_another_type_is_refused (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (other_types); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"publicKey\":%s}", other_types[i]);

      g_assert_false (is_key (text));
    }
}

/* Whether the text tells the node's address, which is then KEY_ADDRESS. */
static gboolean
is_admin (const char *text)
{
  g_autoptr (GBytes) json = bytes_of (text);
  g_autoptr (GError) error = NULL;
  struct in6_addr address;
  g_autofree char *shown = NULL;

  g_test_message ("%s", text);
  if (!socks_node_json_parse_admin (json, &address, &error))
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE);
      return FALSE;
    }
  g_assert_no_error (error);
  shown = socks_address_format (&address);
  g_assert_cmpstr (shown, ==, KEY_ADDRESS);
  return TRUE;
}

static void
test_the_own_address_is_that_of_the_key (void)
{
  g_assert_true (is_admin ("{\"nodeSubnet\":\"4b9:6a05:7595:dd31::/64\",\"nodeIp\":"
                           "\"" KEY_ADDRESS "\",\"nodePubkey\":\"" KEY "\","
                           "\"nodeStartTime\":1716100000}"));
  g_assert_true (is_admin ("{\"nodePubkey\":\"" KEY "\"}"));
  g_assert_true (is_admin ("{\"nodePubkey\":\"" KEY "\","
                           "\"nodeIp\":\"04B9:6A05:7595:DD31:198A:0CC7:7B4A:3FD0\"}"));

  g_assert_false (is_admin ("{\"nodeIp\":\"" KEY_ADDRESS "\"}"));
  g_assert_false (is_admin ("[{\"nodePubkey\":\"" KEY "\"}]"));
  g_assert_false (is_admin ("{\"nodePubkey\":\"" KEY "0\"}"));
}

static void
test_an_address_that_is_not_that_of_the_key_is_refused (void)
{
  static const char *const others[] = { "4b9::1", "127.0.0.1", "", "x",
                                        KEY_ADDRESS "\\u0000" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{\"nodePubkey\":\"" KEY "\",\"nodeIp\":\"%s\"}", others[i]);

      g_assert_false (is_admin (text));
    }
}

static void
test_an_own_field_of_another_type_is_as_good_as_none (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (other_types); i++)
    {
      g_autofree char *address = g_strdup_printf (
          "{\"nodePubkey\":\"" KEY "\",\"nodeIp\":%s}", other_types[i]);
      g_autofree char *key = g_strdup_printf ("{\"nodePubkey\":%s}", other_types[i]);

      if (strcmp (other_types[i], "\"\"") != 0)
        g_assert_true (is_admin (address));
      g_assert_false (is_admin (key));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) g_test_add_func ("/node-json/" path, function)
  ADD ("routes-are-read-in-their-order", test_routes_are_read_in_their_order);
  ADD ("routes-that-stand-twice-are-given-twice",
       test_routes_that_stand_twice_are_given_twice);
  ADD ("unreachable-routes-are-left-out-uncounted",
       test_unreachable_routes_are_left_out_uncounted);
  ADD ("metrics-are-0-to-65534-or-infinite", test_metrics_are_0_to_65534_or_infinite);
  ADD ("subnets-are-64-to-128-bits-of-the-overlay",
       test_subnets_are_64_to_128_bits_of_the_overlay);
  ADD ("a-field-of-another-type-loses-its-entry-alone",
       test_a_field_of_another_type_loses_its_entry_alone);
  ADD ("a-missing-field-loses-its-entry-alone",
       test_a_missing_field_loses_its_entry_alone);
  ADD ("fields-that-nobody-needs-may-be-anything",
       test_fields_that_nobody_needs_may_be_anything);
  ADD ("a-bare-nul-inside-a-string-loses-its-entry-alone",
       test_a_bare_nul_inside_a_string_loses_its_entry_alone);
  ADD ("a-key-is-64-hexadecimal-digits", test_a_key_is_64_hexadecimal_digits);
  ADD ("a-key-that-differs-by-one-character-is-refused",
       test_a_key_that_differs_by_one_character_is_refused);
  ADD ("a-key-of-another-type-is-refused", test_a_key_of_another_type_is_refused);
  ADD ("the-own-address-is-that-of-the-key", test_the_own_address_is_that_of_the_key);
  ADD ("an-address-that-is-not-that-of-the-key-is-refused",
       test_an_address_that_is_not_that_of_the_key_is_refused);
  ADD ("an-own-field-of-another-type-is-as-good-as-none",
       test_an_own_field_of_another_type_is_as_good_as_none);
#undef ADD
  return g_test_run ();
}
