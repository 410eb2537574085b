/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/backend.h"
#include "desktop-proxy/journal.h"

G_BEGIN_DECLS

/**
 * SocksDesktopSetter:
 *
 * Sets the proxy of every desktop that is there, and takes that back.
 */
typedef struct _SocksDesktopSetter SocksDesktopSetter;

SocksDesktopSetter *socks_desktop_setter_new (SocksJournal *journal, GPtrArray *backends);
void socks_desktop_setter_free (SocksDesktopSetter *setter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksDesktopSetter, socks_desktop_setter_free)

gboolean socks_desktop_setter_is_supported (SocksDesktopSetter *setter);

gboolean socks_desktop_setter_set (SocksDesktopSetter *setter,
                                   const SocksDesktopTarget *target,
                                   GError **error);
gboolean socks_desktop_setter_restore (SocksDesktopSetter *setter,
                                       gboolean *out_is_changed,
                                       GError **error);

G_END_DECLS
