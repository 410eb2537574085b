/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said of an address while it is typed, held against what the service says. */

#include <string.h>

#include "core/endpoint.h"
#include "model/address-check.h"

#define NODE "400::77"

static const struct
{
  const char *text;
  SocksAddressVerdict verdict;
} rows[] = {
  { "[400::1]:1080", SOCKS_ADDRESS_FINE },
  { "[5ff:ffff::1]:65535", SOCKS_ADDRESS_FINE },
  { "[0400:0:0:0:0:0:0:1]:1080", SOCKS_ADDRESS_FINE },
  { "[400::1.2.3.4]:1080", SOCKS_ADDRESS_FINE },
  { "[400::1]:01080", SOCKS_ADDRESS_FINE },
  { "192.0.2.7:1080", SOCKS_ADDRESS_FINE },
  { "[2001:db8::1]:1080", SOCKS_ADDRESS_FINE },
  { "127.0.0.1:9050", SOCKS_ADDRESS_FINE },
  { "[::ffff:192.0.2.7]:1080", SOCKS_ADDRESS_FINE },
  { "", SOCKS_ADDRESS_EMPTY },
  { "[", SOCKS_ADDRESS_UNFINISHED },
  { "[400::1", SOCKS_ADDRESS_UNFINISHED },
  { "[400::1:1080", SOCKS_ADDRESS_UNFINISHED },
  { "[400::1]", SOCKS_ADDRESS_NO_PORT },
  { "[400::1]:", SOCKS_ADDRESS_NO_PORT },
  { "192.0.2.7", SOCKS_ADDRESS_NO_PORT },
  { "192.0.2.7:", SOCKS_ADDRESS_NO_PORT },
  { "400::1", SOCKS_ADDRESS_NO_BRACKETS },
  { "400::1:1080", SOCKS_ADDRESS_NO_BRACKETS },
  { "[400::1]: 1080", SOCKS_ADDRESS_BLANK },
  { " [400::1]:1080", SOCKS_ADDRESS_BLANK },
  { "[400::1]:1080 ", SOCKS_ADDRESS_BLANK },
  { "[400::1]:1080\n", SOCKS_ADDRESS_BLANK },
  { "[0400:0000:0000:0000:0000:0000:0000:0001]:00000000000000000001080",
    SOCKS_ADDRESS_TOO_LONG },
  { "socks5://[400::1]:1080", SOCKS_ADDRESS_SCHEME },
  { "http://[400::1]:1080/", SOCKS_ADDRESS_SCHEME },
  { "foo@[400::1]:1080", SOCKS_ADDRESS_SCHEME },
  { "[400::1]:1080;[::1]:22", SOCKS_ADDRESS_SCHEME },
  { "[400::1]:1080/..", SOCKS_ADDRESS_SCHEME },
  { "400::1/64", SOCKS_ADDRESS_SCHEME },
  { "/run/x.sock", SOCKS_ADDRESS_SCHEME },
  { "unix:/run/x", SOCKS_ADDRESS_SCHEME },
  { "@x", SOCKS_ADDRESS_SCHEME },
  { "localhost:1080", SOCKS_ADDRESS_NAME },
  { "example.com:1080", SOCKS_ADDRESS_NAME },
  { "400::1]:1080", SOCKS_ADDRESS_NO_BRACKETS },
  { "0x7f000001:1080", SOCKS_ADDRESS_NAME },
  { "*", SOCKS_ADDRESS_NAME },
  { "[400::1%eth0]:1080", SOCKS_ADDRESS_ZONE },
  { "[fe80::1%1]:1080", SOCKS_ADDRESS_ZONE },
  { "[400:::1]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[400::1::2]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[1:2:3:4:5:6:7:8:9]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[00400::1]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[400::g]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[400::1.2.3.256]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[400::01.2.3.4]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[[400::1]]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[127.0.0.1]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[]:1080", SOCKS_ADDRESS_BAD_IPV6 },
  { "[400::1]：1080", SOCKS_ADDRESS_BAD },
  { "127.1:1080", SOCKS_ADDRESS_BAD_IPV4 },
  { "2130706433:1080", SOCKS_ADDRESS_BAD_IPV4 },
  { "0177.0.0.1:1080", SOCKS_ADDRESS_BAD_IPV4 },
  { "[400::1]:65536", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:-1", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:+1080", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:1080x", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:0x438", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:１０８０", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]:0", SOCKS_ADDRESS_BAD_PORT },
  { "[400::1]1080", SOCKS_ADDRESS_BAD },
  { ":1080", SOCKS_ADDRESS_BAD },
  { "[::]:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "[ff02::1]:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "[fe80::1]:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "0.0.0.0:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "0.1.2.3:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "169.254.1.1:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "224.0.0.1:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "240.0.0.1:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "255.255.255.255:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "[::ffff:0.0.0.0]:9050", SOCKS_ADDRESS_FORBIDDEN },
  { "[::1]:1080", SOCKS_ADDRESS_OWN_PORT },
  { "127.0.0.1:1080", SOCKS_ADDRESS_OWN_PORT },
  { "127.5.5.5:1080", SOCKS_ADDRESS_OWN_PORT },
  { "[::ffff:127.0.0.1]:1080", SOCKS_ADDRESS_OWN_PORT },
  { "[" NODE "]:1080", SOCKS_ADDRESS_OWN_PORT },
};

/* A service that listens, on a node that has an address. */
static SocksSnapshot *
new_snapshot (void)
{
  SocksSnapshot *snapshot = socks_snapshot_new ();

  g_free (snapshot->listening);
  snapshot->listening = g_strdup ("[::]:1080");
  g_free (snapshot->node_address);
  snapshot->node_address = g_strdup (NODE);
  return snapshot;
}

static gboolean
service_takes (const char *text)
{
  struct in6_addr node;
  SocksEndpoint endpoint;

  g_assert_true (socks_address_parse (NODE, &node));
  return socks_endpoint_parse (text, &endpoint, NULL) &&
         socks_endpoint_check_remote (&endpoint, 1080, &node, 1, NULL);
}

static void
test_each_text_gets_its_verdict (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (socks_address_check (rows[i].text, snapshot), ==, rows[i].verdict);
      g_assert_cmpint (service_takes (rows[i].text), ==,
                       rows[i].verdict == SOCKS_ADDRESS_FINE);
    }
}

static void
test_each_verdict_but_two_has_a_sentence (void)
{
  for (guint verdict = 0; verdict < SOCKS_N_ADDRESS_VERDICTS; verdict++)
    g_assert_cmpint (*socks_address_verdict_text (verdict) != '\0', ==,
                     verdict != SOCKS_ADDRESS_FINE && verdict != SOCKS_ADDRESS_EMPTY);
}

/* Nobody is told that something is wrong who only has not finished. */
static void
test_nothing_is_wrong_before_the_end_is_typed (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot ();
  const char *text = "[400:1f00:1:2:3:4:5:9ab2]:1080";

  for (gsize length = 0; length <= strlen (text); length++)
    {
      g_autofree char *typed = g_strndup (text, length);

      g_assert_true (socks_address_verdict_may_become_fine (
          socks_address_check (typed, snapshot)));
    }
}

static void
test_the_local_port_is_fine_while_it_is_closed_to_this_program (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  g_assert_cmpint (socks_address_check ("127.0.0.1:1080", snapshot), ==,
                   SOCKS_ADDRESS_FINE);
}

/* Characters put in, taken out and changed at random in every row. */
static void
test_it_judges_as_the_service_does (void)
{
  static const char characters[] = "[]:.%/0123456789abcdefgx -+@\xc3\xa9";
  g_autoptr (SocksSnapshot) snapshot = new_snapshot ();
  g_autoptr (GRand) random = g_rand_new_with_seed (5);

  for (int i = 0; i < 100000; i++)
    {
      g_autoptr (GString) text =
          g_string_new (rows[g_rand_int_range (random, 0, G_N_ELEMENTS (rows))].text);
      int n_changes = g_rand_int_range (random, 1, 4);

      for (int change = 0; change < n_changes; change++)
        {
          gssize place = g_rand_int_range (random, 0, (gint32) text->len + 1);

          if (g_rand_boolean (random) && (gsize) place < text->len)
            g_string_erase (text, place, 1);
          if (g_rand_boolean (random))
            g_string_insert_c (
                text, place,
                characters[g_rand_int_range (random, 0, sizeof characters - 1)]);
        }
      if ((socks_address_check (text->str, snapshot) == SOCKS_ADDRESS_FINE) !=
          service_takes (text->str))
        g_error ("%s: judged otherwise than by the service", text->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/address-check/" #name, test_##name)
  ADD (each_text_gets_its_verdict);
  ADD (each_verdict_but_two_has_a_sentence);
  ADD (nothing_is_wrong_before_the_end_is_typed);
  ADD (the_local_port_is_fine_while_it_is_closed_to_this_program);
  ADD (it_judges_as_the_service_does);
#undef ADD
  return g_test_run ();
}
