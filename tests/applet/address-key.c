/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The one spelling of an address: for what the service takes it is the service's own. */

#include "model/address-key.h"

#include <string.h>

#include "core/endpoint.h"

static const struct
{
  const char *text, *key, *host, *remote; /* all but the first are NULL for no address */
} rows[] = {
  { "[400::1]:1080", "[400::1]:1080", "400::1", "[400::1]:1080" },
  { "[400:0:0:0::1]:09050", "[400::1]:9050", "400::1", "[400::1]:9050" },
  { "400::1", "400::1", "400::1", "[400::1]:1080" },
  { "[400::A]", "400::a", "400::a", "[400::a]:1080" },
  { "192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.7:1080" },
  { "192.0.2.7:9050", "192.0.2.7:9050", "192.0.2.7", "192.0.2.7:9050" },
  { "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.7:1080" },
  { "[::ffff:192.0.2.7]:1", "192.0.2.7:1", "192.0.2.7", "192.0.2.7:1" },
  { "64:ff9b::192.0.2.33", "64:ff9b::c000:221", "64:ff9b::c000:221",
    "[64:ff9b::c000:221]:1080" },
  { "" },
  { "name" },
  { "17" },
  { "400" },
  { "[400::1" },
  { "[400::1]1080" },
  { "[400::1]:" },
  { "[400::1]:0" },
  { "[400::1]:65536" },
  { "[400::1]: 1" },
  { "192.0.2:1080" },
  { "192.0.2.7:" },
  { "192.0.2.7:x" },
  { "[192.0.2.7]:1" },
  { "fe80::1%lo" },
  { "[fe80::1%lo]:1" },
  { " 400::1" },
  { "400::g" },
  { ":1080" },
  { "[]:1080" },
  { "1:2:3" },
  { "name:1080" },
};

static void
test_each_address_has_one_spelling (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *key = socks_address_key (rows[i].text);
      g_autofree char *host = key != NULL ? socks_address_key_get_host (key) : NULL;
      g_autofree char *remote = key != NULL ? socks_address_key_get_remote (key) : NULL;
      g_autofree char *again = key != NULL ? socks_address_key (key) : NULL;

      g_test_message ("%s", rows[i].text);
      g_assert_cmpstr (key, ==, rows[i].key);
      g_assert_cmpstr (host, ==, rows[i].host);
      g_assert_cmpstr (remote, ==, rows[i].remote);
      g_assert_cmpstr (again, ==, key);
    }
}

static void
test_what_is_none_is_not_read_beyond_its_end (void)
{
  static const char *const texts[] = { "[", "[abc", "[abc:", "[:]", ":", "" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *host = socks_address_key_get_host (texts[i]);

      g_assert_cmpuint (strlen (host), <=, strlen (texts[i]));
    }
}

/* Characters put in, taken out and changed at random in every row. */
static void
test_it_is_the_spelling_of_the_service (void)
{
  static const char characters[] = "[]:.%0123456789abcdefABCDEF -+";
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  guint n_taken = 0;

  for (int i = 0; i < 100000; i++)
    {
      g_autoptr (GString) text =
          g_string_new (rows[g_rand_int_range (random, 0, G_N_ELEMENTS (rows))].text);
      g_autofree char *key = NULL;
      g_autofree char *spelling = NULL;
      SocksEndpoint endpoint;

      for (int change = g_rand_int_range (random, 0, 4); change > 0; change--)
        {
          gssize place = g_rand_int_range (random, 0, (gint32) text->len + 1);

          if (g_rand_boolean (random) && (gsize) place < text->len)
            g_string_erase (text, place, 1);
          else
            g_string_insert_c (
                text, place,
                characters[g_rand_int_range (random, 0, sizeof characters - 1)]);
        }
      if (!socks_endpoint_parse (text->str, &endpoint, NULL) || endpoint.port == 0)
        continue;
      n_taken++;
      key = socks_address_key (text->str);
      spelling = socks_endpoint_format (&endpoint);
      g_assert_cmpstr (key, ==, spelling);
    }
  g_assert_cmpuint (n_taken, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/address-key/each_address_has_one_spelling",
                   test_each_address_has_one_spelling);
  g_test_add_func ("/address-key/what_is_none_is_not_read_beyond_its_end",
                   test_what_is_none_is_not_read_beyond_its_end);
  g_test_add_func ("/address-key/it_is_the_spelling_of_the_service",
                   test_it_is_the_spelling_of_the_service);
  return g_test_run ();
}
