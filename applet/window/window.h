/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksWindow:
 *
 * The window: what is so and the button to change it, and below that the proxies or the
 * connection; or, without a service, what to do about that.
 */
#define SOCKS_TYPE_WINDOW (socks_window_get_type ())
G_DECLARE_FINAL_TYPE (SocksWindow, socks_window, SOCKS, WINDOW, AdwApplicationWindow)

SocksWindow *socks_window_new (GtkApplication *application, SocksClient *client);

void socks_window_tell (SocksWindow *self, const char *text);
void socks_window_tell_error (SocksWindow *self,
                              const char *text,
                              const char *details,
                              const char *remote);
void socks_window_search (SocksWindow *self);
void socks_window_enter_address (SocksWindow *self);

G_END_DECLS
