/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksPathWatch:
 *
 * Tells when what a path names may be another: it comes, goes, is replaced, or has been
 * written.
 *
 * Signal `seen`: it may be another.
 */
#define SOCKS_TYPE_PATH_WATCH (socks_path_watch_get_type ())
G_DECLARE_FINAL_TYPE (SocksPathWatch, socks_path_watch, SOCKS, PATH_WATCH, GObject)

SocksPathWatch *socks_path_watch_new (const char *path);

const char *socks_path_watch_get_path (SocksPathWatch *self);

G_END_DECLS
