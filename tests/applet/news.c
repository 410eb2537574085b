/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which change is told to whom, and in what words. */

#include "notify/news.h"

typedef struct
{
  SocksOnlooker onlooker;
  SocksNews news;
} Told;

static const SocksOnlooker nobody = { FALSE, FALSE };
static const SocksOnlooker clicker = { TRUE, FALSE };
static const SocksOnlooker watcher = { FALSE, TRUE };

#define A "[400::a]:1080"
#define B "[400::b]:1080"

static void
test_another_remote_is_told_to_who_did_not_choose_it (void)
{
  const struct
  {
    const char *remote;
    SocksClientChange change;
    SocksProxyStatus status;
    SocksNews to_nobody, to_clicker, to_watcher;
  } rows[] = {
    { A, SOCKS_CLIENT_CHANGE_AUTOMATIC, SOCKS_PROXY_VALID, SOCKS_NEWS_CONNECTED,
      SOCKS_NEWS_NONE, SOCKS_NEWS_NONE },
    { A, SOCKS_CLIENT_CHANGE_USER, SOCKS_PROXY_UNPROBED, SOCKS_NEWS_CONNECTED,
      SOCKS_NEWS_NONE, SOCKS_NEWS_NONE },
    { "", SOCKS_CLIENT_CHANGE_USER, SOCKS_PROXY_UNPROBED, SOCKS_NEWS_DISCONNECTED,
      SOCKS_NEWS_NONE, SOCKS_NEWS_NONE },
    { A, SOCKS_CLIENT_CHANGE_RESTORED, SOCKS_PROXY_VALID, SOCKS_NEWS_CONNECTED,
      SOCKS_NEWS_NONE, SOCKS_NEWS_CONNECTED },
    { A, SOCKS_CLIENT_CHANGE_OTHER, SOCKS_PROXY_VALID, SOCKS_NEWS_CONNECTED,
      SOCKS_NEWS_NONE, SOCKS_NEWS_CONNECTED },
    /* Nobody clicks for these, even while a click is being answered. */
    { B, SOCKS_CLIENT_CHANGE_FAILOVER, SOCKS_PROXY_VALID, SOCKS_NEWS_MOVED_OVER,
      SOCKS_NEWS_MOVED_OVER, SOCKS_NEWS_MOVED_OVER },
    { "", SOCKS_CLIENT_CHANGE_SHUTDOWN, SOCKS_PROXY_UNPROBED, SOCKS_NEWS_SERVICE_STOPPED,
      SOCKS_NEWS_SERVICE_STOPPED, SOCKS_NEWS_SERVICE_STOPPED },
    /* Only the window says so by itself. */
    { A, SOCKS_CLIENT_CHANGE_USER, SOCKS_PROXY_AUTHENTICATION_REQUIRED,
      SOCKS_NEWS_LOGIN_REQUIRED, SOCKS_NEWS_LOGIN_REQUIRED, SOCKS_NEWS_NONE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const Told told[] = {
        { nobody, rows[i].to_nobody },
        { clicker, rows[i].to_clicker },
        { watcher, rows[i].to_watcher },
      };

      for (guint j = 0; j < G_N_ELEMENTS (told); j++)
        g_assert_cmpint (socks_news_of_remote (rows[i].remote, rows[i].change,
                                               rows[i].status, told[j].onlooker),
                         ==, told[j].news);
    }
}

static SocksSnapshot *
new_snapshot (SocksAvailability availability,
              SocksClientState state,
              SocksClientSelection selection,
              const char *remote,
              SocksProxyStatus status)
{
  SocksSnapshot *snapshot = socks_snapshot_new ();

  snapshot->availability = availability;
  snapshot->state = state;
  snapshot->selection = selection;
  g_free (snapshot->remote);
  snapshot->remote = g_strdup (remote);
  snapshot->remote_status = status;
  return snapshot;
}

static void
test_the_same_remote_is_told_when_it_fails_and_when_it_is_back (void)
{
  enum
  {
    GONE,
    OFF,
    CONNECTING,
    ON,
    FAILING,
    MANUAL,
    MANUAL_FAILING,
    OTHER,
    LOGIN,
    N_SITUATIONS,
  };
  const SocksAvailability present = SOCKS_AVAILABILITY_PRESENT;
  const SocksClientSelection automatic = SOCKS_CLIENT_SELECTION_AUTOMATIC;
  const SocksClientSelection manual = SOCKS_CLIENT_SELECTION_MANUAL;
  SocksSnapshot *situations[N_SITUATIONS] = {
    [GONE] = new_snapshot (SOCKS_AVAILABILITY_NOT_RUNNING, SOCKS_CLIENT_DISCONNECTED,
                           SOCKS_CLIENT_SELECTION_NONE, "", SOCKS_PROXY_UNPROBED),
    [OFF] = new_snapshot (present, SOCKS_CLIENT_DISCONNECTED, SOCKS_CLIENT_SELECTION_NONE,
                          "", SOCKS_PROXY_UNPROBED),
    [CONNECTING] = new_snapshot (present, SOCKS_CLIENT_CONNECTING, automatic, "",
                                 SOCKS_PROXY_UNPROBED),
    [ON] = new_snapshot (present, SOCKS_CLIENT_CONNECTED, automatic, A, SOCKS_PROXY_VALID),
    [FAILING] =
        new_snapshot (present, SOCKS_CLIENT_FAILING, automatic, A, SOCKS_PROXY_VALID),
    [MANUAL] = new_snapshot (present, SOCKS_CLIENT_CONNECTED, manual, A, SOCKS_PROXY_VALID),
    [MANUAL_FAILING] =
        new_snapshot (present, SOCKS_CLIENT_FAILING, manual, A, SOCKS_PROXY_VALID),
    [OTHER] =
        new_snapshot (present, SOCKS_CLIENT_CONNECTED, automatic, B, SOCKS_PROXY_VALID),
    [LOGIN] = new_snapshot (present, SOCKS_CLIENT_CONNECTED, manual, A,
                            SOCKS_PROXY_AUTHENTICATION_REQUIRED),
  };
  /* All that is told; every other pair is silence. */
  SocksNews told[N_SITUATIONS][N_SITUATIONS] = {
    [ON] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED,
             [FAILING] = SOCKS_NEWS_LOST_AUTOMATIC,
             [MANUAL_FAILING] = SOCKS_NEWS_LOST_MANUAL,
             [LOGIN] = SOCKS_NEWS_LOGIN_REQUIRED },
    [MANUAL] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED,
                 [FAILING] = SOCKS_NEWS_LOST_AUTOMATIC,
                 [MANUAL_FAILING] = SOCKS_NEWS_LOST_MANUAL,
                 [LOGIN] = SOCKS_NEWS_LOGIN_REQUIRED },
    [LOGIN] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED,
                [FAILING] = SOCKS_NEWS_LOST_AUTOMATIC,
                [MANUAL_FAILING] = SOCKS_NEWS_LOST_MANUAL },
    [OTHER] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED },
    [FAILING] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED,
                  [ON] = SOCKS_NEWS_CONNECTED_AGAIN,
                  [MANUAL] = SOCKS_NEWS_CONNECTED_AGAIN,
                  [LOGIN] = SOCKS_NEWS_CONNECTED_AGAIN },
    [MANUAL_FAILING] = { [GONE] = SOCKS_NEWS_SERVICE_STOPPED,
                         [ON] = SOCKS_NEWS_CONNECTED_AGAIN,
                         [MANUAL] = SOCKS_NEWS_CONNECTED_AGAIN,
                         [LOGIN] = SOCKS_NEWS_CONNECTED_AGAIN },
  };

  for (guint i = 0; i < N_SITUATIONS; i++)
    for (guint j = 0; j < N_SITUATIONS; j++)
      {
        g_test_message ("%u to %u", i, j);
        g_assert_cmpint (socks_news_of_snapshot (situations[i], situations[j], nobody), ==,
                         told[i][j]);
      }
  g_assert_cmpint (
      socks_news_of_snapshot (situations[FAILING], situations[ON], clicker), ==,
      SOCKS_NEWS_NONE);
  g_assert_cmpint (socks_news_of_snapshot (situations[ON], situations[LOGIN], watcher), ==,
                   SOCKS_NEWS_NONE);
  for (guint i = 0; i < N_SITUATIONS; i++)
    socks_snapshot_free (situations[i]);
}

static SocksNews
news_of_name (const char *name)
{
  g_autoptr (GError) error = g_dbus_error_new_for_dbus_error (name, "What it says");

  return socks_news_of_error (error);
}

static void
test_a_failed_click_is_told (void)
{
  g_autoptr (GError) own =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "By ourselves");

  g_assert_cmpint (socks_news_of_error (NULL), ==, SOCKS_NEWS_NONE);
  g_assert_cmpint (socks_news_of_error (own), ==, SOCKS_NEWS_NONE);
  g_assert_cmpint (news_of_name ("org.mycelium.Socks.Error.Cancelled"), ==,
                   SOCKS_NEWS_NONE);
  g_assert_cmpint (news_of_name ("org.freedesktop.DBus.Error.AccessDenied"), ==,
                   SOCKS_NEWS_NOT_ALLOWED);
  g_assert_cmpint (news_of_name ("org.mycelium.Socks.Error.NoValidProxy"), ==,
                   SOCKS_NEWS_FAILED);
  g_assert_cmpint (news_of_name ("org.freedesktop.DBus.Error.NoReply"), ==,
                   SOCKS_NEWS_FAILED);
}

static void
test_the_words_name_the_remote (void)
{
  g_autoptr (SocksSnapshot) now =
      new_snapshot (SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_CONNECTED,
                    SOCKS_CLIENT_SELECTION_AUTOMATIC, A, SOCKS_PROXY_VALID);
  const struct
  {
    SocksNews news;
    const char *remote, *called, *title, *body;
  } rows[] = {
    { SOCKS_NEWS_CONNECTED, A, "400::a", "Connected", "400::a — 42 ms" },
    { SOCKS_NEWS_CONNECTED, B, "home", "Connected", "home" },
    { SOCKS_NEWS_CONNECTED_AGAIN, A, "400::a", "Connected again", "400::a — 42 ms" },
    { SOCKS_NEWS_MOVED_OVER, A, "400::a", "Moved over to another proxy",
      "400::a — 42 ms" },
    { SOCKS_NEWS_LOST_AUTOMATIC, A, "400::a", "Proxy lost",
      "400::a does not answer. Looking for another one." },
    { SOCKS_NEWS_LOST_MANUAL, A, "400::a", "Proxy lost",
      "400::a does not answer. It is tried again until it does." },
    { SOCKS_NEWS_LOGIN_REQUIRED, A, "400::a", "Login required",
      "400::a asks for a login. Your applications must log in to this proxy "
      "themselves." },
    { SOCKS_NEWS_SERVICE_STOPPED, "", "", "Disconnected", "The service has stopped." },
    { SOCKS_NEWS_DISCONNECTED, "", "", "Disconnected",
      "The local port is closed. Programs that are set to it have no connection." },
    { SOCKS_NEWS_NOT_ALLOWED, "", "", "Not allowed", "" },
    { SOCKS_NEWS_FAILED, "", "", "This did not work", "" },
    { SOCKS_NEWS_NONE, "", "", "", "" },
  };

  now->remote_latency_us = 42000;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *body =
          socks_news_body (rows[i].news, now, rows[i].remote, rows[i].called);

      g_assert_cmpstr (socks_news_title (rows[i].news), ==, rows[i].title);
      g_assert_cmpstr (body, ==, rows[i].body);
      g_assert_true (g_str_has_prefix (socks_news_category (rows[i].news), "network"));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/news/another-remote-is-told-to-who-did-not-choose-it",
                   test_another_remote_is_told_to_who_did_not_choose_it);
  g_test_add_func ("/news/the-same-remote-is-told-when-it-fails-and-when-it-is-back",
                   test_the_same_remote_is_told_when_it_fails_and_when_it_is_back);
  g_test_add_func ("/news/a-failed-click-is-told", test_a_failed_click_is_told);
  g_test_add_func ("/news/the-words-name-the-remote", test_the_words_name_the_remote);
  return g_test_run ();
}
