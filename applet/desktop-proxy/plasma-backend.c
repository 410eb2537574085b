/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Plasma's proxy. What the user has set is read from the user's own kioslaverc, for
 * KConfig's tools mix it with the defaults of the system. What is in force is asked of
 * kreadconfig, and a new value is written by kwriteconfig, which locks the file as KDE's
 * programs do and knows what an administrator forbids. Where the tools are not installed,
 * and for what they can't do (to take an entry out without a trace, to put back one with
 * options or escapes just as it was), the file is written here.
 *
 * Values are as in kconfig-text. Main thread; waits for the disk and for the tools. */

#include "desktop-proxy/plasma-backend.h"

#include <string.h>

#include "desktop-proxy/desktop-error.h"
#include "desktop-proxy/kconfig-file.h"
#include "desktop-proxy/kconfig-text.h"

#define FILE_NAME "kioslaverc"
#define GROUP "Proxy Settings"

typedef struct
{
  const char *key;
  SocksSettingRole role;
} Setting;

/* In the order in which they are set: the switch last. */
static const Setting settings[] = {
  { "httpProxy", SOCKS_SETTING_RIVAL },    { "httpsProxy", SOCKS_SETTING_RIVAL },
  { "ftpProxy", SOCKS_SETTING_RIVAL },     { "socksProxy", SOCKS_SETTING_ADDRESS },
  { "ProxyType", SOCKS_SETTING_SWITCH },
};

struct _SocksPlasmaBackend
{
  GObject parent_instance;

  char *path;                   /* (owned) */
  GDBusConnection *session_bus; /* (owned) (nullable) */
};

static void socks_plasma_backend_iface_init (SocksDesktopBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksPlasmaBackend,
                               socks_plasma_backend,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_DESKTOP_BACKEND,
                                                      socks_plasma_backend_iface_init))

/* Where Plasma runs, or KDE's programs have been used and given a proxy of their own. */
static gboolean
is_present (SocksDesktopBackend *backend)
{
  const char *names = g_getenv ("XDG_CURRENT_DESKTOP");
  g_auto (GStrv) desktops = g_strsplit (names != NULL ? names : "", ":", -1);

  return g_strv_contains ((const char *const *) desktops, "KDE") ||
         g_file_test (SOCKS_PLASMA_BACKEND (backend)->path, G_FILE_TEST_EXISTS);
}

static gboolean
is_known (SocksDesktopBackend *backend)
{
  return TRUE;
}

/* KDE's own notation has a space before the port. */
static char *
new_value (SocksSettingRole role, const SocksDesktopTarget *target)
{
  switch (role)
    {
    case SOCKS_SETTING_RIVAL:
      return g_strdup ("=");
    case SOCKS_SETTING_ADDRESS:
      return g_strdup_printf (
          strchr (target->host, ':') != NULL ? "=socks://[%s] %u" : "=socks://%s %u",
          target->host, (guint) target->port);
    case SOCKS_SETTING_SWITCH:
    default:
      return g_strdup ("=1");
    }
}

/* Returns: (transfer full): what @key is, whoever has said so: "=" and a value. */
static char *
read_effective (const char *key, const char *user_value)
{
  const char *equals;
  g_autofree char *value = NULL;

  if (user_value == NULL)
    value = socks_kconfig_tool_read (FILE_NAME, GROUP, key);
  else if ((equals = strchr (user_value, '=')) != NULL)
    value = g_strstrip (g_strdup (equals + 1));
  return g_strconcat ("=", value != NULL ? value : "", NULL);
}

static gboolean
read_value (SocksDesktopBackend *backend, const char *key, char **out_value, GError **error)
{
  SocksPlasmaBackend *self = SOCKS_PLASMA_BACKEND (backend);
  g_autofree char *text = socks_kconfig_file_load (self->path, error);
  gboolean is_immutable;

  if (text == NULL)
    return FALSE;
  *out_value = socks_kconfig_read (text, GROUP, key, &is_immutable);
  return TRUE;
}

static gboolean
plan (SocksDesktopBackend *backend,
      const SocksDesktopTarget *target,
      GPtrArray *changes,
      GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *ours = new_value (settings[i].role, target);
      g_autofree char *before = NULL;
      g_autofree char *effective = NULL;

      if (!read_value (backend, settings[i].key, &before, error))
        return FALSE;
      effective = read_effective (settings[i].key, before);
      if (!g_str_equal (effective, ours))
        g_ptr_array_add (changes,
                         socks_setting_change_new ("plasma", settings[i].key,
                                                   settings[i].role, before, ours));
    }
  return TRUE;
}

static gboolean
replace (SocksDesktopBackend *backend,
         const char *key,
         const char *expected,
         const char *value,
         GError **error)
{
  SocksPlasmaBackend *self = SOCKS_PLASMA_BACKEND (backend);
  g_autofree char *text = socks_kconfig_file_load (self->path, error);
  g_autofree char *current = NULL;
  g_autofree char *new_text = NULL;
  gboolean is_immutable;

  if (text == NULL)
    return FALSE;
  current = socks_kconfig_read (text, GROUP, key, &is_immutable);
  if (g_strcmp0 (current, expected) != 0)
    return FALSE;
  if (is_immutable)
    {
      g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
                   "“%s” in %s is locked", key, self->path);
      return FALSE;
    }
  if (socks_kconfig_tool_can_write (current, value))
    return socks_kconfig_tool_write (FILE_NAME, GROUP, key, value, error);
  new_text = socks_kconfig_replace (text, GROUP, key, value);
  return socks_kconfig_file_save (self->path, new_text, error);
}

/* The files are on the disk as soon as they are written. KDE's programs read this one again
 * when they are told to. */
static void
commit (SocksDesktopBackend *backend)
{
  SocksPlasmaBackend *self = SOCKS_PLASMA_BACKEND (backend);
  g_autoptr (GError) error = NULL;

  if (self->session_bus != NULL &&
      (!g_dbus_connection_emit_signal (self->session_bus, NULL /* to everyone */,
                                       "/KIO/Scheduler", "org.kde.KIO.Scheduler",
                                       "reparseSlaveConfiguration",
                                       g_variant_new ("(s)", "" /* every protocol */),
                                       &error) ||
       !g_dbus_connection_flush_sync (self->session_bus, NULL, &error)))
    g_debug ("KDE's programs can't be told: %s", error->message);
}

static void
socks_plasma_backend_iface_init (SocksDesktopBackendInterface *iface)
{
  iface->name = "plasma";
  iface->is_present = is_present;
  iface->is_known = is_known;
  iface->plan = plan;
  iface->read = read_value;
  iface->replace = replace;
  iface->commit = commit;
}

static void
socks_plasma_backend_finalize (GObject *object)
{
  SocksPlasmaBackend *self = SOCKS_PLASMA_BACKEND (object);

  g_clear_object (&self->session_bus);
  g_free (self->path);

  G_OBJECT_CLASS (socks_plasma_backend_parent_class)->finalize (object);
}

static void
socks_plasma_backend_class_init (SocksPlasmaBackendClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_plasma_backend_finalize;
}

static void
socks_plasma_backend_init (SocksPlasmaBackend *self)
{
  self->path = g_build_filename (g_get_user_config_dir (), FILE_NAME, NULL);
}

/**
 * socks_plasma_backend_new:
 * @session_bus: (nullable): where KDE's programs are told
 *
 * Returns: (transfer full): the settings of Plasma
 */
SocksDesktopBackend *
socks_plasma_backend_new (GDBusConnection *session_bus)
{
  SocksPlasmaBackend *self = g_object_new (SOCKS_TYPE_PLASMA_BACKEND, NULL);

  if (session_bus != NULL)
    self->session_bus = g_object_ref (session_bus);
  return SOCKS_DESKTOP_BACKEND (self);
}
