/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/client.h"
#include "window/window.h"

G_BEGIN_DECLS

#define SOCKS_APPLICATION_ID "org.mycelium.Socks.Applet"

/**
 * SocksApplication:
 *
 * The one instance for each session: the client, the window while there is one, and the
 * actions.
 */
#define SOCKS_TYPE_APPLICATION (socks_application_get_type ())
G_DECLARE_FINAL_TYPE (SocksApplication,
                      socks_application,
                      SOCKS,
                      APPLICATION,
                      AdwApplication)

SocksApplication *socks_application_new (const char *bus_address);
void socks_application_settle (SocksApplication *self);

SocksClient *socks_application_get_client (SocksApplication *self);
SocksWindow *socks_application_get_window (SocksApplication *self);
SocksWindow *socks_application_show_window (SocksApplication *self);
void socks_application_report (SocksApplication *self,
                               const char *sentence,
                               const char *details,
                          const char *remote);

G_END_DECLS
