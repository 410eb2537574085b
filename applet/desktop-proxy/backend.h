/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/change.h"
#include "desktop-proxy/target.h"

G_BEGIN_DECLS

/**
 * SocksDesktopBackend:
 *
 * The settings of one desktop. Values are text in the backend's own notation, and %NULL is
 * “not set”.
 */
#define SOCKS_TYPE_DESKTOP_BACKEND (socks_desktop_backend_get_type ())
G_DECLARE_INTERFACE (SocksDesktopBackend,
                     socks_desktop_backend,
                     SOCKS,
                     DESKTOP_BACKEND,
                     GObject)

/**
 * SocksDesktopBackendInterface:
 * @name: what the journal calls it
 * @is_present: whether this desktop is to be set
 * @is_known: whether its settings can be read at all, also on another desktop
 * @plan: adds to @changes what has to be changed for @target, the switch last
 * @read: reads the value that the user has set
 * @replace: changes a value from @expected to @value; %FALSE without an error if it was
 *   another by then
 * @commit: returns when the values are where they outlive this program, and the desktop's
 *   programs are told
 */
struct _SocksDesktopBackendInterface
{
  GTypeInterface parent_interface;

  const char *name;
  gboolean (*is_present) (SocksDesktopBackend *self);
  gboolean (*is_known) (SocksDesktopBackend *self);
  gboolean (*plan) (SocksDesktopBackend *self,
                    const SocksDesktopTarget *target,
                    GPtrArray *changes,
                    GError **error);
  gboolean (*read) (SocksDesktopBackend *self,
                    const char *key,
                    char **out_value,
                    GError **error);
  gboolean (*replace) (SocksDesktopBackend *self,
                       const char *key,
                       const char *expected,
                       const char *value,
                       GError **error);
  void (*commit) (SocksDesktopBackend *self);
};

const char *socks_desktop_backend_get_name (SocksDesktopBackend *self);
gboolean socks_desktop_backend_is_present (SocksDesktopBackend *self);
gboolean socks_desktop_backend_is_known (SocksDesktopBackend *self);
gboolean socks_desktop_backend_plan (SocksDesktopBackend *self,
                                     const SocksDesktopTarget *target,
                                     GPtrArray *changes,
                                     GError **error);
gboolean socks_desktop_backend_read (SocksDesktopBackend *self,
                                     const char *key,
                                     char **out_value,
                                     GError **error);
gboolean socks_desktop_backend_replace (SocksDesktopBackend *self,
                                        const char *key,
                                        const char *expected,
                                        const char *value,
                                        GError **error);
void socks_desktop_backend_commit (SocksDesktopBackend *self);

G_END_DECLS
