/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The table "Remotes as text", row by row. */

#include "core/endpoint.h"

#include "core/error.h"

#include <string.h>

static const struct
{
  const char *text;
  const char *shown;
} good[] = {
  { "[400::1]:1080", "[400::1]:1080" },
  { "[5ff:ffff::1]:65535", "[5ff:ffff::1]:65535" },
  { "[0400:0:0:0:0:0:0:1]:1080", "[400::1]:1080" },
  { "[400::1.2.3.4]:1080", "[400::102:304]:1080" },
  { "[400::1]:01080", "[400::1]:1080" },
  { "[400::ABCD]:1", "[400::abcd]:1" },
  { "192.0.2.7:1080", "192.0.2.7:1080" },
  { "[2001:db8::1]:1080", "[2001:db8::1]:1080" },
  { "127.0.0.1:9050", "127.0.0.1:9050" },
  { "[::ffff:192.0.2.7]:1080", "192.0.2.7:1080" },
  { "[::ffff:c000:207]:1080", "192.0.2.7:1080" },
  { "[400::1]:0", "[400::1]:0" },
  { "[::1.2.3.4]:1", "[::102:304]:1" },
  { "[::0.1.0.5]:1", "[::1:5]:1" },
  { "[400:0:0:1:0:0:0:2]:1", "[400:0:0:1::2]:1" },
  { "[400:0:0:1:0:0:1:2]:1", "[400::1:0:0:1:2]:1" },
  { "[400:0:1:2:3:4:5:6]:1", "[400:0:1:2:3:4:5:6]:1" },
  { "[1:2:3:4:5:6:0:0]:1", "[1:2:3:4:5:6::]:1" },
};

static const char *const bad[] = {
  "[400::1]", "400::1", "400::1:1080", "[400::1]:", "[400::1]:65536", "[400::1]:-1",
  "[400::1]:+1080", "[400::1]: 1080", "[400::1]:1080x", "[400::1]:0x438",
  " [400::1]:1080", "[400::1]:1080 ", "[400:::1]:1080", "[400::1::2]:1080",
  "[1:2:3:4:5:6:7:8:9]:1080", "[1:2:3:4::5:6:7:8]:1080", "[00400::1]:1080",
  "[400::g]:1080", "[400::1.2.3.256]:1080", "[400::01.2.3.4]:1080", "[[400::1]]:1080",
  "[400::1:1080", "400::1]:1080", "[400::1%eth0]:1080", "[fe80::1%1]:1080",
  "127.1:1080", "0x7f000001:1080", "2130706433:1080", "0177.0.0.1:1080",
  "localhost:1080", "example.com:1080", "foo@[400::1]:1080", "socks5://[400::1]:1080",
  "http://[400::1]:1080/", "/run/x.sock", "unix:/run/x", "@x",
  "[400::1]:1080;[::1]:22", "[400::1]:1080/..", "400::1/64", "[400::1]:１０８０",
  "[400::1]：1080", "*", "", ":", ":1080", "[]:1080", "[400::1]1080", "[400::1]x:1080",
  "[127.0.0.1]:1080", "1.2.3.4:", "1.2.3:80", "1.2.3.4.5:80", "\t", "\n",
  "[400::1]:1080\n", "[400::1]:4294968376", "[400::1]:18446744073709552696",
  "[0400:0000:0000:0000:0000:0000:0000:0001]:00000000000000000001080",
};

static void
test_good_texts_are_shown_in_their_shortest_form (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      SocksEndpoint endpoint;
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = NULL;

      g_test_message ("%s", good[i].text);
      g_assert_true (socks_endpoint_parse (good[i].text, &endpoint, &error));
      g_assert_no_error (error);
      shown = socks_endpoint_format (&endpoint);
      g_assert_cmpstr (shown, ==, good[i].shown);
    }
}

static void
test_bad_texts_are_invalid_and_leave_the_output_alone (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      SocksEndpoint endpoint, before;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      memset (&endpoint, 0x5a, sizeof endpoint);
      before = endpoint;
      g_assert_false (socks_endpoint_parse (bad[i], &endpoint, &error));
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE);
      g_assert_cmpmem (&endpoint, sizeof endpoint, &before, sizeof before);
    }
}

static void
test_64_bytes_are_read_and_65_are_not (void)
{
  SocksEndpoint endpoint;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("[400::1]:");

  while (text->len < SOCKS_ENDPOINT_PARSE_MAX_BYTES - 4)
    g_string_append_c (text, '0');
  g_string_append (text, "1080");
  g_assert_true (socks_endpoint_parse (text->str, &endpoint, NULL));
  g_assert_cmpuint (endpoint.port, ==, 1080);

  g_string_insert_c (text, 9, '0');
  g_assert_false (socks_endpoint_parse (text->str, &endpoint, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE);
}

static void
test_a_huge_text_makes_a_short_message (void)
{
  SocksEndpoint endpoint;
  g_autoptr (GError) error = NULL;
  gsize huge = 32 * 1024 * 1024;
  g_autofree char *text = g_malloc (huge + 1);

  memset (text, '[', huge);
  text[huge] = '\0';
  g_assert_false (socks_endpoint_parse (text, &endpoint, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE);
  g_assert_cmpuint (strlen (error->message), <, 256);
}

static void
test_control_characters_do_not_reach_the_message (void)
{
  SocksEndpoint endpoint;
  g_autoptr (GError) error = NULL;

  g_assert_false (socks_endpoint_parse ("\033[31m\r\n", &endpoint, &error));
  for (const char *c = error->message; *c != '\0'; c++)
    g_assert_false (g_ascii_iscntrl (*c));
}

static void
test_what_is_shown_parses_to_the_same_bytes (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (20);

  for (int i = 0; i < 10000; i++)
    {
      SocksEndpoint endpoint = { 0 }, again;
      char text[SOCKS_ENDPOINT_TEXT_BYTES];

      /* Zero groups are likely, so that "::" stands in every place. */
      for (int byte = 0; byte < 16; byte += 2)
        if (g_rand_boolean (random))
          {
            endpoint.address.s6_addr[byte] = (guint8) g_rand_int (random);
            endpoint.address.s6_addr[byte + 1] = (guint8) g_rand_int (random);
          }
      endpoint.port = (guint16) g_rand_int (random);

      socks_endpoint_write (&endpoint, text);
      g_assert_true (socks_endpoint_parse (text, &again, NULL));
      g_assert_true (socks_endpoint_equal (&endpoint, &again));
      g_assert_cmpuint (socks_endpoint_hash (&endpoint), ==,
                        socks_endpoint_hash (&again));
    }
}

static SocksEndpoint
endpoint_of (const char *text)
{
  SocksEndpoint endpoint;

  g_assert_true (socks_endpoint_parse (text, &endpoint, NULL));
  return endpoint;
}

static void
test_sockaddr_and_back_is_the_same (void)
{
  static const char *const texts[] = { "192.0.2.7:1080", "[400::1]:65535", "[::]:1" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SocksEndpoint endpoint = endpoint_of (texts[i]), again;
      struct sockaddr_storage sockaddr;

      g_assert_cmpuint (socks_endpoint_to_sockaddr (&endpoint, &sockaddr), ==,
                        i == 0 ? sizeof (struct sockaddr_in)
                               : sizeof (struct sockaddr_in6));
      socks_endpoint_from_sockaddr (&sockaddr, &again);
      g_assert_true (socks_endpoint_equal (&endpoint, &again));
    }
}

static void
test_order_is_by_address_then_port (void)
{
  SocksEndpoint low = endpoint_of ("[400::1]:1080");
  SocksEndpoint high = endpoint_of ("[400::2]:80");
  SocksEndpoint higher = endpoint_of ("[400::2]:81");

  g_assert_cmpint (socks_endpoint_compare (&low, &high), <, 0);
  g_assert_cmpint (socks_endpoint_compare (&high, &higher), <, 0);
  g_assert_cmpint (socks_endpoint_compare (&higher, &low), >, 0);
  g_assert_cmpint (socks_endpoint_compare (&low, &low), ==, 0);
}

static void
test_impossible_remotes_and_the_own_port_are_not_allowed (void)
{
  static const char *const allowed[] = {
    "[400::1]:1080", "192.0.2.7:1080", "[2001:db8::1]:1080", "127.0.0.1:9050",
    "[::1]:9050", "[4aa::7]:1081", "55.0.0.1:1080",
  };
  static const char *const refused[] = {
    "[400::1]:0", "[::]:1080", "[::]:80", "0.0.0.0:1080", "0.1.2.3:80",
    "[ff02::1]:1080", "224.0.0.1:80", "239.1.1.1:80", "240.0.0.1:80",
    "255.255.255.255:80", "[fe80::1]:80", "[febf::1]:80", "169.254.1.1:80",
    "[::1]:1080", "127.0.0.1:1080", "127.5.5.5:1080", "[::ffff:127.0.0.1]:1080",
    "[::ffff:7f05:505]:1080", "[4aa::7]:1080", "[::ffff:198.51.100.9]:1080",
    "198.51.100.9:1080",
  };
  struct in6_addr own[2];

  g_assert_true (socks_address_parse ("4aa::7", &own[0]));
  g_assert_true (socks_address_parse ("198.51.100.9", &own[1]));

  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++)
    {
      SocksEndpoint remote = endpoint_of (allowed[i]);
      g_autoptr (GError) error = NULL;

      g_assert_true (socks_endpoint_check_remote (&remote, 1080, own, 2, &error));
      g_assert_no_error (error);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      SocksEndpoint remote = endpoint_of (refused[i]);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", refused[i]);
      g_assert_false (socks_endpoint_check_remote (&remote, 1080, own, 2, &error));
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED);
    }
}

static void
test_the_overlay_is_400_7 (void)
{
  static const struct
  {
    const char *text;
    gboolean is_overlay;
  } rows[] = {
    { "400::", TRUE },
    { "5ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", TRUE },
    { "3ff:ffff::", FALSE },
    { "600::", FALSE },
    { "4.0.0.1", FALSE },
    { "::1", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      struct in6_addr address;

      g_assert_true (socks_address_parse (rows[i].text, &address));
      g_assert_cmpint (socks_address_is_overlay (&address), ==, rows[i].is_overlay);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/good-texts-are-shown-in-their-shortest-form",
                   test_good_texts_are_shown_in_their_shortest_form);
  g_test_add_func ("/endpoint/bad-texts-are-invalid-and-leave-the-output-alone",
                   test_bad_texts_are_invalid_and_leave_the_output_alone);
  g_test_add_func ("/endpoint/64-bytes-are-read-and-65-are-not",
                   test_64_bytes_are_read_and_65_are_not);
  g_test_add_func ("/endpoint/a-huge-text-makes-a-short-message",
                   test_a_huge_text_makes_a_short_message);
  g_test_add_func ("/endpoint/control-characters-do-not-reach-the-message",
                   test_control_characters_do_not_reach_the_message);
  g_test_add_func ("/endpoint/what-is-shown-parses-to-the-same-bytes",
                   test_what_is_shown_parses_to_the_same_bytes);
  g_test_add_func ("/endpoint/sockaddr-and-back-is-the-same",
                   test_sockaddr_and_back_is_the_same);
  g_test_add_func ("/endpoint/order-is-by-address-then-port",
                   test_order_is_by_address_then_port);
  g_test_add_func ("/endpoint/impossible-remotes-and-the-own-port-are-not-allowed",
                   test_impossible_remotes_and_the_own_port_are_not_allowed);
  g_test_add_func ("/endpoint/the-overlay-is-400-7", test_the_overlay_is_400_7);
  return g_test_run ();
}
