/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pure parts: the target, KConfig's text, the journal's text. */

#include "desktop-proxy/journal.h"
#include "desktop-proxy/kconfig-text.h"
#include "desktop-proxy/target.h"

static void
test_the_target_is_an_address_of_this_machine (void)
{
  const struct
  {
    const char *listening, *host;
    guint16 port;
  } rows[] = {
    { "[::]:1080", "127.0.0.1", 1080 },   { "0.0.0.0:9050", "127.0.0.1", 9050 },
    { "[::1]:1080", "::1", 1080 },        { "127.0.0.1:65535", "127.0.0.1", 65535 },
    { "192.0.2.7:1", "192.0.2.7", 1 },    { "", NULL, 0 },
    { "[::]:0", NULL, 0 },                { "[::]:65536", NULL, 0 },
    { "[::]", NULL, 0 },                  { "localhost:1080", NULL, 0 },
    { ":1080", NULL, 0 },                 { "[]:1080", NULL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SocksDesktopTarget) target = socks_desktop_target_new (rows[i].listening);

      g_assert_cmpint (target != NULL, ==, rows[i].host != NULL);
      if (target == NULL)
        continue;
      g_assert_cmpstr (target->host, ==, rows[i].host);
      g_assert_cmpuint (target->port, ==, rows[i].port);
    }
}

static void
test_an_entry_is_found (void)
{
  const struct
  {
    const char *text, *value;
    gboolean is_immutable;
  } rows[] = {
    { "", NULL, FALSE },
    { "[G]\nk=1\n", "=1", FALSE },
    { "[G]\nk=1", "=1", FALSE },
    { "k=0\n[H]\nk=1\n", NULL, FALSE },
    { "[G]\n  k = 1 \n", " = 1 ", FALSE },
    { "[G]\nk[$e]=$HOME\n", "[$e]=$HOME", FALSE },
    { "[G]\nk[$d]\n", "[$d]", FALSE },
    { "[G]\nk[$ei]=1\n", "[$ei]=1", TRUE },
    { "[G][$i]\nk=1\n", "=1", TRUE },
    { "[G][$i]\n", NULL, TRUE },
    { "[$i]\n[G]\nk=1\n", "=1", TRUE },
    { "[H][$i]\n[G]\nk=1\n", "=1", FALSE },
    { "[G]\nk[de]=1\n", NULL, FALSE },
    { "[G]\nkk=1\n#k=2\n", NULL, FALSE },
    { "[G]\nk=1\nk=2\n[H]\n[G]\nk=3\n", "=3", FALSE },
    { "[G][H]\nk=1\n", NULL, FALSE },
    { "[G]\r\nk=1\r\n", "=1\r", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean is_immutable;
      g_autofree char *value =
          socks_kconfig_read (rows[i].text, "G", "k", &is_immutable);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpstr (value, ==, rows[i].value);
      g_assert_cmpint (is_immutable, ==, rows[i].is_immutable);
    }
}

static void
test_every_other_byte_stays (void)
{
  const struct
  {
    const char *before, *value, *after;
  } rows[] = {
    { "", "=1", "[G]\nk=1\n" },
    { "x=1", "=1", "x=1\n\n[G]\nk=1\n" },
    { "[G]\nk=0\n", "=1", "[G]\nk=1\n" },
    { "[G]\nk=0", "=1", "[G]\nk=1" },
    { "# a\n\n[G]\n  k[$e]=$X # b\n\n\n[H]\n", "=1", "# a\n\n[G]\n  k=1\n\n\n[H]\n" },
    { "[G]\na=1\n\n[H]\nb=2\n", "=1", "[G]\na=1\nk=1\n\n[H]\nb=2\n" },
    { "[H]\nb=2\n", "=1", "[H]\nb=2\n\n[G]\nk=1\n" },
    { "[G]\nk=0\nk=1\n", "=2", "[G]\nk=0\nk=2\n" },
    { "[G]\na=1\nk=0\n", NULL, "[G]\na=1\n" },
    { "[H]\nb=2\n\n[G]\nk=1\n", NULL, "[H]\nb=2\n" },
    { "[G]\nk=1\n", NULL, "" },
    { "[G]\nk=1\n[H]\n", NULL, "[G]\n[H]\n" },
    { "[H]\n", NULL, "[H]\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *after =
          socks_kconfig_replace (rows[i].before, "G", "k", rows[i].value);

      g_test_message ("%s", rows[i].before);
      g_assert_cmpstr (after, ==, rows[i].after);
    }
}

static void
test_the_journal_keeps_every_value (void)
{
  const char *const values[] = {
    NULL, "", " ", "  two  ", "tab\tand\nline", "a;b", "\\n", "=[$e]=x", "'quoted'", "ü€",
  };
  g_autoptr (GPtrArray) changes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) socks_setting_change_free);
  g_autoptr (GPtrArray) read = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    g_ptr_array_add (changes,
                     socks_setting_change_new ("gnome", "socks/host",
                                               (SocksSettingRole) (i % 3), values[i],
                                               values[i] != NULL ? values[i] : "x"));
  text = socks_journal_format (changes);
  read = socks_journal_parse (text, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (read->len, ==, changes->len);
  for (guint i = 0; i < read->len; i++)
    {
      const SocksSettingChange *a = g_ptr_array_index (changes, i);
      const SocksSettingChange *b = g_ptr_array_index (read, i);

      g_assert_cmpstr (a->backend, ==, b->backend);
      g_assert_cmpstr (a->key, ==, b->key);
      g_assert_cmpint (a->role, ==, b->role);
      g_assert_cmpstr (a->before, ==, b->before);
      g_assert_cmpstr (a->ours, ==, b->ours);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/desktop-texts/the-target-is-an-address-of-this-machine",
                   test_the_target_is_an_address_of_this_machine);
  g_test_add_func ("/desktop-texts/an-entry-is-found", test_an_entry_is_found);
  g_test_add_func ("/desktop-texts/every-other-byte-stays", test_every_other_byte_stays);
  g_test_add_func ("/desktop-texts/the-journal-keeps-every-value",
                   test_the_journal_keeps_every_value);
  return g_test_run ();
}
