/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A prefix names the network that it seems to name, and nobody else gets in by it. */

#include "core/prefix.h"

#include "core/endpoint.h"

static SocksPrefix
prefix_of (const char *text)
{
  SocksPrefix prefix;

  if (!socks_prefix_parse (text, &prefix))
    g_error ("not a prefix: %s", text);
  return prefix;
}

static struct in6_addr
address_of (const char *text)
{
  struct in6_addr address;

  if (!socks_address_parse (text, &address))
    g_error ("not an address: %s", text);
  return address;
}

static void
test_a_prefix_is_shown_in_its_shortest_form (void)
{
  static const struct
  {
    const char *text;
    const char *shown;
    guint length_bits;
  } cases[] = {
    { "::/0", "::/0", 0 },
    { "400::/7", "400::/7", 7 },
    { "0400:0:0::/7", "400::/7", 7 },
    { "469:1348:AB0C:a1d8::/64", "469:1348:ab0c:a1d8::/64", 64 },
    { "::1/128", "::1/128", 128 },
    { "::1", "::1/128", 128 },
    { "fe00::/9", "fe00::/9", 9 },
    { "0.0.0.0/0", "0.0.0.0/0", 96 },
    { "10.0.0.0/8", "10.0.0.0/8", 104 },
    { "192.0.2.128/25", "192.0.2.128/25", 121 },
    { "192.0.2.7/32", "192.0.2.7/32", 128 },
    { "192.0.2.7", "192.0.2.7/32", 128 },
    { "::ffff:10.0.0.0/104", "10.0.0.0/8", 104 },
    { "::ffff:0:0/96", "0.0.0.0/0", 96 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SocksPrefix prefix, again;
      g_autofree char *shown = NULL;

      g_test_message ("%s", cases[i].text);
      prefix = prefix_of (cases[i].text);
      g_assert_cmpuint (prefix.length_bits, ==, cases[i].length_bits);
      shown = socks_prefix_format (&prefix);
      g_assert_cmpstr (shown, ==, cases[i].shown);
      again = prefix_of (shown);
      g_assert_cmpmem (&again.address, sizeof again.address, &prefix.address,
                       sizeof prefix.address);
      g_assert_cmpuint (again.length_bits, ==, prefix.length_bits);
    }
}

static void
test_what_is_not_a_prefix_is_refused (void)
{
  static const char *const texts[] = {
    "", "/", "/8", "10.0.0.0/", "10.0.0.0/8/", "10.0.0.0/8/8", "10.0.0.0/33",
    "10.0.0.0/-8", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ", " 10.0.0.0/8",
    "10.0.0.0/0x8", "10.0.0.0/8x", "10.0.0.0/255.0.0.0", "10.0.0.0/4294967304",
    "10.0.0.0/18446744073709551624", "10/8", "10.0/16", "010.0.0.0/8", "400::/129",
    "400::/", "400:::/7", "[400::]/7", "400::%lo/7", "localhost/8", "*", "any", "all",
    "10.0.0.0\\8", "10.0.0.0/８",
    /* Bits beyond the length. */
    "10.0.0.7/8", "10.128.0.0/8", "192.0.2.1/31", "192.0.2.64/25", "128.0.0.0/0",
    "400::1/7", "500::/7", "401::/7", "1::/0", "::1/127", "469:1348:ab0c:a1d8:8000::/64",
    /* The mapping's own bits are beyond it. */
    "::ffff:0:0/95", "::ffff:10.0.0.0/8",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SocksPrefix prefix = { .length_bits = 77 };

      g_test_message ("%s", texts[i]);
      g_assert_false (socks_prefix_parse (texts[i], &prefix));
      g_assert_cmpuint (prefix.length_bits, ==, 77);
    }
}

static void
test_a_prefix_holds_its_network_and_no_more (void)
{
  static const struct
  {
    const char *prefix;
    const char *inside;
    const char *outside; /* (nullable): nothing is outside */
  } cases[] = {
    { "::/0", "::", NULL },
    { "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0" },
    { "::/0", "2001:db8::1", "192.0.2.7" },
    { "::/0", "::1", "::ffff:192.0.2.7" },
    { "::/80", "::fffe:0:1", "127.0.0.1" },
    { "0.0.0.0/0", "0.0.0.0", "::" },
    { "0.0.0.0/0", "255.255.255.255", "::1" },
    { "0.0.0.0/0", "::ffff:192.0.2.7", "2001:db8::1" },
    { "::ffff:0:0/96", "192.0.2.7", "::fffe:192.0.2.7" },
    { "10.0.0.0/8", "10.0.0.0", "9.255.255.255" },
    { "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
    { "10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3" },
    { "::ffff:10.0.0.0/104", "10.1.2.3", "a00::" },
    { "172.16.0.0/12", "172.16.0.0", "172.15.255.255" },
    { "172.16.0.0/12", "172.31.255.255", "172.32.0.0" },
    { "192.0.2.128/25", "192.0.2.128", "192.0.2.127" },
    { "192.0.2.128/25", "192.0.2.255", "192.0.3.128" },
    { "192.0.2.6/31", "192.0.2.7", "192.0.2.8" },
    { "192.0.2.7", "192.0.2.7", "192.0.2.6" },
    { "400::/7", "400::", "3ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "400::/7", "5ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "600::" },
    { "469:1348:ab0c:a1d8::/64", "469:1348:ab0c:a1d8::1", "469:1348:ab0c:a1d9::1" },
    { "469:1348:ab0c:a1d8::/63", "469:1348:ab0c:a1d9::1", "469:1348:ab0c:a1da::1" },
    { "::1", "::1", "::" },
    { "fe80::/10", "febf::1", "fec0::1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SocksPrefix prefix = prefix_of (cases[i].prefix);
      struct in6_addr address;

      g_test_message ("%s: %s, %s", cases[i].prefix, cases[i].inside, cases[i].outside);
      address = address_of (cases[i].inside);
      g_assert_true (socks_prefix_contains (&prefix, &address));
      if (cases[i].outside == NULL)
        continue;
      address = address_of (cases[i].outside);
      g_assert_false (socks_prefix_contains (&prefix, &address));
    }
}

static void
test_an_overlay_prefix_lies_inside_400_7_with_all_of_itself (void)
{
  static const char *const yes[] = { "400::/7", "400::/8", "500::/8", "5ff:ffff::/32",
                                     "469:1348:ab0c:a1d8::/64", "400::1" };
  static const char *const no[] = { "::/0",    "400::/6",   "300::/8",   "600::/8",
                                    "fc00::/7", "0.0.0.0/0", "4.0.0.0/8", "::1" };

  for (gsize i = 0; i < G_N_ELEMENTS (yes); i++)
    {
      SocksPrefix prefix = prefix_of (yes[i]);

      g_test_message ("%s", yes[i]);
      g_assert_true (socks_prefix_is_overlay (&prefix));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (no); i++)
    {
      SocksPrefix prefix = prefix_of (no[i]);

      g_test_message ("%s", no[i]);
      g_assert_false (socks_prefix_is_overlay (&prefix));
    }
}

/* Whether @address may connect where @allow_from, with a space between two, is allowed. */
static gboolean
is_admitted (const char *allow_from, const char *address_text)
{
  g_auto (GStrv) texts = g_strsplit (allow_from, " ", -1);
  g_autofree SocksPrefix *prefixes = g_new0 (SocksPrefix, g_strv_length (texts) + 1);
  struct in6_addr address = address_of (address_text);

  for (guint i = 0; texts[i] != NULL; i++)
    prefixes[i] = prefix_of (texts[i]);
  g_test_message ("%s from “%s”", address_text, allow_from);
  return socks_prefixes_admit (prefixes, g_strv_length (texts), &address);
}

static void
test_who_is_not_named_is_not_admitted (void)
{
  g_assert_false (is_admitted ("", "192.0.2.7"));
  g_assert_false (is_admitted ("", "2001:db8::1"));
  g_assert_false (is_admitted ("", "400::1"));
  g_assert_false (is_admitted ("10.0.0.0/8 2001:db8::/32", "192.0.2.7"));
  g_assert_true (is_admitted ("10.0.0.0/8 2001:db8::/32", "10.1.2.3"));
  g_assert_true (is_admitted ("10.0.0.0/8 2001:db8::/32", "::ffff:10.1.2.3"));
  g_assert_true (is_admitted ("10.0.0.0/8 2001:db8::/32", "2001:db8::1"));
  g_assert_false (is_admitted ("::/0", "192.0.2.7"));
  g_assert_false (is_admitted ("0.0.0.0/0", "2001:db8::1"));
  g_assert_true (is_admitted ("::/0 0.0.0.0/0", "192.0.2.7"));
}

static void
test_this_machine_is_always_admitted (void)
{
  static const char *const lists[] = { "", "10.0.0.0/8", "400::/7" };

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_assert_true (is_admitted (lists[i], "::1"));
      g_assert_true (is_admitted (lists[i], "127.0.0.1"));
      g_assert_true (is_admitted (lists[i], "127.5.5.5"));
      g_assert_true (is_admitted (lists[i], "::ffff:127.0.0.1"));
      g_assert_false (is_admitted (lists[i], "128.0.0.1"));
    }
}

static void
test_the_overlay_is_admitted_only_by_name (void)
{
  g_assert_false (is_admitted ("::/0", "400::1"));
  g_assert_false (is_admitted ("::/0 0.0.0.0/0 400::/6", "5ff:ffff::1"));
  g_assert_true (is_admitted ("400::/7", "400::1"));
  g_assert_true (is_admitted ("::/0 400::/7", "5ff:ffff::1"));
  g_assert_true (is_admitted ("469:1348:ab0c:a1d8::/64", "469:1348:ab0c:a1d8::1"));
  g_assert_false (is_admitted ("::/0 469:1348:ab0c:a1d8::/64", "469:1348:ab0c:a1d9::1"));
  g_assert_true (is_admitted ("::/0", "3ff:ffff::1"));
  g_assert_true (is_admitted ("::/0", "600::1"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/prefix/a-prefix-is-shown-in-its-shortest-form",
                   test_a_prefix_is_shown_in_its_shortest_form);
  g_test_add_func ("/prefix/what-is-not-a-prefix-is-refused",
                   test_what_is_not_a_prefix_is_refused);
  g_test_add_func ("/prefix/a-prefix-holds-its-network-and-no-more",
                   test_a_prefix_holds_its_network_and_no_more);
  g_test_add_func ("/prefix/an-overlay-prefix-lies-inside-400-7-with-all-of-itself",
                   test_an_overlay_prefix_lies_inside_400_7_with_all_of_itself);
  g_test_add_func ("/prefix/who-is-not-named-is-not-admitted",
                   test_who_is_not_named_is_not_admitted);
  g_test_add_func ("/prefix/this-machine-is-always-admitted",
                   test_this_machine_is_always_admitted);
  g_test_add_func ("/prefix/the-overlay-is-admitted-only-by-name",
                   test_the_overlay_is_admitted_only_by_name);
  return g_test_run ();
}
