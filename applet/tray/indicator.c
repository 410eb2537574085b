/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The icon in the tray: one for each state, with the state in words for screen readers.
 *
 * Trays come and go, and libayatana-appindicator registers an icon with each new one at
 * once. That can be too early: XFCE's and LXQt's panels own the watcher's name before they
 * hear of icons, and one that is registered meanwhile is in their list and is not shown.
 * So there is an icon only while there is a watcher, and from a moment after it has come.
 *
 * How long that moment has to be on a busy computer nobody knows; and if the watcher's name
 * is there before the library has its connection to the bus, it waits for ever. (Who made
 * this object holds that connection already, which makes the case rare.) But whoever shows
 * an icon reads first what it is. So until somebody has, it is registered here, again and
 * again, at longer and longer intervals. That is harmless: the path is the same.
 *
 * While there is no tray, the library would make an icon for the trays of old, and take
 * it away when a real one comes. XFCE's panel has both, and where the two came together
 * both stayed: two icons. So there is none. */

#include "config.h"

#include "tray/indicator.h"

#include <glib/gi18n-lib.h>
#include <libayatana-appindicator/app-indicator.h>

#include "model/state-text.h"

#define ID "mycelium-socks-tray"
/* Where the library exports the item: its rule is to have _ for -. */
#define ITEM_PATH "/org/ayatana/NotificationItem/mycelium_socks_tray"

#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"

/* From the watcher's coming to the icon. */
#define SETTLING_MS 500

/* From that to the first registration here; to each further one twice as long. */
#define PATIENCE_MS 1000
#define REGISTRATIONS_MAX 5

struct _SocksIndicator
{
  GObject parent_instance;

  GDBusConnection *session_bus; /* (owned) */
  GtkMenu *menu;                /* (owned) */
  AppIndicator *item;           /* (owned) (nullable): while there is a tray */
  guint watch_id;               /* of the watcher's name; 0 for none */
  guint settling_id;            /* until there is an item; 0 for none */
  guint patience_id;            /* until the item is registered here; 0 for none */
  guint n_registrations;        /* of the item, here */
  guint filter_id;              /* sees who reads the item */
  gint *is_read;                /* (owned), shared with the filter, atomic: the item */

  const char *icon_name;
  char *title; /* (owned): what a screen reader says */
};

G_DEFINE_FINAL_TYPE (SocksIndicator, socks_indicator, G_TYPE_OBJECT)

typedef AppIndicator Item;
typedef AppIndicatorClass ItemClass;

static GType item_get_type (void);

G_DEFINE_TYPE (Item, item, APP_INDICATOR_TYPE)

static GtkStatusIcon *
no_icon (AppIndicator *item)
{
  return NULL;
}

static void
item_class_init (ItemClass *klass)
{
  APP_INDICATOR_CLASS (klass)->fallback = no_icon;
}

static void
item_init (Item *item)
{
}

/* Called in the thread of the bus. */
static GDBusMessage *
filter_cb (GDBusConnection *bus,
           GDBusMessage *message,
           gboolean is_incoming,
           gpointer is_read)
{
  if (is_incoming &&
      g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL &&
      g_strcmp0 (g_dbus_message_get_path (message), ITEM_PATH) == 0)
    g_atomic_int_set ((gint *) is_read, TRUE);
  return message;
}

static void await_reader (SocksIndicator *self);

static gboolean
patience_over_cb (gpointer data)
{
  SocksIndicator *self = data;

  self->patience_id = 0;
  if (g_atomic_int_get (self->is_read))
    return G_SOURCE_REMOVE;
  g_debug ("The tray has not taken the icon: registering it once more");
  g_dbus_connection_call (self->session_bus, WATCHER_NAME, WATCHER_PATH, WATCHER_NAME,
                          "RegisterStatusNotifierItem", g_variant_new ("(s)", ITEM_PATH),
                          NULL /* reply type */, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          -1 /* timeout */, NULL /* cancellable */, NULL /* callback */,
                          NULL /* user_data */);
  self->n_registrations++;
  await_reader (self);
  return G_SOURCE_REMOVE;
}

static void
await_reader (SocksIndicator *self)
{
  if (self->n_registrations < REGISTRATIONS_MAX)
    self->patience_id =
        g_timeout_add (PATIENCE_MS << self->n_registrations, patience_over_cb, self);
}

/* The library tells every tray of each of these calls. */
static void
show (SocksIndicator *self)
{
  if (g_strcmp0 (app_indicator_get_icon (self->item), self->icon_name) != 0 ||
      g_strcmp0 (app_indicator_get_icon_desc (self->item), self->title) != 0)
    app_indicator_set_icon_full (self->item, self->icon_name, self->title);
  if (g_strcmp0 (app_indicator_get_title (self->item), self->title) != 0)
    app_indicator_set_title (self->item, self->title);
}

static gboolean
settled_cb (gpointer data)
{
  SocksIndicator *self = data;

  self->settling_id = 0;
  self->n_registrations = 0;
  g_atomic_int_set (self->is_read, FALSE);
  /* What app_indicator_new() does, which Debian 13 deprecates in favour of a successor
   * that no tray of today can read. The path is for a program that runs where it was built:
   * a panel finds only icons that are installed. */
  self->item = g_object_new (item_get_type (), "id", ID, "category", "SystemServices",
                             "icon-name", self->icon_name, "icon-theme-path",
                             g_getenv ("MYCELIUM_SOCKS_ICONS"), NULL);
  app_indicator_set_menu (self->item, self->menu);
  show (self);
  app_indicator_set_status (self->item, APP_INDICATOR_STATUS_ACTIVE);
  await_reader (self);
  return G_SOURCE_REMOVE;
}

static void
forget_item (SocksIndicator *self)
{
  g_clear_handle_id (&self->settling_id, g_source_remove);
  g_clear_handle_id (&self->patience_id, g_source_remove);
  g_clear_object (&self->item);
}

static void
watcher_appeared_cb (GDBusConnection *bus,
                     const char *name,
                     const char *owner,
                     gpointer data)
{
  SocksIndicator *self = data;

  forget_item (self);
  self->settling_id = g_timeout_add (SETTLING_MS, settled_cb, self);
}

static void
watcher_vanished_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  forget_item (data);
}

static void
socks_indicator_dispose (GObject *object)
{
  SocksIndicator *self = SOCKS_INDICATOR (object);

  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  forget_item (self);
  if (self->filter_id != 0)
    g_dbus_connection_remove_filter (self->session_bus, self->filter_id);
  self->filter_id = 0;
  g_clear_object (&self->menu);
  g_clear_object (&self->session_bus);

  G_OBJECT_CLASS (socks_indicator_parent_class)->dispose (object);
}

static void
socks_indicator_finalize (GObject *object)
{
  SocksIndicator *self = SOCKS_INDICATOR (object);

  g_atomic_rc_box_release (self->is_read);
  g_free (self->title);

  G_OBJECT_CLASS (socks_indicator_parent_class)->finalize (object);
}

static void
socks_indicator_class_init (SocksIndicatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_indicator_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_indicator_finalize;
}

static void
socks_indicator_init (SocksIndicator *self)
{
  self->is_read = g_atomic_rc_box_new0 (gint);
}

/**
 * socks_indicator_new:
 * @session_bus: the session bus
 * @menu: what a click opens
 *
 * Returns: (transfer full): an icon, in the tray as soon as there is one
 */
SocksIndicator *
socks_indicator_new (GDBusConnection *session_bus, GtkMenu *menu)
{
  g_autoptr (SocksSnapshot) nothing = socks_snapshot_new ();
  SocksIndicator *self = g_object_new (SOCKS_TYPE_INDICATOR, NULL);

  self->session_bus = g_object_ref (session_bus);
  self->menu = g_object_ref (menu);
  socks_indicator_show (self, nothing);
  self->filter_id = g_dbus_connection_add_filter (session_bus, filter_cb,
                                                  g_atomic_rc_box_acquire (self->is_read),
                                                  g_atomic_rc_box_release);
  self->watch_id = g_bus_watch_name_on_connection (
      session_bus, WATCHER_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, watcher_appeared_cb,
      watcher_vanished_cb, self, NULL /* free */);
  return self;
}

/**
 * socks_indicator_show:
 * @self: an icon
 * @snapshot: the state that it is to show
 */
void
socks_indicator_show (SocksIndicator *self, const SocksSnapshot *snapshot)
{
  const char *word = socks_state_text_word (snapshot);

  self->icon_name = socks_indicator_icon_name (snapshot);
  g_free (self->title);
  /* Translators: what a screen reader says of the icon in the tray; %s is the state of
   * the service, as in "Connected" */
  self->title = g_strdup_printf (_ ("Mycelium Socks: %s"), word);
  if (self->item != NULL)
    show (self);
}

/**
 * socks_indicator_icon_name:
 * @snapshot: a snapshot
 *
 * Returns: the name of the icon for its state
 */
const char *
socks_indicator_icon_name (const SocksSnapshot *snapshot)
{
  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return "mycelium-socks-no-service-symbolic";

  switch (snapshot->state)
    {
    case SOCKS_CLIENT_CONNECTING:
      return "mycelium-socks-connecting-symbolic";
    case SOCKS_CLIENT_CONNECTED:
      return "mycelium-socks-connected-symbolic";
    case SOCKS_CLIENT_FAILING:
      return "mycelium-socks-failing-symbolic";
    case SOCKS_CLIENT_DISCONNECTED:
    default:
      return "mycelium-socks-disconnected-symbolic";
    }
}
