/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands at the top of the window, state by state. */

#include "window/headline.h"

static SocksSnapshot *
new_snapshot (SocksClientState state, const char *remote)
{
  SocksSnapshot *snapshot = socks_snapshot_new ();

  snapshot->availability = SOCKS_AVAILABILITY_PRESENT;
  snapshot->state = state;
  g_free (snapshot->remote);
  snapshot->remote = g_strdup (remote);
  return snapshot;
}

static void
assert_headline (const SocksSnapshot *snapshot,
                 const char *title,
                 const char *detail,
                 const char *note)
{
  g_autofree char *shown = socks_headline_detail (snapshot);

  g_assert_cmpstr (socks_headline_title (snapshot), ==, title);
  g_assert_cmpstr (shown, ==, detail);
  g_assert_cmpstr (socks_headline_note (snapshot), ==, note);
}

static void
assert_button (const SocksSnapshot *snapshot,
               const char *action,
               const char *label,
               gboolean is_suggested)
{
  SocksHeadlineButton button = socks_headline_button (snapshot);

  g_assert_cmpstr (button.action, ==, action);
  g_assert_cmpstr (button.label, ==, label);
  g_assert_cmpint (button.is_suggested, ==, is_suggested);
}

static void
test_without_proxies_nothing_is_suggested (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot (SOCKS_CLIENT_DISCONNECTED, "");

  assert_headline (snapshot, "Not connected", "", "");
  assert_button (snapshot, "app.connect-fastest", "Connect to the Fastest", FALSE);
}

static void
test_with_proxies_the_fastest_is_suggested (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot (SOCKS_CLIENT_DISCONNECTED, "");

  snapshot->n_peers[SOCKS_PROXY_VALID] = 1;
  assert_headline (snapshot, "Not connected", "1 proxy to choose from", "");
  snapshot->n_peers[SOCKS_PROXY_AUTHENTICATION_REQUIRED] = 2;
  assert_headline (snapshot, "Not connected", "3 proxies to choose from", "");
  assert_button (snapshot, "app.connect-fastest", "Connect to the Fastest", TRUE);
}

static void
test_what_went_wrong_is_said_until_it_is_right (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot (SOCKS_CLIENT_DISCONNECTED, "");
  const char *note = "Another program uses the local port. Close that program, then try "
                     "again.";

  g_free (snapshot->last_error_name);
  snapshot->last_error_name = g_strdup ("org.mycelium.Socks.Error.AddressInUse");
  assert_headline (snapshot, "Not connected", "", note);
  snapshot->state = SOCKS_CLIENT_CONNECTING;
  assert_headline (snapshot, "Connecting…", "", note);
  snapshot->state = SOCKS_CLIENT_CONNECTED;
  assert_headline (snapshot, "Connected", "", "");
}

static void
test_connecting_can_be_cancelled (void)
{
  g_autoptr (SocksSnapshot) snapshot = new_snapshot (SOCKS_CLIENT_CONNECTING, "");

  assert_headline (snapshot, "Connecting…", "", "");
  assert_button (snapshot, "app.disconnect", "Cancel", FALSE);
}

static void
test_connected_says_to_whom_and_how_fast (void)
{
  g_autoptr (SocksSnapshot) snapshot =
      new_snapshot (SOCKS_CLIENT_CONNECTED, "[407:1f00:1:2:3:4:5:9ab2]:1080");

  assert_headline (snapshot, "Connected", "407:1f…9ab2", "");
  snapshot->remote_latency_us = 42000;
  assert_headline (snapshot, "Connected", "407:1f…9ab2 — 42 ms", "");
  assert_button (snapshot, "app.disconnect", "Disconnect", FALSE);
}

static void
test_a_login_is_said_to_be_required (void)
{
  g_autoptr (SocksSnapshot) snapshot =
      new_snapshot (SOCKS_CLIENT_CONNECTED, "[400::1]:1080");

  snapshot->remote_status = SOCKS_PROXY_AUTHENTICATION_REQUIRED;
  assert_headline (snapshot, "Connected", "400::1",
                   "Your applications must log in to this proxy themselves.");
}

static void
test_failing_says_what_is_done_about_it (void)
{
  g_autoptr (SocksSnapshot) snapshot =
      new_snapshot (SOCKS_CLIENT_FAILING, "[400::1]:1080");

  snapshot->selection = SOCKS_CLIENT_SELECTION_MANUAL;
  assert_headline (snapshot, "Proxy does not answer", "400::1",
                   "It is asked again every few seconds. Wait, or choose another one.");
  snapshot->selection = SOCKS_CLIENT_SELECTION_AUTOMATIC;
  assert_headline (snapshot, "Proxy does not answer", "400::1",
                   "Another one is being looked for. Until then nothing gets through.");
  assert_button (snapshot, "app.disconnect", "Disconnect", FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name) g_test_add_func ("/headline/" #name, test_##name)
  ADD (without_proxies_nothing_is_suggested);
  ADD (with_proxies_the_fastest_is_suggested);
  ADD (what_went_wrong_is_said_until_it_is_right);
  ADD (connecting_can_be_cancelled);
  ADD (connected_says_to_whom_and_how_fast);
  ADD (a_login_is_said_to_be_required);
  ADD (failing_says_what_is_done_about_it);
#undef ADD
  return g_test_run ();
}
