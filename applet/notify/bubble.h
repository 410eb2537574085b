/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksBubble:
 *
 * One notification of the desktop, that is there or not and may be replaced.
 *
 * Signal `activated`: the person clicked it.
 */
#define SOCKS_TYPE_BUBBLE (socks_bubble_get_type ())
G_DECLARE_FINAL_TYPE (SocksBubble, socks_bubble, SOCKS, BUBBLE, GObject)

SocksBubble *socks_bubble_new (GDBusConnection *session_bus);

void socks_bubble_show (SocksBubble *self,
                        const char *title,
                        const char *body,
                        const char *category);

G_END_DECLS
