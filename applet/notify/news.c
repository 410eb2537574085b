/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which change is told, and in what words. Pure functions: a change that the person did not
 * just make themselves, or whose result is another than they expect.
 *
 * Two kinds of signals say disjoint things, in whatever order they come. RemoteChanged is
 * told for what it says: another remote. Of the snapshot only that is told which leaves the
 * remote as it is: it fails, it answers again, it turned out to want a login, and the
 * service is gone without a word. Any thread. */

#include "config.h"

#include "notify/news.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/error-text.h"

static const char *const titles[] = {
  [SOCKS_NEWS_NONE] = "",
  [SOCKS_NEWS_CONNECTED] = N_ ("Connected"),
  [SOCKS_NEWS_CONNECTED_AGAIN] = N_ ("Connected again"),
  [SOCKS_NEWS_MOVED_OVER] = N_ ("Moved over to another proxy"),
  [SOCKS_NEWS_LOST_AUTOMATIC] = N_ ("Proxy lost"),
  [SOCKS_NEWS_LOST_MANUAL] = N_ ("Proxy lost"),
  [SOCKS_NEWS_DISCONNECTED] = N_ ("Disconnected"),
  [SOCKS_NEWS_SERVICE_STOPPED] = N_ ("Disconnected"),
  [SOCKS_NEWS_LOGIN_REQUIRED] = N_ ("Login required"),
  [SOCKS_NEWS_NOT_ALLOWED] = N_ ("Not allowed"),
  [SOCKS_NEWS_FAILED] = N_ ("This did not work"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (titles) == SOCKS_N_NEWS);

/**
 * socks_news_of_remote:
 * @new_remote: the remote that was chosen, or ""
 * @change: why
 * @status: what is known of it
 * @onlooker: what the person knows already
 *
 * Returns: what a RemoteChanged is to be told as
 */
SocksNews
socks_news_of_remote (const char *new_remote,
                      SocksClientChange change,
                      SocksProxyStatus status,
                      SocksOnlooker onlooker)
{
  /* Whoever made this one made it by a call, and from this desktop only by a click. */
  gboolean is_known =
      onlooker.has_clicked ||
      (onlooker.has_window &&
       (change == SOCKS_CLIENT_CHANGE_AUTOMATIC || change == SOCKS_CLIENT_CHANGE_USER));

  if (change == SOCKS_CLIENT_CHANGE_SHUTDOWN)
    return SOCKS_NEWS_SERVICE_STOPPED;
  if (change == SOCKS_CLIENT_CHANGE_FAILOVER)
    return *new_remote != '\0' ? SOCKS_NEWS_MOVED_OVER : SOCKS_NEWS_DISCONNECTED;
  /* A click on it does not tell that it is of no use without a login. */
  if (*new_remote != '\0' && status == SOCKS_PROXY_AUTHENTICATION_REQUIRED &&
      !onlooker.has_window)
    return SOCKS_NEWS_LOGIN_REQUIRED;
  if (is_known)
    return SOCKS_NEWS_NONE;
  return *new_remote != '\0' ? SOCKS_NEWS_CONNECTED : SOCKS_NEWS_DISCONNECTED;
}

static gboolean
is_forwarding (const SocksSnapshot *snapshot)
{
  return snapshot->availability == SOCKS_AVAILABILITY_PRESENT &&
         (snapshot->state == SOCKS_CLIENT_CONNECTED ||
          snapshot->state == SOCKS_CLIENT_FAILING);
}

/**
 * socks_news_of_snapshot:
 * @before: what was so
 * @now: what is so
 * @onlooker: what the person knows already
 *
 * Returns: what the change from one to the other is to be told as
 */
SocksNews
socks_news_of_snapshot (const SocksSnapshot *before,
                        const SocksSnapshot *now,
                        SocksOnlooker onlooker)
{
  if (!is_forwarding (before))
    return SOCKS_NEWS_NONE;
  if (now->availability != SOCKS_AVAILABILITY_PRESENT)
    return SOCKS_NEWS_SERVICE_STOPPED;
  if (!is_forwarding (now) || !g_str_equal (before->remote, now->remote))
    return SOCKS_NEWS_NONE;

  if (before->state == SOCKS_CLIENT_CONNECTED && now->state == SOCKS_CLIENT_FAILING)
    return now->selection == SOCKS_CLIENT_SELECTION_MANUAL ? SOCKS_NEWS_LOST_MANUAL
                                                           : SOCKS_NEWS_LOST_AUTOMATIC;
  if (before->state == SOCKS_CLIENT_FAILING && now->state == SOCKS_CLIENT_CONNECTED)
    return onlooker.has_clicked ? SOCKS_NEWS_NONE : SOCKS_NEWS_CONNECTED_AGAIN;
  if (before->remote_status != SOCKS_PROXY_AUTHENTICATION_REQUIRED &&
      now->remote_status == SOCKS_PROXY_AUTHENTICATION_REQUIRED && !onlooker.has_window)
    return SOCKS_NEWS_LOGIN_REQUIRED;
  return SOCKS_NEWS_NONE;
}

/**
 * socks_news_of_error:
 * @error: (nullable): what a call failed with that a click has made
 *
 * Returns: what its failure is to be told as; one that a newer click took the place of, or
 *   that the person called off themselves, is nothing
 */
SocksNews
socks_news_of_error (const GError *error)
{
  g_autofree char *name = NULL;

  if (error == NULL || socks_error_text (error) == NULL)
    return SOCKS_NEWS_NONE;
  name = g_dbus_error_get_remote_error (error);
  if (g_strcmp0 (name, "org.mycelium.Socks.Error.Cancelled") == 0)
    return SOCKS_NEWS_NONE;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return SOCKS_NEWS_NOT_ALLOWED;
  return SOCKS_NEWS_FAILED;
}

/**
 * socks_news_title:
 * @news: something to tell
 *
 * Returns: it in a few words
 */
const char *
socks_news_title (SocksNews news)
{
  return *titles[news] != '\0' ? _ (titles[news]) : "";
}

/* "407:1f…9ab2 — 42 ms" */
static char *
describe (const SocksSnapshot *now, const char *remote, const char *title)
{
  g_autofree char *latency = NULL;

  if (now->remote_latency_us == 0 || !g_str_equal (now->remote, remote))
    return g_strdup (title);
  latency = socks_latency_text (now->remote_latency_us);
  /* Translators: the name of a proxy or an address, and how long it takes to answer */
  return g_strdup_printf (C_ ("notification", "%s — %s"), title, latency);
}

/**
 * socks_news_body:
 * @news: something to tell, other than an error
 * @now: what is so
 * @remote: the remote that it is about, or ""
 * @title: what to call it, see socks_address_book_dup_text()
 *
 * Returns: (transfer full): what more there is to say
 */
char *
socks_news_body (SocksNews news,
                 const SocksSnapshot *now,
                 const char *remote,
                 const char *title)
{
  switch (news)
    {
    case SOCKS_NEWS_CONNECTED:
    case SOCKS_NEWS_CONNECTED_AGAIN:
    case SOCKS_NEWS_MOVED_OVER:
      return describe (now, remote, title);
    case SOCKS_NEWS_LOST_AUTOMATIC:
      /* Translators: %s is the name of a proxy, or an address */
      return g_strdup_printf (_ ("%s does not answer. Looking for another one."), title);
    case SOCKS_NEWS_LOST_MANUAL:
      /* Translators: %s is the name of a proxy, or an address */
      return g_strdup_printf (_ ("%s does not answer. It is tried again until it does."),
                              title);
    case SOCKS_NEWS_LOGIN_REQUIRED:
      /* Translators: %s is the name of a proxy, or an address */
      return g_strdup_printf (
          _ ("%s asks for a login. Your applications must log in to this proxy "
             "themselves."),
          title);
    case SOCKS_NEWS_SERVICE_STOPPED:
      return g_strdup (_ ("The service has stopped."));
    case SOCKS_NEWS_DISCONNECTED:
      return g_strdup (_ ("The local port is closed. Programs that are set to it have no connection."));
    case SOCKS_NEWS_NOT_ALLOWED:
    case SOCKS_NEWS_FAILED:
    case SOCKS_NEWS_NONE:
    default:
      return g_strdup ("");
    }
}

/**
 * socks_news_category:
 * @news: something to tell
 *
 * Returns: a category of the Desktop Notifications Specification
 */
const char *
socks_news_category (SocksNews news)
{
  switch (news)
    {
    case SOCKS_NEWS_CONNECTED:
    case SOCKS_NEWS_CONNECTED_AGAIN:
    case SOCKS_NEWS_MOVED_OVER:
      return "network.connected";
    case SOCKS_NEWS_DISCONNECTED:
    case SOCKS_NEWS_SERVICE_STOPPED:
      return "network.disconnected";
    case SOCKS_NEWS_LOST_AUTOMATIC:
    case SOCKS_NEWS_LOST_MANUAL:
    case SOCKS_NEWS_LOGIN_REQUIRED:
    case SOCKS_NEWS_NOT_ALLOWED:
    case SOCKS_NEWS_FAILED:
      return "network.error";
    case SOCKS_NEWS_NONE:
    default:
      return "network";
    }
}
