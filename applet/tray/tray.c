/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts the tray together: what the client knows becomes the menu and the icon, and a
 * click becomes a call. Nothing here polls. */

#include "config.h"

#include "tray/tray.h"

#include <glib/gi18n-lib.h>

#include "desktop-proxy/desktop-proxy.h"
#include "model/client.h"
#include "model/port-text.h"
#include "notify/notifier.h"
#include "tray/indicator.h"
#include "tray/menu-view.h"

#define WINDOW_NAME "org.mycelium.Socks.Applet"
#define WINDOW_PATH "/org/mycelium/Socks/Applet"

struct _SocksTray
{
  GObject parent_instance;

  GDBusConnection *session_bus; /* (owned) */
  SocksAddressBook *book;       /* (owned) */
  SocksClient *client;          /* (owned) */
  SocksDesktopProxy *desktop;   /* (owned) */
  SocksNotifier *notifier;      /* (owned) */
  SocksMenuView *menu;          /* (owned) */
  SocksIndicator *indicator;    /* (owned) */
};

G_DEFINE_FINAL_TYPE (SocksTray, socks_tray, G_TYPE_OBJECT)

enum
{
  QUIT,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
show (SocksTray *self)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (self->client);
  const SocksMenuDesktop desktop = {
    .is_supported = socks_desktop_proxy_get_supported (self->desktop),
    .is_enabled = socks_desktop_proxy_get_enabled (self->desktop),
  };

  socks_menu_view_show (
      self->menu, socks_menu_new (snapshot, socks_client_get_proxies (self->client),
                                  desktop, socks_menu_view_get_looked_at (self->menu)));
  socks_indicator_show (self->indicator, snapshot);
}

static void
changed_cb (SocksClient *client, guint fields, SocksTray *self)
{
  show (self);
}

static void
released_cb (SocksMenuView *menu, SocksTray *self)
{
  show (self);
}

static void
desktop_changed_cb (SocksDesktopProxy *desktop, GParamSpec *property, SocksTray *self)
{
  show (self);
}

/* The notifier tells what came of it, if that is not what was wanted. Returns what the
 * call's callback gets. */
static SocksTray *
begin_click (SocksTray *self)
{
  socks_notifier_begin_click (self->notifier);
  return g_object_ref (self);
}

static void
end_click (SocksTray *self, const GError *error)
{
  /* NULL if the tray has ended meanwhile. */
  if (self->notifier != NULL)
    socks_notifier_end_click (self->notifier, error);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *chosen =
      socks_client_connect_finish (SOCKS_CLIENT (source), result, &error);

  if (chosen != NULL && self->book != NULL)
    socks_address_book_add_use_async (self->book, chosen, NULL, NULL);
  end_click (self, error);
}

static void
disconnected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;
  g_autoptr (GError) error = NULL;

  socks_client_disconnect_finish (SOCKS_CLIENT (source), result, &error);
  end_click (self, error);
}

static void
probing_set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;
  g_autoptr (GError) error = NULL;

  socks_client_set_probing_finish (SOCKS_CLIENT (source), result, &error);
  end_click (self, error);
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;
  g_autoptr (GError) error = NULL;

  socks_client_probe_now_finish (SOCKS_CLIENT (source), result, &error);
  end_click (self, error);
}

static void
finish_desktop (SocksTray *self, GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  const char *sentence;

  if (socks_desktop_proxy_set_enabled_finish (SOCKS_DESKTOP_PROXY (source), result, &error))
    return;
  g_message ("The desktop’s proxy: %s", error->message);
  sentence = socks_desktop_proxy_error_text (error);
  if (sentence != NULL && self->notifier != NULL)
    socks_notifier_tell_failure (self->notifier, sentence);
}

static void
desktop_set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;

  finish_desktop (self, source, result);
}

static void
window_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    return;
  g_message ("The window was not opened: %s", error->message);
  if (self->notifier != NULL)
    socks_notifier_tell_failure (self->notifier,
                                 _ ("The window could not be opened. Install Mycelium "
                                    "Socks again, then try once more."));
}

static void
copy_address (SocksTray *self)
{
  g_autofree char *url = socks_port_text_url (socks_client_get_snapshot (self->client));

  gtk_clipboard_set_text (gtk_clipboard_get (GDK_SELECTION_CLIPBOARD), url,
                          -1 /* to its end */);
}

static void
restored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTray) self = data;

  finish_desktop (self, source, result);
  g_signal_emit (self, signals[QUIT], 0);
}

/* Not without the desktop's proxy being what it was. */
static void
quit (SocksTray *self)
{
  if (socks_desktop_proxy_get_enabled (self->desktop))
    socks_desktop_proxy_set_enabled_async (self->desktop, FALSE, NULL /* cancellable */,
                                           restored_cb, g_object_ref (self));
  else
    g_signal_emit (self, signals[QUIT], 0);
}

static void
chosen_cb (SocksMenuView *menu, guint slot, const char *address, SocksTray *self)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (self->client);

  if (socks_menu_slot_is_proxy (slot))
    {
      socks_client_connect_async (self->client, address, NULL /* cancellable */,
                                  connected_cb, begin_click (self));
      return;
    }

  switch ((SocksMenuSlot) slot)
    {
    case SOCKS_MENU_FASTEST:
      socks_client_connect_async (self->client, "", NULL /* cancellable */, connected_cb,
                                  begin_click (self));
      break;
    case SOCKS_MENU_ALL:
      socks_tray_open_window (self);
      break;
    case SOCKS_MENU_DISCONNECT:
      socks_client_disconnect_async (self->client, NULL /* cancellable */,
                                     disconnected_cb, begin_click (self));
      break;
    case SOCKS_MENU_PROBING:
      socks_client_set_probing_async (self->client, !snapshot->probing,
                                      NULL /* cancellable */, probing_set_cb,
                                      begin_click (self));
      break;
    case SOCKS_MENU_LOOK_NOW:
      socks_client_probe_now_async (self->client, NULL /* cancellable */, probed_cb,
                                    begin_click (self));
      break;
    case SOCKS_MENU_DESKTOP:
      socks_desktop_proxy_set_enabled_async (
          self->desktop, !socks_desktop_proxy_get_enabled (self->desktop),
          NULL /* cancellable */, desktop_set_cb, g_object_ref (self));
      break;
    case SOCKS_MENU_COPY:
      copy_address (self);
      break;
    case SOCKS_MENU_QUIT:
      quit (self);
      break;
    case SOCKS_MENU_STATUS:
    case SOCKS_MENU_NOTICE:
    case SOCKS_MENU_PROXY:
    default:
      break;
    }
}

static void
socks_tray_dispose (GObject *object)
{
  SocksTray *self = SOCKS_TRAY (object);

  g_clear_object (&self->indicator);
  g_clear_object (&self->menu);
  g_clear_object (&self->notifier);
  g_clear_object (&self->desktop);
  g_clear_object (&self->client);
  g_clear_object (&self->book);
  g_clear_object (&self->session_bus);

  G_OBJECT_CLASS (socks_tray_parent_class)->dispose (object);
}

static void
socks_tray_class_init (SocksTrayClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_tray_dispose;

  signals[QUIT] = g_signal_new ("quit", SOCKS_TYPE_TRAY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
socks_tray_init (SocksTray *self)
{
}

/**
 * socks_tray_new:
 * @session_bus: the session bus
 *
 * Returns: (transfer full): a tray that shows what the service on the system bus says
 */
SocksTray *
socks_tray_new (GDBusConnection *session_bus)
{
  SocksTray *self = g_object_new (SOCKS_TYPE_TRAY, NULL);

  self->session_bus = g_object_ref (session_bus);
  self->book = socks_address_book_new ();
  self->client = socks_client_new (NULL /* the system bus */);
  socks_client_set_book (self->client, self->book);
  self->desktop = socks_desktop_proxy_new (session_bus);
  self->notifier = socks_notifier_new (self->client, session_bus);
  self->menu = socks_menu_view_new ();
  self->indicator =
      socks_indicator_new (session_bus, socks_menu_view_get_menu (self->menu));
  g_signal_connect_object (self->client, "changed", G_CALLBACK (changed_cb), self, 0);
  g_signal_connect_object (self->desktop, "notify", G_CALLBACK (desktop_changed_cb), self,
                           0);
  g_signal_connect_object (self->notifier, "activated",
                           G_CALLBACK (socks_tray_open_window), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->menu, "chosen", G_CALLBACK (chosen_cb), self, 0);
  g_signal_connect_object (self->menu, "released", G_CALLBACK (released_cb), self, 0);
  show (self);
  return self;
}

/**
 * socks_tray_open_window:
 * @self: a tray
 *
 * Opens the window, or brings it to the front.
 */
void
socks_tray_open_window (SocksTray *self)
{
  g_dbus_connection_call (self->session_bus, WINDOW_NAME, WINDOW_PATH,
                          "org.freedesktop.Application", "Activate",
                          g_variant_new ("(a{sv})", NULL), NULL /* reply type */,
                          G_DBUS_CALL_FLAGS_NONE, -1 /* timeout */,
                          NULL /* cancellable */, window_opened_cb,
                          g_object_ref (self));
}
