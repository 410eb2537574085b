/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksDesktopTarget:
 * @host: (owned): an address of this machine, without brackets
 * @port: the port there
 *
 * Where the desktop's programs are sent.
 */
typedef struct
{
  char *host;
  guint16 port;
} SocksDesktopTarget;

SocksDesktopTarget *socks_desktop_target_new (const char *listening);
SocksDesktopTarget *socks_desktop_target_copy (const SocksDesktopTarget *target);
void socks_desktop_target_free (SocksDesktopTarget *target);
gboolean socks_desktop_target_equal (const SocksDesktopTarget *a,
                                     const SocksDesktopTarget *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksDesktopTarget, socks_desktop_target_free)

G_END_DECLS
