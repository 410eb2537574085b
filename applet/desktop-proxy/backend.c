/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the settings of a desktop have in common: see the header. Main thread. */

#include "desktop-proxy/backend.h"

G_DEFINE_INTERFACE (SocksDesktopBackend, socks_desktop_backend, G_TYPE_OBJECT)

static void
socks_desktop_backend_default_init (SocksDesktopBackendInterface *iface)
{
}

const char *
socks_desktop_backend_get_name (SocksDesktopBackend *self)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->name;
}

gboolean
socks_desktop_backend_is_present (SocksDesktopBackend *self)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->is_present (self);
}

gboolean
socks_desktop_backend_is_known (SocksDesktopBackend *self)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->is_known (self);
}

gboolean
socks_desktop_backend_plan (SocksDesktopBackend *self,
                            const SocksDesktopTarget *target,
                            GPtrArray *changes,
                            GError **error)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->plan (self, target, changes, error);
}

gboolean
socks_desktop_backend_read (SocksDesktopBackend *self,
                            const char *key,
                            char **out_value,
                            GError **error)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->read (self, key, out_value, error);
}

gboolean
socks_desktop_backend_replace (SocksDesktopBackend *self,
                               const char *key,
                               const char *expected,
                               const char *value,
                               GError **error)
{
  return SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->replace (self, key, expected, value,
                                                          error);
}

void
socks_desktop_backend_commit (SocksDesktopBackend *self)
{
  SOCKS_DESKTOP_BACKEND_GET_IFACE (self)->commit (self);
}
