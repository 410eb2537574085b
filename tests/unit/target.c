/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What may be asked of a proxy, as text. */

#include "core/target.h"

#include "core/error.h"

#include <string.h>

static void
test_hosts_and_addresses_are_targets (void)
{
  static const struct
  {
    const char *text;
    const char *name;
    const char *address; /* NULL for a name */
    guint16 port;
  } rows[] = {
    { "example.com:443", "example.com", NULL, 443 },
    { "localhost:1", "localhost", NULL, 1 },
    { "xn--mnchen-3ya.example:65535", "xn--mnchen-3ya.example", NULL, 65535 },
    { "under_score-9.example.:80", "under_score-9.example.", NULL, 80 },
    { "1.example:80", "1.example", NULL, 80 },
    { "a1:80", "a1", NULL, 80 },
    { "192.0.2.7:80", "", "192.0.2.7", 80 },
    { "[2001:db8::80]:80", "", "2001:db8::80", 80 },
    { "[::ffff:192.0.2.7]:80", "", "192.0.2.7", 80 },
    { "example.com:00080", "example.com", NULL, 80 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      SocksTarget target;

      g_assert_true (socks_target_parse (rows[i].text, &target, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (target.name, ==, rows[i].name);
      g_assert_cmpuint (target.port, ==, rows[i].port);
      if (rows[i].address != NULL)
        {
          g_autofree char *address = socks_address_format (&target.address);

          g_assert_cmpstr (address, ==, rows[i].address);
        }
    }
}

static void
test_everything_else_is_none (void)
{
  static const char *const texts[] = {
    "",
    ":",
    ":80",
    "example.com",
    "example.com:",
    "example.com:0",
    "example.com:65536",
    "example.com:+80",
    "example.com:80 ",
    "example.com: 80",
    "example.com:80:80",
    "exa mple.com:80",
    "exa/mple:80",
    "http://example.com:80",
    "user@example.com:80",
    "m\303\274nchen.example:80",
    "192.0.2.300:80",
    "192.0.2:80",
    "1:80",
    ".:80",
    "[example.com]:80",
    "2001:db8::80:80",
    "[2001:db8::80]",
    "[fe80::1%lo]:80",
    "a\n:80",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SocksTarget target, before;
      g_autoptr (GError) error = NULL;

      memset (&target, 0x5a, sizeof target);
      before = target;
      g_test_message ("%s", texts[i]);
      g_assert_false (socks_target_parse (texts[i], &target, &error));
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_TARGET);
      g_assert_null (strchr (error->message, '\n'));
      g_assert_cmpmem (&target, sizeof target, &before, sizeof before);
    }
}

static void
test_a_name_has_253_bytes_at_most (void)
{
  g_autofree char *longest = g_strnfill (SOCKS_TARGET_NAME_MAX_BYTES, 'a');
  g_autofree char *fits = g_strconcat (longest, ":65535", NULL);
  g_autofree char *too_long = g_strconcat ("a", longest, ":1", NULL);
  SocksTarget target;

  g_assert_true (socks_target_parse (fits, &target, NULL));
  g_assert_cmpstr (target.name, ==, longest);
  g_assert_false (socks_target_parse (too_long, &target, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/target/" #name, test_##name)
  ADD (hosts_and_addresses_are_targets);
  ADD (everything_else_is_none);
  ADD (a_name_has_253_bytes_at_most);
  return g_test_run ();
}
