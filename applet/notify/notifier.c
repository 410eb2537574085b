/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts together what the service does, what the person knows, and the one notification.
 * What is so when the first answer comes is no change. Main thread. */

#include "notify/notifier.h"

#include "model/address-text.h"
#include "model/error-text.h"
#include "notify/bubble.h"
#include "notify/news.h"

#define WINDOW_NAME "org.mycelium.Socks.Applet"

struct _SocksNotifier
{
  GObject parent_instance;

  SocksClient *client;   /* (owned) */
  SocksBubble *bubble;   /* (owned) */
  SocksSnapshot *before; /* (owned): as it was when something was last told */
  guint n_clicks;        /* that are being answered */
  gboolean has_window;
  guint window_watch_id; /* 0: there is no bus */
};

G_DEFINE_FINAL_TYPE (SocksNotifier, socks_notifier, G_TYPE_OBJECT)

enum
{
  ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static SocksOnlooker
get_onlooker (SocksNotifier *self)
{
  return (SocksOnlooker){
    .has_clicked = self->n_clicks != 0,
    .has_window = self->has_window,
  };
}

static void
tell (SocksNotifier *self, SocksNews news, const char *remote)
{
  SocksAddressBook *book = socks_client_get_book (self->client);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  if (news == SOCKS_NEWS_NONE)
    return;
  title = book != NULL ? socks_address_book_dup_text (book, remote)
                       : socks_address_text_short (remote);
  body = socks_news_body (news, socks_client_get_snapshot (self->client), remote, title);
  socks_bubble_show (self->bubble, socks_news_title (news), body,
                     socks_news_category (news));
}

static void
remote_changed_cb (SocksClient *client,
                   const char *old_remote,
                   const char *new_remote,
                   SocksClientChange change,
                   SocksNotifier *self)
{
  /* The snapshot may not have come to it yet, and the list knows it before. */
  SocksProxyItem *item =
      socks_proxy_list_lookup (socks_client_get_proxies (client), new_remote);
  SocksProxyStatus status =
      item != NULL ? socks_proxy_item_get_status (item) : SOCKS_PROXY_UNPROBED;

  tell (self, socks_news_of_remote (new_remote, change, status, get_onlooker (self)),
        new_remote);
}

static void
changed_cb (SocksClient *client, guint fields, SocksNotifier *self)
{
  const SocksSnapshot *now = socks_client_get_snapshot (client);
  g_autoptr (SocksSnapshot) before = self->before;

  self->before = socks_snapshot_copy (now);
  tell (self, socks_news_of_snapshot (before, now, get_onlooker (self)), now->remote);
}

static void
activated_cb (SocksBubble *bubble, SocksNotifier *self)
{
  g_signal_emit (self, signals[ACTIVATED], 0);
}

static void
window_there_cb (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  SOCKS_NOTIFIER (data)->has_window = TRUE;
}

static void
window_gone_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  SOCKS_NOTIFIER (data)->has_window = FALSE;
}

static void
socks_notifier_dispose (GObject *object)
{
  SocksNotifier *self = SOCKS_NOTIFIER (object);

  g_clear_handle_id (&self->window_watch_id, g_bus_unwatch_name);
  g_clear_object (&self->bubble);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (socks_notifier_parent_class)->dispose (object);
}

static void
socks_notifier_finalize (GObject *object)
{
  socks_snapshot_free (SOCKS_NOTIFIER (object)->before);

  G_OBJECT_CLASS (socks_notifier_parent_class)->finalize (object);
}

static void
socks_notifier_class_init (SocksNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_notifier_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_notifier_finalize;

  signals[ACTIVATED] = g_signal_new ("activated", SOCKS_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST,
                                     0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_notifier_init (SocksNotifier *self)
{
}

/**
 * socks_notifier_new:
 * @client: what the service says of itself
 * @session_bus: (nullable): where notifications are shown; without one there are none
 *
 * Returns: (transfer full): a notifier
 */
SocksNotifier *
socks_notifier_new (SocksClient *client, GDBusConnection *session_bus)
{
  SocksNotifier *self = g_object_new (SOCKS_TYPE_NOTIFIER, NULL);

  self->client = g_object_ref (client);
  self->before = socks_snapshot_copy (socks_client_get_snapshot (client));
  self->bubble = socks_bubble_new (session_bus);
  g_signal_connect_object (self->bubble, "activated", G_CALLBACK (activated_cb), self, 0);
  g_signal_connect_object (client, "remote-changed", G_CALLBACK (remote_changed_cb), self,
                           0);
  g_signal_connect_object (client, "changed", G_CALLBACK (changed_cb), self, 0);
  if (session_bus != NULL)
    self->window_watch_id = g_bus_watch_name_on_connection (
        session_bus, WINDOW_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, window_there_cb,
        window_gone_cb, self, NULL);
  return self;
}

/**
 * socks_notifier_begin_click:
 * @self: a notifier
 *
 * From now on changes are what the person has asked for, until
 * socks_notifier_end_click(). Call it before the call that the click makes.
 */
void
socks_notifier_begin_click (SocksNotifier *self)
{
  self->n_clicks++;
}

/**
 * socks_notifier_end_click:
 * @self: a notifier
 * @error: (nullable): what the call failed with
 *
 * The call that a click has made is answered. Its failure is told.
 */
void
socks_notifier_end_click (SocksNotifier *self, const GError *error)
{
  SocksNews news = socks_news_of_error (error);

  g_return_if_fail (self->n_clicks != 0);
  self->n_clicks--;
  if (news != SOCKS_NEWS_NONE)
    socks_bubble_show (self->bubble, socks_news_title (news), socks_error_text (error),
                       socks_news_category (news));
}

/**
 * socks_notifier_tell_failure:
 * @self: a notifier
 * @sentence: what is wrong, and what to do
 */
void
socks_notifier_tell_failure (SocksNotifier *self, const char *sentence)
{
  socks_bubble_show (self->bubble, socks_news_title (SOCKS_NEWS_FAILED), sentence,
                     socks_news_category (SOCKS_NEWS_FAILED));
}
