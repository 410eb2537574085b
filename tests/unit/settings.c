/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a configuration file means, and the one that is installed. What is refused has a
 * program of its own. */

#include "engine/settings.h"

#include "expected-log.h"

#include <glib/gstdio.h>
#include <string.h>

static char *directory; /* (owned): of this run alone */

static SocksSettings *
load (const char *contents)
{
  g_autofree char *path = g_build_filename (directory, "test.conf", NULL);
  g_autoptr (GError) error = NULL;
  SocksSettings *settings;

  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
  settings = socks_settings_load (path, FALSE, &error);
  g_assert_no_error (error);
  g_assert_nonnull (settings);
  expected_log_assert_seen ();
  return settings;
}

/* All of @settings, so that two can be compared and the difference be read. */
static char *
describe (const SocksSettings *settings)
{
  GString *text = g_string_new (NULL);
  g_autofree char *listen = socks_endpoint_format (&settings->listen_address);

  g_string_append_printf (
      text, "%s probe %d every %u for %u at %u in %u; listen %s local %d; %d %d; %u %u;",
      settings->node_url, settings->probing_enabled, settings->probe_interval_s,
      settings->probe_timeout_s, settings->probe_port, settings->parallel_probes, listen,
      settings->listen_local_only, settings->failover, settings->restore,
      settings->max_connections, settings->n_threads);
  for (guint i = 0; i < settings->static_peers->len; i++)
    {
      g_autofree char *peer = socks_endpoint_format (
          &g_array_index (settings->static_peers, SocksEndpoint, i));

      g_string_append_printf (text, " peer %s", peer);
    }
  for (guint i = 0; i < settings->allow_from->len; i++)
    {
      g_autofree char *prefix =
          socks_prefix_format (&g_array_index (settings->allow_from, SocksPrefix, i));

      g_string_append_printf (text, " from %s", prefix);
    }
  if (settings->metrics_path != NULL)
    g_string_append_printf (text, " metrics %s", settings->metrics_path);
  return g_string_free (text, FALSE);
}

static void
assert_described (const SocksSettings *settings, const char *expected)
{
  g_autofree char *text = describe (settings);

  g_assert_cmpstr (text, ==, expected);
}

#define DEFAULTS \
  "http://127.0.0.1:8989 probe 1 every 60 for 5 at 1080 in 1024; " \
  "listen [::]:1080 local 1; 1 1; 4096 0;"

static void
test_the_defaults_are_those_of_the_design (void)
{
  g_autoptr (SocksSettings) settings = socks_settings_new_defaults ();

  assert_described (settings, DEFAULTS);
}

static void
test_an_empty_file_is_the_defaults (void)
{
  static const char *const texts[] = { "", "\n", "# nothing", "[Node]\n[Limits]\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (SocksSettings) settings = load (texts[i]);

      assert_described (settings, DEFAULTS);
    }
}

static void
test_every_key_is_taken_from_a_full_file (void)
{
  g_autoptr (SocksSettings) settings =
      load ("[Node]\n"
            "Url = http://[::1]:9000/\n"
            "[Probing]\n"
            "Enabled=false\n"
            "IntervalSec=30\n"
            "TimeoutSec=2\n"
            "Port=1081\n"
            "Parallel=64\n"
            "StaticPeers= [400::1]:1080 ; 192.0.2.7:9050;;\n"
            "[Listen]\n"
            "Address=127.0.0.1:9999\n"
            "Scope=any\n"
            "AllowFrom=192.168.1.0/24; fd00::/8 ;\t400::7;\n"
            "[Selection]\n"
            "Failover=false\n"
            "Restore=false\n"
            "[Limits]\n"
            "Connections=100\n"
            "Threads=3\n"
            "[Metrics]\n"
            "TextFile=/run/a b/c.prom\n");

  assert_described (settings,
                    "http://[::1]:9000 probe 0 every 30 for 2 at 1081 in 64; "
                    "listen 127.0.0.1:9999 local 0; 0 0; 100 3; peer [400::1]:1080 "
                    "peer 192.0.2.7:9050 from 192.168.1.0/24 from fd00::/8 "
                    "from 400::7/128 metrics /run/a b/c.prom");
}

static void
test_lists_and_automatic_numbers_can_be_empty (void)
{
  g_autoptr (SocksSettings) settings = load ("[Probing]\nStaticPeers= ; ;\n"
                                             "[Listen]\nAllowFrom=\n"
                                             "[Limits]\nThreads=\n"
                                             "[Metrics]\nTextFile=\n");

  assert_described (settings, DEFAULTS);
}

static void
test_blanks_around_a_value_do_not_count (void)
{
  g_autoptr (SocksSettings) settings = load ("[Node]\n"
                                             "Url = http://[::1]:9000 \n"
                                             "[Probing]\n"
                                             "Enabled=false\t\n"
                                             "IntervalSec =  7  \r\n"
                                             "StaticPeers= [400::1]:1080 \r\n"
                                             "[Listen]\n"
                                             "Scope=any \n"
                                             "AllowFrom=fd00::/8\t\n"
                                             "[Limits]\n"
                                             "Threads= \n");

  assert_described (settings,
                    "http://[::1]:9000 probe 0 every 7 for 5 at 1080 in 1024; "
                    "listen [::]:1080 local 0; 1 1; 4096 0; peer [400::1]:1080 "
                    "from fd00::/8");
}

static void
test_both_ends_of_each_range_are_allowed (void)
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
        guint number = end == 0 ? rows[i].least : rows[i].most;
        g_autofree char *contents =
            g_strdup_printf ("[%s]\n%s=%u\n", rows[i].group, rows[i].name, number);
        g_autoptr (SocksSettings) settings = load (contents);
        g_autofree char *text = describe (settings);
        g_autofree char *taken = g_strdup_printf (" %u", number);

        g_assert_nonnull (strstr (text, taken));
      }
}

static void
test_urls_are_written_without_a_slash_at_the_end (void)
{
  static const struct
  {
    const char *value, *url;
  } rows[] = {
    { "http://127.0.0.1:8989/", "http://127.0.0.1:8989" },
    { "HTTP://127.0.0.1:8989", "http://127.0.0.1:8989" },
    { "http://[::1]:8989//", "http://[::1]:8989" },
    { "https://node-1.example.com/mycelium/", "https://node-1.example.com/mycelium" },
    { "http://node/a%20b", "http://node/a%20b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *contents = g_strdup_printf ("[Node]\nUrl=%s\n", rows[i].value);
      g_autoptr (SocksSettings) settings = load (contents);

      g_assert_cmpstr (settings->node_url, ==, rows[i].url);
    }
}

static void
test_what_is_unknown_is_a_warning_and_the_rest_holds (void)
{
  g_autoptr (SocksSettings) settings = NULL;

  expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: in group ?Probing?, key Ports *");
  expected_log_push (G_LOG_LEVEL_WARNING,
                     "*test.conf: in group ?Probing?, key Enabled?de? *");
  expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: in group ?Limits?, key Port *");
  expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: group ?Colours? *");
  settings = load ("[Probing]\nPorts=1\nPort=7\nEnabled[de]=false\n"
                   "[Limits]\nPort=8\n"
                   "[Colours]\nUrl=x\nPort=9\n");
  g_assert_cmpuint (settings->probe_port, ==, 7);
  g_assert_true (settings->probing_enabled);
}

static void
test_values_at_odds_with_each_other_are_warnings (void)
{
  static const char *const local_hosts[] = { "http://localhost:8989",
                                             "http://LocalHost" };
  g_autoptr (SocksSettings) alone = NULL, ignored = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (local_hosts); i++)
    {
      g_autofree char *contents = g_strdup_printf ("[Node]\nUrl=%s\n", local_hosts[i]);
      g_autoptr (SocksSettings) settings = NULL;

      expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: *Url*localhost*127.0.0.1*");
      settings = load (contents);
    }

  expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: *Scope=any*AllowFrom*");
  alone = load ("[Listen]\nScope=any\n");
  g_assert_false (alone->listen_local_only);

  expected_log_push (G_LOG_LEVEL_WARNING, "*test.conf: *AllowFrom*Scope=local*");
  ignored = load ("[Listen]\nAllowFrom=10.0.0.0/8\n");
  g_assert_true (ignored->listen_local_only);
}

static void
test_a_file_may_have_1_mib (void)
{
  g_autoptr (GString) contents = g_string_new ("[Probing]\nPort=7\n#");
  g_autoptr (SocksSettings) settings = NULL;

  while (contents->len < 1024 * 1024)
    g_string_append_c (contents, 'x');
  settings = load (contents->str);
  g_assert_cmpuint (settings->probe_port, ==, 7);
}

static void
test_a_missing_file_can_be_the_defaults (void)
{
  g_autofree char *path = g_build_filename (directory, "missing.conf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SocksSettings) settings = socks_settings_load (path, TRUE, &error);

  g_assert_no_error (error);
  assert_described (settings, DEFAULTS);
}

static void
test_this_machine_is_a_peer_by_another_port_than_the_service_has (void)
{
  g_autoptr (SocksSettings) settings = load ("[Probing]\nStaticPeers=[::1]:1080\n"
                                             "[Listen]\nAddress=[::]:9999\n");

  g_assert_cmpuint (settings->static_peers->len, ==, 1);
}

/* Takes the “#” off each line that would be a key. Returns how many. */
static guint
uncomment_keys (GString *text)
{
  guint n_keys = 0;

  for (char *line = text->str; line != NULL; line = strchr (line + 1, '\n'))
    if (line[0] == '\n' && line[1] == '#' && g_ascii_isupper (line[2]))
      {
        line[1] = ' ';
        n_keys++;
      }
  return n_keys;
}

static void
test_the_installed_file_is_the_defaults_commented_or_not (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "data",
                                                 "mycelium-socks.conf", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GString) uncommented = NULL;
  g_autoptr (SocksSettings) installed = NULL, written_out = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  installed = socks_settings_load (path, FALSE, &error);
  g_assert_no_error (error);
  assert_described (installed, DEFAULTS);

  uncommented = g_string_new (contents);
  g_assert_cmpuint (uncomment_keys (uncommented), ==, 15);
  written_out = load (uncommented->str);
  assert_described (written_out, DEFAULTS);
}

#define ADD(name, function) g_test_add_func ("/settings/" name, function)

int
main (int argc, char **argv)
{
  g_autofree char *path = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
  directory = g_dir_make_tmp ("settings-XXXXXX", NULL);
  g_assert_nonnull (directory);

  ADD ("the-defaults-are-those-of-the-design", test_the_defaults_are_those_of_the_design);
  ADD ("an-empty-file-is-the-defaults", test_an_empty_file_is_the_defaults);
  ADD ("every-key-is-taken-from-a-full-file", test_every_key_is_taken_from_a_full_file);
  ADD ("lists-and-automatic-numbers-can-be-empty",
       test_lists_and_automatic_numbers_can_be_empty);
  ADD ("blanks-around-a-value-do-not-count", test_blanks_around_a_value_do_not_count);
  ADD ("both-ends-of-each-range-are-allowed", test_both_ends_of_each_range_are_allowed);
  ADD ("urls-are-written-without-a-slash-at-the-end",
       test_urls_are_written_without_a_slash_at_the_end);
  ADD ("what-is-unknown-is-a-warning-and-the-rest-holds",
       test_what_is_unknown_is_a_warning_and_the_rest_holds);
  ADD ("values-at-odds-with-each-other-are-warnings",
       test_values_at_odds_with_each_other_are_warnings);
  ADD ("a-file-may-have-1-mib", test_a_file_may_have_1_mib);
  ADD ("a-missing-file-can-be-the-defaults", test_a_missing_file_can_be_the_defaults);
  ADD ("this-machine-is-a-peer-by-another-port-than-the-service-has",
       test_this_machine_is_a_peer_by_another_port_than_the_service_has);
  ADD ("the-installed-file-is-the-defaults-commented-or-not",
       test_the_installed_file_is_the_defaults_commented_or_not);
  result = g_test_run ();

  path = g_build_filename (directory, "test.conf", NULL);
  g_unlink (path);
  g_rmdir (directory);
  g_free (directory);
  return result;
}
