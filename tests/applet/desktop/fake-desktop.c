/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A desktop's settings in memory. Main thread. */

#include "fake-desktop.h"

#include "desktop-proxy/desktop-error.h"

typedef struct
{
  const char *key;
  SocksSettingRole role;
} Setting;

static const Setting settings[] = {
  { "rival", SOCKS_SETTING_RIVAL },
  { "host", SOCKS_SETTING_ADDRESS },
  { "port", SOCKS_SETTING_ADDRESS },
  { "switch", SOCKS_SETTING_SWITCH },
};

struct _FakeDesktop
{
  GObject parent_instance;

  GHashTable *values; /* (owned): of (owned) strings, by key; absent: not set */
  gboolean is_unknown;
  gboolean is_locked;
  gboolean is_forgetful;
  guint n_steps;
  guint interference_step; /* 0: nobody interferes */
  char *interference_key;  /* (owned) (nullable) */
  char *interference;      /* (owned) (nullable) */
};

static void fake_desktop_iface_init (SocksDesktopBackendInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeDesktop,
                               fake_desktop,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_DESKTOP_BACKEND,
                                                      fake_desktop_iface_init))

static void
begin_step (FakeDesktop *self)
{
  self->n_steps++;
  if (self->n_steps == self->interference_step)
    fake_desktop_put (self, self->interference_key, self->interference);
}

static gboolean
is_known (SocksDesktopBackend *backend)
{
  return !FAKE_DESKTOP (backend)->is_unknown;
}

static gboolean
read_value (SocksDesktopBackend *backend, const char *key, char **out_value, GError **error)
{
  FakeDesktop *self = FAKE_DESKTOP (backend);

  begin_step (self);
  *out_value = g_strdup (g_hash_table_lookup (self->values, key));
  return TRUE;
}

static gboolean
plan (SocksDesktopBackend *backend,
      const SocksDesktopTarget *target,
      GPtrArray *changes,
      GError **error)
{
  g_autofree char *port = g_strdup_printf ("%u", (guint) target->port);
  const char *wanted[] = { "", target->host, port, "on" };

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *before = NULL;

      read_value (backend, settings[i].key, &before, NULL);
      if (g_strcmp0 (before != NULL ? before : "", wanted[i]) != 0)
        g_ptr_array_add (changes, socks_setting_change_new ("fake", settings[i].key,
                                                            settings[i].role, before,
                                                            wanted[i]));
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
  FakeDesktop *self = FAKE_DESKTOP (backend);

  begin_step (self);
  if (g_strcmp0 (g_hash_table_lookup (self->values, key), expected) != 0)
    return FALSE;
  if (self->is_locked)
    {
      g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_NOT_WRITABLE, "Locked");
      return FALSE;
    }
  if (!self->is_forgetful)
    fake_desktop_put (self, key, value);
  return TRUE;
}

static void
commit (SocksDesktopBackend *backend)
{
  begin_step (FAKE_DESKTOP (backend));
}

static void
fake_desktop_iface_init (SocksDesktopBackendInterface *iface)
{
  iface->name = "fake";
  iface->is_present = is_known;
  iface->is_known = is_known;
  iface->plan = plan;
  iface->read = read_value;
  iface->replace = replace;
  iface->commit = commit;
}

static void
fake_desktop_finalize (GObject *object)
{
  FakeDesktop *self = FAKE_DESKTOP (object);

  g_hash_table_unref (self->values);
  g_free (self->interference_key);
  g_free (self->interference);

  G_OBJECT_CLASS (fake_desktop_parent_class)->finalize (object);
}

static void
fake_desktop_class_init (FakeDesktopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_desktop_finalize;
}

static void
fake_desktop_init (FakeDesktop *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

FakeDesktop *
fake_desktop_new (void)
{
  return g_object_new (FAKE_TYPE_DESKTOP, NULL);
}

void
fake_desktop_put (FakeDesktop *self, const char *key, const char *value)
{
  if (value != NULL)
    g_hash_table_replace (self->values, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (self->values, key);
}

/* "rival host port switch", "-" for one that is not set. */
void
fake_desktop_expect (FakeDesktop *self, const char *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      const char *value = g_hash_table_lookup (self->values, settings[i].key);

      g_string_append_printf (text, "%s%s", i != 0 ? " " : "",
                              value == NULL    ? "-"
                              : *value == '\0' ? "''"
                                               : value);
    }
  g_assert_cmpstr (text->str, ==, values);
}

void
fake_desktop_interfere (FakeDesktop *self, guint step, const char *key, const char *value)
{
  g_free (self->interference_key);
  g_free (self->interference);
  self->n_steps = 0;
  self->interference_step = step;
  self->interference_key = g_strdup (key);
  self->interference = g_strdup (value);
}

guint
fake_desktop_count_steps (FakeDesktop *self)
{
  return self->n_steps;
}

void
fake_desktop_set_known (FakeDesktop *self, gboolean known)
{
  self->is_unknown = !known;
}

void
fake_desktop_set_locked (FakeDesktop *self, gboolean is_locked)
{
  self->is_locked = is_locked;
}

void
fake_desktop_set_forgetful (FakeDesktop *self, gboolean is_forgetful)
{
  self->is_forgetful = is_forgetful;
}
