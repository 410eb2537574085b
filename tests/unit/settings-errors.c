/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a configuration file may not say, and what the error says then. */

#include "engine/settings.h"

#include "core/error.h"

#include <glib/gstdio.h>
#include <string.h>

static char *directory; /* (owned): of this run alone */

/* Returns the message, which holds to the rules of all of them. */
static char *
load_wrong (const char *contents, gssize length)
{
  g_autofree char *path = g_build_filename (directory, "test.conf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, contents, length, NULL));
  g_assert_null (socks_settings_load (path, FALSE, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, path));
  for (const char *c = error->message; *c != '\0'; c++)
    g_assert_false (g_ascii_iscntrl (*c));
  g_assert_cmpuint (strlen (error->message), <, 512);
  return g_strdup (error->message);
}

static void
assert_says (const char *message, const char *group, const char *name, const char *found)
{
  g_autofree char *place = g_strdup_printf ("in group [%s], key %s has “%s”", group, name,
                                            found);

  g_assert_nonnull (strstr (message, place));
}

static void
test_one_beyond_each_range_is_an_error_that_names_it (void)
{
  static const struct
  {
    const char *group, *name;
    guint least, most;
  } rows[] = {
    { "Probing", "IntervalSec", 1, 86400 }, { "Probing", "TimeoutSec", 1, 60 },
    { "Probing", "Port", 1, 65535 },        { "Probing", "Parallel", 1, 4096 },
    { "Limits", "Connections", 1, 65536 },  { "Limits", "Threads", 1, 64 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int end = 0; end < 2; end++)
      {
        g_autofree char *number =
            g_strdup_printf ("%u", end == 0 ? rows[i].least - 1 : rows[i].most + 1);
        g_autofree char *contents =
            g_strdup_printf ("[%s]\n%s=%s\n", rows[i].group, rows[i].name, number);
        g_autofree char *range =
            g_strdup_printf ("from %u to %u", rows[i].least, rows[i].most);
        g_autofree char *message = load_wrong (contents, -1);

        assert_says (message, rows[i].group, rows[i].name, number);
        g_assert_nonnull (strstr (message, range));
      }
}

static const struct
{
  const char *group, *name;
  const char *values[20];
} wrong_values[] = {
  { "Node", "Url",
    { "", "127.0.0.1:8989", "http://", "http:///path", "http:8989",
      "ftp://127.0.0.1:8989", "unix:/run/node.sock", "http://me@127.0.0.1:8989",
      "http://me:secret@127.0.0.1:8989", "http://127.0.0.1:8989/?a=b",
      "http://127.0.0.1:8989/#here", "http://127.0.0.1:0", "http://127.0.0.1:65536",
      "http://127.0.0.1:port", "http://[::1:8989", "http://a b:8989",
      "http://a%20b:8989", "http://a,b", "http://node/%zz" } },
  { "Probing", "Enabled", { "", "yes", "TRUE", "2", "true;" } },
  { "Probing", "IntervalSec",
    { "", "-1", "+60", "60s", "0x3c", "1.5", "6 0", "18446744073709551676" } },
  { "Probing", "TimeoutSec", { "", "five" } },
  { "Probing", "Port", { "", "socks", "66616" } },
  { "Probing", "Parallel", { "", "1e3" } },
  { "Probing", "StaticPeers",
    { "1080", "example.com:1080", "[400::1]:1080,[400::2]:1080", "[400::1]:0",
      "[::]:1080", "[ff02::1]:1080", "[fe80::1]:1080", "127.0.0.1:1080" } },
  { "Listen", "Address", { "", "1080", "[::]:0", "localhost:1080", "[::]:1080;" } },
  { "Listen", "Scope", { "", "Any", "lan", "local;any" } },
  { "Listen", "AllowFrom",
    { "192.168.1.7/24", "10.0.0.0/33", "fd00::/129", "10.0.0.0/", "example.com" } },
  { "Selection", "Failover", { "", "on" } },
  { "Selection", "Restore", { "", "no" } },
  { "Limits", "Connections", { "", "many" } },
  { "Limits", "Threads", { "auto", "-1" } },
  { "Metrics", "TextFile",
    { "on", "mycelium-socks.prom", "./mycelium-socks.prom", "/run/mycelium-socks",
      "/run/mycelium-socks/", "/run/mycelium-socks.prom/", "/run/mycelium-socks.PROM",
      "/run/a.prom;/run/b.prom;", "~/mycelium-socks.prom" } },
};

static void
test_a_wrong_value_is_an_error_that_names_file_group_and_key (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (wrong_values); i++)
    for (const char *const *value = wrong_values[i].values; *value != NULL; value++)
      {
        const char *group = wrong_values[i].group, *name = wrong_values[i].name;
        g_autofree char *contents =
            g_strdup_printf ("[%s]\n%s=%s\n", group, name, *value);
        g_autofree char *message = NULL;

        g_test_message ("%s=%s", name, *value);
        message = load_wrong (contents, -1);
        assert_says (message, group, name, *value);
      }
}

static void
test_a_wrong_item_of_a_list_is_shown_without_the_others (void)
{
  g_autofree char *peer =
      load_wrong ("[Probing]\nStaticPeers=[400::1]:1080; [400::2] ;[400::3]:1080\n", -1);
  g_autofree char *prefix =
      load_wrong ("[Listen]\nAllowFrom=192.168.1.0/24;10.1.0.0/8;\n", -1);

  assert_says (peer, "Probing", "StaticPeers", "[400::2]");
  assert_says (prefix, "Listen", "AllowFrom", "10.1.0.0/8");
}

static void
test_the_services_own_port_is_no_peer_wherever_its_address_stands (void)
{
  g_autofree char *message = load_wrong ("[Probing]\nStaticPeers=[::1]:9999\n"
                                         "[Listen]\nAddress=[::]:9999\n",
                                         -1);

  assert_says (message, "Probing", "StaticPeers", "[::1]:9999");
}

static void
test_a_broken_file_is_an_error_that_quotes_the_line (void)
{
  g_autofree char *no_value = load_wrong ("[Node]\nUrl\n", -1);
  g_autofree char *no_group = load_wrong ("Url=http://127.0.0.1:8989\n", -1);
  g_autofree char *nul = load_wrong ("[Probing]\nPort=1080\0 or so\n", 28);

  g_assert_nonnull (strstr (no_value, "“Url”"));
  g_assert_nonnull (strstr (no_group, "group"));
  g_assert_nonnull (strstr (nul, "NUL"));
}

static void
test_a_huge_value_makes_a_short_message (void)
{
  g_autoptr (GString) contents = g_string_new ("[Node]\nUrl=");
  g_autofree char *message = NULL;

  for (int i = 0; i < 100000; i++)
    g_string_append (contents, "ü");
  message = load_wrong (contents->str, -1);
  g_assert_nonnull (strstr (message, "üü…”"));
}

static void
test_a_file_over_1_mib_is_an_error (void)
{
  g_autoptr (GString) contents = g_string_new ("#");
  g_autofree char *message = NULL;

  while (contents->len <= 1024 * 1024)
    g_string_append_c (contents, 'x');
  message = load_wrong (contents->str, -1);
  g_assert_nonnull (strstr (message, "1048576 bytes"));
}

static void
test_a_missing_file_is_an_error_if_it_was_asked_for (void)
{
  g_autofree char *path = g_build_filename (directory, "missing.conf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (socks_settings_load (path, FALSE, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, path));
}

static void
test_a_directory_is_an_error_even_where_no_file_is_needed (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (socks_settings_load (directory, TRUE, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_SETTINGS);
  g_assert_nonnull (strstr (error->message, directory));
}

#define ADD(name, function) g_test_add_func ("/settings-errors/" name, function)

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("settings-errors-XXXXXX", NULL);
  g_assert_nonnull (directory);

  ADD ("one-beyond-each-range-is-an-error-that-names-it",
       test_one_beyond_each_range_is_an_error_that_names_it);
  ADD ("a-wrong-value-is-an-error-that-names-file-group-and-key",
       test_a_wrong_value_is_an_error_that_names_file_group_and_key);
  ADD ("a-wrong-item-of-a-list-is-shown-without-the-others",
       test_a_wrong_item_of_a_list_is_shown_without_the_others);
  ADD ("the-services-own-port-is-no-peer-wherever-its-address-stands",
       test_the_services_own_port_is_no_peer_wherever_its_address_stands);
  ADD ("a-broken-file-is-an-error-that-quotes-the-line",
       test_a_broken_file_is_an_error_that_quotes_the_line);
  ADD ("a-huge-value-makes-a-short-message", test_a_huge_value_makes_a_short_message);
  ADD ("a-file-over-1-mib-is-an-error", test_a_file_over_1_mib_is_an_error);
  ADD ("a-missing-file-is-an-error-if-it-was-asked-for",
       test_a_missing_file_is_an_error_if_it_was_asked_for);
  ADD ("a-directory-is-an-error-even-where-no-file-is-needed",
       test_a_directory_is_an_error_even_where_no_file_is_needed);
  result = g_test_run ();

  path = g_build_filename (directory, "test.conf", NULL);
  g_unlink (path);
  g_rmdir (directory);
  g_free (directory);
  return result;
}
