/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What people read: addresses, latencies, states and errors. In English; that the
 * translations are whole is shown with the data. */

#include <gio/gio.h>
#include <string.h>

#include "bus/error-name.h"
#include "core/error.h"
#include "model/address-text.h"
#include "model/error-text.h"
#include "model/state-text.h"

static void
test_addresses_are_shortened (void)
{
  const char *const rows[][2] = {
    { "[407:1f00:1:2:3:4:5:9ab2]:1080", "407:1f…9ab2" },
    { "[54e:bc0c:d404:9727:de89:2545:e6e:1b7f]:1080", "54e:bc…1b7f" },
    { "[54e:bc0c:d404:9727:de89:2545:e6e:1b7f]:9050", "[54e:bc…1b7f]:9050" },
    { "[400::1]:1080", "400::1" },
    { "[400::1]:9050", "[400::1]:9050" },
    { "[4b9:6a05:7595:dd31:198a:cc7:7b4a::]:1080", "4b9:6a05:7595:dd31:198a:cc7:7b4a::" },
    { "192.0.2.7:1080", "192.0.2.7" },
    { "192.0.2.7:9050", "192.0.2.7:9050" },
    /* Whatever else comes is shown as it is. */
    { "", "" },
    { "x", "x" },
    { "[", "[" },
    { "[:1080", "[:1080" },
    { "[]:1080", "" },
    { "[400::1:1080", "[400::1:1080" },
    /* But it moves no cursor and turns no direction. */
    { "\033[2J", "\\u001b[2J" },
    { "[4::\342\200\256]:1080", "4::\\u202e" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = socks_address_text_short (rows[i][0]);

      g_assert_cmpstr (text, ==, rows[i][1]);
    }
}

static void
test_addresses_are_shown_whole_where_there_is_room (void)
{
  const char *const rows[][2] = {
    { "[54e:bc0c:d404:9727:de89:2545:e6e:1b7f]:1080",
      "54e:bc0c:d404:9727:de89:2545:e6e:1b7f" },
    { "[400::1]:9050", "[400::1]:9050" },
    { "192.0.2.7:1080", "192.0.2.7" },
    { "400::1080", "400::1080" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = socks_address_text_full (rows[i][0]);

      g_assert_cmpstr (text, ==, rows[i][1]);
    }
}

static void
test_latencies_have_two_or_three_digits (void)
{
  const struct
  {
    guint latency_us;
    const char *text;
  } rows[] = {
    { 0, "" },           { 1, "0.1 ms" },      { 440, "0.4 ms" },
    { 9949, "9.9 ms" },  { 9950, "10 ms" },    { 42000, "42 ms" },
    { 42600, "43 ms" },  { 999499, "999 ms" }, { 999500, "1.0 s" },
    { 1240000, "1.2 s" }, { G_MAXUINT, "4295.0 s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = socks_latency_text (rows[i].latency_us);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
assert_state (const SocksSnapshot *snapshot, const char *text, const char *word)
{
  g_autofree char *state = socks_state_text (snapshot);

  g_assert_cmpstr (state, ==, text);
  g_assert_cmpstr (socks_state_text_word (snapshot), ==, word);
}

static void
set_remote (SocksSnapshot *snapshot, const char *remote, guint latency_us)
{
  g_free (snapshot->remote);
  snapshot->remote = g_strdup (remote);
  snapshot->remote_latency_us = latency_us;
}

static void
test_the_state_without_a_service (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
  const char *const texts[] = {
    [SOCKS_AVAILABILITY_UNKNOWN] = "One moment…",
    [SOCKS_AVAILABILITY_NO_BUS] = "The system bus can’t be reached",
    [SOCKS_AVAILABILITY_NOT_INSTALLED] = "The service is not installed",
    [SOCKS_AVAILABILITY_NOT_RUNNING] = "The service is not running",
    [SOCKS_AVAILABILITY_STARTING] = "The service is starting…",
    [SOCKS_AVAILABILITY_NOT_ANSWERING] = "The service does not answer",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      snapshot->availability = i;
      assert_state (snapshot, texts[i], "No service");
    }
}

static void
test_the_state_with_a_service (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  snapshot->availability = SOCKS_AVAILABILITY_PRESENT;
  assert_state (snapshot, "Not connected", "Not connected");
  snapshot->n_peers[SOCKS_PROXY_VALID] = 1;
  assert_state (snapshot, "Not connected — 1 proxy found", "Not connected");
  snapshot->n_peers[SOCKS_PROXY_AUTHENTICATION_REQUIRED] = 4;
  assert_state (snapshot, "Not connected — 5 proxies found", "Not connected");
  snapshot->node = SOCKS_CLIENT_NODE_DOWN;
  assert_state (snapshot, "Mycelium is not running", "Not connected");

  snapshot->state = SOCKS_CLIENT_CONNECTING;
  assert_state (snapshot, "Connecting…", "Connecting");
  snapshot->state = SOCKS_CLIENT_CONNECTED;
  set_remote (snapshot, "[407:1f00:1:2:3:4:5:9ab2]:1080", 42000);
  assert_state (snapshot, "Connected to 407:1f…9ab2 — 42 ms", "Connected");
  set_remote (snapshot, "[407:1f00:1:2:3:4:5:9ab2]:1080", 0);
  assert_state (snapshot, "Connected to 407:1f…9ab2", "Connected");
  snapshot->state = SOCKS_CLIENT_FAILING;
  assert_state (snapshot, "407:1f…9ab2 does not answer", "Proxy does not answer");
}

static void
assert_progress (const SocksSnapshot *snapshot, const char *text)
{
  g_autofree char *progress = socks_state_text_progress (snapshot);

  g_assert_cmpstr (progress, ==, text);
}

static void
test_the_progress_of_a_sweep (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  snapshot->n_to_sweep = 300;
  assert_progress (snapshot, "");
  snapshot->sweeping = TRUE;
  snapshot->n_swept = 120;
  assert_progress (snapshot, "120 of 300 addresses asked");
  snapshot->n_swept = 0;
  snapshot->n_to_sweep = 1;
  assert_progress (snapshot, "0 of 1 address asked");
  snapshot->n_to_sweep = 0;
  assert_progress (snapshot, "Looking for proxies…");
}

static void
test_the_problem_is_that_of_the_last_error (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  g_assert_cmpstr (socks_state_text_problem (snapshot), ==, "");
  g_free (snapshot->last_error_name);
  snapshot->last_error_name = g_strdup ("org.mycelium.Socks.Error.AddressInUse");
  g_assert_cmpstr (
      socks_state_text_problem (snapshot), ==,
      "Another program uses the local port. Close that program, then try again.");
}

/* Every one but the last says what to do. */
static void
test_each_situation_has_a_title_and_advice (void)
{
  g_assert_cmpstr (socks_situation_text_advice (SOCKS_SITUATION_UNKNOWN), ==, "");
  g_assert_cmpstr (socks_situation_text_advice (SOCKS_SITUATION_PROXIES), ==, "");
  for (guint i = 0; i < SOCKS_N_SITUATIONS; i++)
    {
      const char *advice = socks_situation_text_advice (i);

      g_assert_cmpuint (strlen (socks_situation_text_title (i)), >, 0);
      if (i != SOCKS_SITUATION_UNKNOWN && i != SOCKS_SITUATION_PROXIES)
        g_assert_true (g_str_has_suffix (advice, "."));
    }
}

static void
test_each_status_and_reason_has_words (void)
{
  for (guint i = 0; i < SOCKS_N_PROXY_STATUSES; i++)
    g_assert_cmpuint (strlen (socks_status_text (i)), >, 0);
  g_assert_cmpstr (socks_reason_text (SOCKS_PROXY_REASON_NONE), ==, "");
  for (guint i = 1; i < SOCKS_N_PROXY_REASONS; i++)
    g_assert_cmpuint (strlen (socks_reason_text (i)), >, 0);
}

static void
assert_sentence (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_null (strstr (text, "org."));
}

/* The service's own table is what there is. */
static void
test_each_error_of_the_service_has_a_sentence_of_its_own (void)
{
  g_autoptr (GHashTable) sentences = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) names =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint code = 0; code <= SOCKS_ERROR_PROBE; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SOCKS_ERROR, code, "");
      char *name = socks_error_name_of (error);
      const char *text = socks_error_text_of_name (name);

      assert_sentence (text);
      g_hash_table_add (sentences, (gpointer) text);
      g_hash_table_add (names, name);
    }
  g_assert_cmpuint (g_hash_table_size (names), ==, 8);
  g_assert_cmpuint (g_hash_table_size (sentences), ==, g_hash_table_size (names));
}

static void
test_errors_of_the_bus_have_sentences (void)
{
  const char *const rows[][2] = {
    { "org.freedesktop.DBus.Error.AccessDenied", "You are not allowed*" },
    { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
      "You are not allowed*" },
    { "org.freedesktop.PolicyKit1.Error.NotAuthorized", "You are not allowed*" },
    { "org.freedesktop.PolicyKit1.Error.Cancelled", "Nothing was changed*" },
    { "org.freedesktop.DBus.Error.LimitsExceeded", "Too many requests*" },
    { "org.freedesktop.DBus.Error.ServiceUnknown", "The service is not installed.*" },
    { "org.freedesktop.DBus.Error.NameHasNoOwner", "The service is not running.*" },
    { "org.freedesktop.DBus.Error.NoReply", "The service did not answer.*" },
    { "org.freedesktop.DBus.Error.Timeout", "The service did not answer.*" },
    { "org.freedesktop.DBus.Error.TimedOut", "The service did not answer.*" },
    { "org.freedesktop.DBus.Error.Spawn.ExecFailed", "*could not be started.*" },
    { "org.freedesktop.DBus.Error.Spawn.ChildExited", "*could not be started.*" },
    { "org.freedesktop.DBus.Error.Spawn.ServiceNotFound", "*not installed.*" },
    { "org.freedesktop.systemd1.NoSuchUnit", "*could not be started.*" },
    { "org.freedesktop.systemd1.UnitMasked", "*could not be started.*" },
    { "org.freedesktop.DBus.Error.Disconnected", "The system bus*" },
    { "org.freedesktop.DBus.Error.UnknownMethod", "*different versions.*" },
    { "com.example.Nobody.Knows", "The service could not do this.*" },
    { "", "The service could not do this.*" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *text = socks_error_text_of_name (rows[i][0]);

      assert_sentence (text);
      g_assert_true (g_pattern_match_simple (rows[i][1], text));
    }
  for (guint code = 0; code <= G_DBUS_ERROR_PROPERTY_READ_ONLY; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (G_DBUS_ERROR, code, "");

      assert_sentence (socks_error_text (error));
    }
}

static void
test_errors_as_a_call_returns_them (void)
{
  g_autoptr (GError) remote =
      g_dbus_error_new_for_dbus_error ("org.mycelium.Socks.Error.AddressInUse",
                                       "The port is held by x (7)");
  g_autoptr (GError) denied = g_dbus_error_new_for_dbus_error (
      "org.freedesktop.DBus.Error.AccessDenied", "No");
  g_autoptr (GError) cancelled =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_autoptr (GError) late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "");
  g_autoptr (GError) closed = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED, "");
  g_autoptr (GError) odd =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "");
  g_autofree char *details = socks_error_text_details (remote);

  g_assert_true (g_pattern_match_simple ("Another program*", socks_error_text (remote)));
  g_assert_cmpstr (details, ==, "The port is held by x (7)");
  g_assert_true (g_pattern_match_simple ("You are not*", socks_error_text (denied)));
  g_assert_null (socks_error_text (cancelled));
  g_assert_true (g_pattern_match_simple ("*did not answer*", socks_error_text (late)));
  g_assert_true (g_pattern_match_simple ("The system bus*", socks_error_text (closed)));
  g_assert_true (g_pattern_match_simple ("*versions*", socks_error_text (odd)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/texts/addresses-are-shortened", test_addresses_are_shortened);
  g_test_add_func ("/texts/addresses-are-shown-whole-where-there-is-room",
                   test_addresses_are_shown_whole_where_there_is_room);
  g_test_add_func ("/texts/latencies-have-two-or-three-digits",
                   test_latencies_have_two_or_three_digits);
  g_test_add_func ("/texts/the-state-without-a-service", test_the_state_without_a_service);
  g_test_add_func ("/texts/the-state-with-a-service", test_the_state_with_a_service);
  g_test_add_func ("/texts/the-progress-of-a-sweep", test_the_progress_of_a_sweep);
  g_test_add_func ("/texts/the-problem-is-that-of-the-last-error",
                   test_the_problem_is_that_of_the_last_error);
  g_test_add_func ("/texts/each-situation-has-a-title-and-advice",
                   test_each_situation_has_a_title_and_advice);
  g_test_add_func ("/texts/each-status-and-reason-has-words",
                   test_each_status_and_reason_has_words);
  g_test_add_func ("/texts/each-error-of-the-service-has-a-sentence-of-its-own",
                   test_each_error_of_the_service_has_a_sentence_of_its_own);
  g_test_add_func ("/texts/errors-of-the-bus-have-sentences",
                   test_errors_of_the_bus_have_sentences);
  g_test_add_func ("/texts/errors-as-a-call-returns-them",
                   test_errors_as_a_call_returns_them);
  return g_test_run ();
}
