/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A notification by org.freedesktop.Notifications. The next one replaces the last, also
 * while the server has not yet told the number of the last: what comes meanwhile waits, and
 * only the newest of it is shown. Numbers of a server that is gone are forgotten, for the
 * next server counts anew. Where there is no server nothing is shown. Main thread. */

#include "config.h"

#include "notify/bubble.h"

#include <glib/gi18n-lib.h>

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define DESKTOP_FILE "org.mycelium.Socks.Applet"

struct _SocksBubble
{
  GObject parent_instance;

  GDBusConnection *session_bus; /* (owned) (nullable) */
  GCancellable *cancellable;    /* (owned) */
  GVariant *next;               /* (owned) (nullable): to be shown after the call */
  guint32 number;               /* 0: none is shown */
  gboolean is_calling;
  guint watch_id;  /* 0: there is no bus */
  guint closed_id; /* as above */
  guint action_id; /* as above */
};

G_DEFINE_FINAL_TYPE (SocksBubble, socks_bubble, G_TYPE_OBJECT)

enum
{
  ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void send (SocksBubble *self, GVariant *content);

static void
shown_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) next = NULL;
  SocksBubble *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = data;
  self->is_calling = FALSE;
  if (reply != NULL)
    g_variant_get (reply, "(u)", &self->number);
  else
    g_debug ("Nobody shows notifications: %s", error->message);
  next = g_steal_pointer (&self->next);
  if (next != NULL)
    send (self, next);
}

/* @content is (sss): title, body, category. */
static void
send (SocksBubble *self, GVariant *content)
{
  GVariantBuilder actions, hints;
  const char *title, *body, *category;

  g_variant_get (content, "(&s&s&s)", &title, &body, &category);
  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  g_variant_builder_add (&actions, "s", "default");
  g_variant_builder_add (&actions, "s", _ ("Open Mycelium Socks"));
  g_variant_builder_init (&hints, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&hints, "{sv}", "desktop-entry",
                         g_variant_new_string (DESKTOP_FILE));
  g_variant_builder_add (&hints, "{sv}", "category", g_variant_new_string (category));

  self->is_calling = TRUE;
  g_dbus_connection_call (self->session_bus, NAME, PATH, NAME, "Notify",
                          g_variant_new ("(susssasa{sv}i)", _ ("Mycelium Socks"),
                                         self->number, DESKTOP_FILE, title, body, &actions,
                                         &hints, -1 /* as long as the server likes */),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE,
                          -1 /* timeout */, self->cancellable, shown_cb, self);
}

static void
server_gone_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  SOCKS_BUBBLE (data)->number = 0;
}

static gboolean
is_ours (SocksBubble *self, GVariant *parameters)
{
  g_autoptr (GVariant) number = g_variant_get_child_value (parameters, 0);

  return self->number != 0 && g_variant_get_uint32 (number) == self->number;
}

static void
closed_cb (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  SocksBubble *self = data;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")) &&
      is_ours (self, parameters))
    self->number = 0;
}

static void
action_cb (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  SocksBubble *self = data;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")) &&
      is_ours (self, parameters))
    g_signal_emit (self, signals[ACTIVATED], 0);
}

static void
socks_bubble_dispose (GObject *object)
{
  SocksBubble *self = SOCKS_BUBBLE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  if (self->closed_id != 0)
    g_dbus_connection_signal_unsubscribe (self->session_bus, self->closed_id);
  if (self->action_id != 0)
    g_dbus_connection_signal_unsubscribe (self->session_bus, self->action_id);
  self->closed_id = self->action_id = 0;
  g_clear_object (&self->session_bus);
  g_clear_pointer (&self->next, g_variant_unref);

  G_OBJECT_CLASS (socks_bubble_parent_class)->dispose (object);
}

static void
socks_bubble_finalize (GObject *object)
{
  g_object_unref (SOCKS_BUBBLE (object)->cancellable);

  G_OBJECT_CLASS (socks_bubble_parent_class)->finalize (object);
}

static void
socks_bubble_class_init (SocksBubbleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_bubble_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_bubble_finalize;

  signals[ACTIVATED] = g_signal_new ("activated", SOCKS_TYPE_BUBBLE, G_SIGNAL_RUN_LAST, 0,
                                     NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_bubble_init (SocksBubble *self)
{
  self->cancellable = g_cancellable_new ();
}

/**
 * socks_bubble_new:
 * @session_bus: (nullable): the session bus; without one nothing is ever shown
 *
 * Returns: (transfer full): a notification that is not shown yet
 */
SocksBubble *
socks_bubble_new (GDBusConnection *session_bus)
{
  SocksBubble *self = g_object_new (SOCKS_TYPE_BUBBLE, NULL);

  if (session_bus == NULL)
    return self;
  self->session_bus = g_object_ref (session_bus);
  self->watch_id =
      g_bus_watch_name_on_connection (session_bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                      NULL /* there */, server_gone_cb, self, NULL);
  self->closed_id = g_dbus_connection_signal_subscribe (
      session_bus, NAME, NAME, "NotificationClosed", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      closed_cb, self, NULL);
  self->action_id = g_dbus_connection_signal_subscribe (
      session_bus, NAME, NAME, "ActionInvoked", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      action_cb, self, NULL);
  return self;
}

/**
 * socks_bubble_show:
 * @self: a notification
 * @title: in a few words, as plain text
 * @body: what more there is to say, as plain text
 * @category: a category of the Desktop Notifications Specification
 *
 * Shows it, in the place of what was shown before.
 */
void
socks_bubble_show (SocksBubble *self,
                   const char *title,
                   const char *body,
                   const char *category)
{
  /* Servers take the body for markup. */
  g_autofree char *escaped = g_markup_escape_text (body, -1);
  g_autoptr (GVariant) content =
      g_variant_ref_sink (g_variant_new ("(sss)", title, escaped, category));

  if (self->session_bus == NULL)
    return;
  if (!self->is_calling)
    {
      send (self, content);
      return;
    }
  g_clear_pointer (&self->next, g_variant_unref);
  self->next = g_steal_pointer (&content);
}
