/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain of the desktop's proxy, and its names on the bus. Any thread. */

#include "desktop-proxy/desktop-error.h"

#define ERROR_NAME(name) "org.mycelium.Socks.DesktopProxy.Error." name

static const GDBusErrorEntry names[] = {
  { SOCKS_DESKTOP_ERROR_UNSUPPORTED, ERROR_NAME ("Unsupported") },
  { SOCKS_DESKTOP_ERROR_NOT_WRITABLE, ERROR_NAME ("NotWritable") },
  { SOCKS_DESKTOP_ERROR_JOURNAL, ERROR_NAME ("Journal") },
  { SOCKS_DESKTOP_ERROR_CHANGED, ERROR_NAME ("Changed") },
  { SOCKS_DESKTOP_ERROR_BUSY, ERROR_NAME ("Busy") },
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == SOCKS_N_DESKTOP_ERRORS);

GQuark
socks_desktop_error_quark (void)
{
  static gsize quark;

  g_dbus_error_register_error_domain ("socks-desktop-error-quark", &quark, names,
                                      G_N_ELEMENTS (names));
  return quark;
}
