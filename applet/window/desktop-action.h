/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/desktop-proxy.h"
#include "window/application.h"

G_BEGIN_DECLS

void socks_desktop_action_add (SocksApplication *application, SocksDesktopProxy *proxy);

G_END_DECLS
