/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* GNOME's proxy by GSettings. Values are GVariants in their text format. An HTTP or FTP
 * proxy that is filled in goes before the SOCKS proxy as soon as the mode is manual, even
 * one that was left over from long ago, so it is taken out for the time being. Main
 * thread. */

#include "desktop-proxy/gnome-backend.h"

#include "desktop-proxy/desktop-error.h"

#define SCHEMA "org.gnome.system.proxy"

/* In the order in which they are set: the switch last. */
typedef struct
{
  const char *key; /* in the journal: the schema below SCHEMA, and the key of GSettings */
  const char *schema;
  const char *name;
  SocksSettingRole role;
} Setting;

static const Setting settings[] = {
  { "http/host", SCHEMA ".http", "host", SOCKS_SETTING_RIVAL },
  { "https/host", SCHEMA ".https", "host", SOCKS_SETTING_RIVAL },
  { "ftp/host", SCHEMA ".ftp", "host", SOCKS_SETTING_RIVAL },
  { "socks/host", SCHEMA ".socks", "host", SOCKS_SETTING_ADDRESS },
  { "socks/port", SCHEMA ".socks", "port", SOCKS_SETTING_ADDRESS },
  { "mode", SCHEMA, "mode", SOCKS_SETTING_SWITCH },
};

struct _SocksGnomeBackend
{
  GObject parent_instance;

  GSettings *settings[G_N_ELEMENTS (settings)]; /* (owned) (nullable): all or none */
};

static void socks_gnome_backend_iface_init (SocksDesktopBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksGnomeBackend,
                               socks_gnome_backend,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_DESKTOP_BACKEND,
                                                      socks_gnome_backend_iface_init))

static gboolean
is_known (SocksDesktopBackend *backend)
{
  return SOCKS_GNOME_BACKEND (backend)->settings[0] != NULL;
}

static char *
print (GVariant *value)
{
  return g_variant_print (value, FALSE /* type */);
}

static GVariant *
new_value (const Setting *setting, const SocksDesktopTarget *target)
{
  switch (setting->role)
    {
    case SOCKS_SETTING_RIVAL:
      return g_variant_new_string ("");
    case SOCKS_SETTING_ADDRESS:
      return g_str_equal (setting->name, "host") ? g_variant_new_string (target->host)
                                                 : g_variant_new_int32 (target->port);
    case SOCKS_SETTING_SWITCH:
    default:
      return g_variant_new_string ("manual");
    }
}

static char *
read_user_value (SocksGnomeBackend *self, guint i)
{
  g_autoptr (GVariant) value =
      g_settings_get_user_value (self->settings[i], settings[i].name);

  return value != NULL ? print (value) : NULL;
}

static gboolean
plan (SocksDesktopBackend *backend,
      const SocksDesktopTarget *target,
      GPtrArray *changes,
      GError **error)
{
  SocksGnomeBackend *self = SOCKS_GNOME_BACKEND (backend);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (GVariant) wanted = g_variant_ref_sink (new_value (&settings[i], target));
      g_autoptr (GVariant) current =
          g_settings_get_value (self->settings[i], settings[i].name);
      g_autofree char *before = NULL;
      g_autofree char *ours = NULL;

      if (g_variant_equal (current, wanted))
        continue;
      before = read_user_value (self, i);
      ours = print (wanted);
      g_ptr_array_add (changes, socks_setting_change_new ("gnome", settings[i].key,
                                                          settings[i].role, before, ours));
    }
  return TRUE;
}

static gboolean
find_setting (const char *key, guint *out_i, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].key, key))
      {
        *out_i = i;
        return TRUE;
      }
  g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_UNSUPPORTED,
               "“%s” is no setting of GNOME's proxy", key);
  return FALSE;
}

static gboolean
read_value (SocksDesktopBackend *backend, const char *key, char **out_value, GError **error)
{
  guint i;

  if (!find_setting (key, &i, error))
    return FALSE;
  *out_value = read_user_value (SOCKS_GNOME_BACKEND (backend), i);
  return TRUE;
}

static gboolean
write_value (GSettings *object, const char *name, const char *text, GError **error)
{
  g_autoptr (GVariant) old = g_settings_get_value (object, name);
  g_autoptr (GVariant) value = NULL;

  if (g_settings_is_writable (object, name))
    {
      if (text == NULL)
        {
          g_settings_reset (object, name);
          return TRUE;
        }
      value = g_variant_parse (g_variant_get_type (old), text, NULL, NULL, error);
      if (value == NULL)
        return FALSE;
      /* It refuses what the schema of today does not allow. */
      if (g_settings_set_value (object, name, value))
        return TRUE;
    }
  g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
               "“%s” of GNOME's proxy can't be changed", name);
  return FALSE;
}

static gboolean
replace (SocksDesktopBackend *backend,
         const char *key,
         const char *expected,
         const char *value,
         GError **error)
{
  SocksGnomeBackend *self = SOCKS_GNOME_BACKEND (backend);
  g_autofree char *current = NULL;
  guint i;

  if (!find_setting (key, &i, error))
    return FALSE;
  current = read_user_value (self, i);
  return g_strcmp0 (current, expected) == 0 &&
         write_value (self->settings[i], settings[i].name, value, error);
}

static void
commit (SocksDesktopBackend *backend)
{
  g_settings_sync ();
}

static void
socks_gnome_backend_iface_init (SocksDesktopBackendInterface *iface)
{
  iface->name = "gnome";
  iface->is_present = is_known;
  iface->is_known = is_known;
  iface->plan = plan;
  iface->read = read_value;
  iface->replace = replace;
  iface->commit = commit;
}

static void
socks_gnome_backend_dispose (GObject *object)
{
  SocksGnomeBackend *self = SOCKS_GNOME_BACKEND (object);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    g_clear_object (&self->settings[i]);

  G_OBJECT_CLASS (socks_gnome_backend_parent_class)->dispose (object);
}

static void
socks_gnome_backend_class_init (SocksGnomeBackendClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_gnome_backend_dispose;
}

/* GSettings ends the program over a schema or a key that is not there. */
static gboolean
is_installed (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();

  for (guint i = 0; source != NULL && i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr (GSettingsSchema) schema = g_settings_schema_source_lookup (
          source, settings[i].schema, TRUE /* and those of the system */);

      if (schema == NULL || !g_settings_schema_has_key (schema, settings[i].name))
        return FALSE;
    }
  return source != NULL;
}

static void
socks_gnome_backend_init (SocksGnomeBackend *self)
{
  if (is_installed ())
    for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
      self->settings[i] = g_settings_new (settings[i].schema);
}

/**
 * socks_gnome_backend_new:
 *
 * Returns: (transfer full): GNOME's settings, known and present where they are installed
 */
SocksDesktopBackend *
socks_gnome_backend_new (void)
{
  return g_object_new (SOCKS_TYPE_GNOME_BACKEND, NULL);
}
