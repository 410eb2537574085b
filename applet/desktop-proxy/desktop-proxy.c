/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* “Use for this desktop” as the faces see it: a mirror of the program that does it, on the
 * session bus. Nothing is started in order to look. A program that ended without having
 * been switched off is started again once, so that it restores what it had set. Main
 * thread. */

#include "config.h"

#include "desktop-proxy/desktop-proxy.h"

#include <glib/gi18n-lib.h>

#include "desktop-proxy/desktop-error.h"
#include "desktop-proxy/gnome-backend.h"
#include "desktop-proxy/plasma-backend.h"
#include "desktop-proxy-dbus.h"

#define NAME "org.mycelium.Socks.DesktopProxy"
#define PATH "/org/mycelium/Socks/DesktopProxy"

struct _SocksDesktopProxy
{
  GObject parent_instance;

  GDBusConnection *session_bus; /* (owned) (nullable) */
  SocksDBusDesktopProxy *proxy; /* (owned) (nullable): until it is made */
  GCancellable *cancellable;    /* (owned): of all that lives as long as we do */
  gboolean is_supported;
  gboolean is_enabled;
  gboolean is_active;
  gboolean is_revived; /* it was started again, since it was last switched on here */
};

G_DEFINE_FINAL_TYPE (SocksDesktopProxy, socks_desktop_proxy, G_TYPE_OBJECT)

typedef enum
{
  PROP_SUPPORTED = 1,
  PROP_ENABLED,
  PROP_ACTIVE,
} Property;

static GParamSpec *properties[PROP_ACTIVE + 1];

static const char *const sentences[] = {
  [SOCKS_DESKTOP_ERROR_UNSUPPORTED] =
      N_ ("This desktop has no setting for a proxy. Set it in each program instead."),
  [SOCKS_DESKTOP_ERROR_NOT_WRITABLE] =
      N_ ("The proxy of this desktop can’t be changed. It may have been locked by an "
          "administrator."),
  [SOCKS_DESKTOP_ERROR_JOURNAL] =
      N_ ("Nothing was changed, for the present settings could not be noted down. Check "
          "that there is room on the disk."),
  [SOCKS_DESKTOP_ERROR_CHANGED] =
      N_ ("Another program changed the proxy of this desktop at the same time. Try "
          "again."),
  [SOCKS_DESKTOP_ERROR_BUSY] =
      N_ ("You are logged in more than once, and the other session uses the proxy for its "
          "desktop. Switch it off there."),
};

G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == SOCKS_N_DESKTOP_ERRORS);

/**
 * socks_desktop_proxy_error_text:
 * @error: what socks_desktop_proxy_set_enabled_async() failed with
 *
 * Returns: (nullable): a sentence on what is wrong and what to do; %NULL where this program
 *   itself cancelled the call, and there is nothing to tell
 */
const char *
socks_desktop_proxy_error_text (const GError *error)
{
  if (error->domain == SOCKS_DESKTOP_ERROR)
    return _ (sentences[error->code]);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return NULL;
  return _ ("The proxy of this desktop could not be changed. Log out and in again, then "
            "try once more.");
}

static void
socks_desktop_proxy_get_property (GObject *object,
                                  guint id,
                                  GValue *value,
                                  GParamSpec *spec)
{
  SocksDesktopProxy *self = SOCKS_DESKTOP_PROXY (object);

  switch ((Property) id)
    {
    case PROP_SUPPORTED:
      g_value_set_boolean (value, self->is_supported);
      break;
    case PROP_ENABLED:
      g_value_set_boolean (value, self->is_enabled);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->is_active);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_desktop_proxy_dispose (GObject *object)
{
  SocksDesktopProxy *self = SOCKS_DESKTOP_PROXY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->proxy);
  g_clear_object (&self->session_bus);

  G_OBJECT_CLASS (socks_desktop_proxy_parent_class)->dispose (object);
}

static void
socks_desktop_proxy_finalize (GObject *object)
{
  g_object_unref (SOCKS_DESKTOP_PROXY (object)->cancellable);

  G_OBJECT_CLASS (socks_desktop_proxy_parent_class)->finalize (object);
}

static void
socks_desktop_proxy_class_init (SocksDesktopProxyClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = socks_desktop_proxy_get_property;
  G_OBJECT_CLASS (klass)->dispose = socks_desktop_proxy_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_desktop_proxy_finalize;

  properties[PROP_SUPPORTED] =
      g_param_spec_boolean ("supported", NULL, NULL, FALSE /* default */, flags);
  properties[PROP_ENABLED] =
      g_param_spec_boolean ("enabled", NULL, NULL, FALSE /* default */, flags);
  properties[PROP_ACTIVE] =
      g_param_spec_boolean ("active", NULL, NULL, FALSE /* default */, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  /* An error that comes over the bus is of the domain only if that is known before. */
  socks_desktop_error_quark ();
}

static void
socks_desktop_proxy_init (SocksDesktopProxy *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
revived_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (error != NULL)
    g_debug ("The desktop's proxy is not switched on again: %s", error->message);
}

static void
revive (SocksDesktopProxy *self)
{
  self->is_revived = TRUE;
  g_dbus_connection_call (self->session_bus, NAME, PATH, NAME, "Enable", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1 /* timeout */, self->cancellable,
                          revived_cb, NULL);
}

static void
update (SocksDesktopProxy *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->proxy));
  gboolean is_enabled =
      owner != NULL && socks_dbus_desktop_proxy_get_enabled (self->proxy);
  gboolean is_active = owner != NULL && socks_dbus_desktop_proxy_get_active (self->proxy);
  gboolean was_enabled = self->is_enabled, was_active = self->is_active;

  self->is_enabled = is_enabled;
  self->is_active = is_active;
  g_object_freeze_notify (G_OBJECT (self));
  if (is_enabled != was_enabled)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENABLED]);
  if (is_active != was_active)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_thaw_notify (G_OBJECT (self));

  if (was_enabled && owner == NULL && !self->is_revived &&
      !g_dbus_connection_is_closed (self->session_bus))
    revive (self);
}

static void
changed_cb (GDBusProxy *proxy, GVariant *changed, GStrv invalidated, gpointer data)
{
  update (data);
}

static void
owner_changed_cb (GObject *proxy, GParamSpec *spec, gpointer data)
{
  update (data);
}

static void
proxy_made_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  SocksDBusDesktopProxy *proxy = socks_dbus_desktop_proxy_proxy_new_finish (result, &error);
  SocksDesktopProxy *self;

  if (proxy == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("The desktop's proxy can't be watched: %s", error->message);
      return;
    }
  self = data;
  self->proxy = proxy;
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (changed_cb), self, 0);
  g_signal_connect_object (proxy, "notify::g-name-owner", G_CALLBACK (owner_changed_cb),
                           self, 0);
  update (self);
}

/**
 * socks_desktop_proxy_new:
 * @session_bus: (nullable): the session bus
 *
 * Returns: (transfer full): “Use for this desktop”, that soon knows what is so
 */
SocksDesktopProxy *
socks_desktop_proxy_new (GDBusConnection *session_bus)
{
  SocksDesktopProxy *self = g_object_new (SOCKS_TYPE_DESKTOP_PROXY, NULL);
  g_autoptr (SocksDesktopBackend) gnome = socks_gnome_backend_new ();
  g_autoptr (SocksDesktopBackend) plasma = socks_plasma_backend_new (NULL);

  if (session_bus == NULL)
    return self;
  self->session_bus = g_object_ref (session_bus);
  self->is_supported = socks_desktop_backend_is_present (gnome) ||
                       socks_desktop_backend_is_present (plasma);
  socks_dbus_desktop_proxy_proxy_new (
      session_bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION, NAME, PATH,
      self->cancellable, proxy_made_cb, self);
  return self;
}

gboolean
socks_desktop_proxy_get_supported (SocksDesktopProxy *self)
{
  return self->is_supported;
}

gboolean
socks_desktop_proxy_get_enabled (SocksDesktopProxy *self)
{
  return self->is_enabled;
}

gboolean
socks_desktop_proxy_get_active (SocksDesktopProxy *self)
{
  return self->is_active;
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean enabled = GPOINTER_TO_INT (g_task_get_task_data (task));

  if (reply != NULL ||
      /* Who is not there has nothing to switch off. */
      (!enabled && (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
                    g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_dbus_error_strip_remote_error (error);
  g_task_return_error (task, g_steal_pointer (&error));
}

/**
 * socks_desktop_proxy_set_enabled_async:
 * @self: “Use for this desktop”
 * @enabled: whether it is to be switched on
 * @cancellable: (nullable): a way not to wait for the answer
 * @callback: called when it is done
 * @user_data: for @callback
 *
 * Switching it off starts nothing. Both are success where it is so already.
 */
void
socks_desktop_proxy_set_enabled_async (SocksDesktopProxy *self,
                                       gboolean enabled,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, socks_desktop_proxy_set_enabled_async);
  g_task_set_task_data (task, GINT_TO_POINTER (enabled), NULL);
  if (!self->is_supported)
    {
      if (enabled)
        g_task_return_new_error (task, SOCKS_DESKTOP_ERROR,
                                 SOCKS_DESKTOP_ERROR_UNSUPPORTED,
                                 "This desktop has no setting for a proxy that is known");
      else
        g_task_return_boolean (task, TRUE);
      return;
    }
  /* One that ended is no crash when it was told to. */
  self->is_revived = !enabled;
  g_dbus_connection_call (
      self->session_bus, NAME, PATH, NAME, enabled ? "Enable" : "Disable", NULL, NULL,
      enabled ? G_DBUS_CALL_FLAGS_NONE : G_DBUS_CALL_FLAGS_NO_AUTO_START,
      -1 /* timeout */, cancellable, called_cb, g_steal_pointer (&task));
}

/**
 * socks_desktop_proxy_set_enabled_finish:
 * @self: “Use for this desktop”
 * @result: what the callback was given
 * @error: return location for a #SocksDesktopError or an error of the bus, see
 *   socks_desktop_proxy_error_text()
 *
 * Returns: whether it is as it was to be
 */
gboolean
socks_desktop_proxy_set_enabled_finish (SocksDesktopProxy *self,
                                        GAsyncResult *result,
                                        GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
