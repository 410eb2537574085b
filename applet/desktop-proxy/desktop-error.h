/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksDesktopError:
 * @SOCKS_DESKTOP_ERROR_UNSUPPORTED: this desktop has no setting that we know
 * @SOCKS_DESKTOP_ERROR_NOT_WRITABLE: the setting can't be changed, as where an
 *   administrator has locked it
 * @SOCKS_DESKTOP_ERROR_JOURNAL: what was there can't be written down, so nothing is changed
 * @SOCKS_DESKTOP_ERROR_CHANGED: somebody else changes the setting at the same time
 * @SOCKS_DESKTOP_ERROR_BUSY: another session of this user looks after the setting
 *
 * Errors of the desktop's proxy, on the bus too.
 */
typedef enum
{
  SOCKS_DESKTOP_ERROR_UNSUPPORTED,
  SOCKS_DESKTOP_ERROR_NOT_WRITABLE,
  SOCKS_DESKTOP_ERROR_JOURNAL,
  SOCKS_DESKTOP_ERROR_CHANGED,
  SOCKS_DESKTOP_ERROR_BUSY,
} SocksDesktopError;

#define SOCKS_N_DESKTOP_ERRORS (SOCKS_DESKTOP_ERROR_BUSY + 1)

#define SOCKS_DESKTOP_ERROR (socks_desktop_error_quark ())
GQuark socks_desktop_error_quark (void);

G_END_DECLS
