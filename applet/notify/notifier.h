/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksNotifier:
 *
 * Tells the person of changes that they did not just make themselves, and of clicks that
 * came to nothing, by one notification that the next one replaces. The tray has one; the
 * window tells what there is to tell in the window, and while it is open the notifier
 * leaves what was made by somebody's call to it.
 *
 * Signal `activated`: the person clicked the notification, and wants to see the window.
 */
#define SOCKS_TYPE_NOTIFIER (socks_notifier_get_type ())
G_DECLARE_FINAL_TYPE (SocksNotifier, socks_notifier, SOCKS, NOTIFIER, GObject)

SocksNotifier *socks_notifier_new (SocksClient *client, GDBusConnection *session_bus);

/* Around each call that a click makes: Connect, Disconnect, the search. @error is what it
 * failed with, or NULL. Clicks may overlap. */
void socks_notifier_begin_click (SocksNotifier *self);
void socks_notifier_end_click (SocksNotifier *self, const GError *error);

/* What else a click has asked for, and did not work. */
void socks_notifier_tell_failure (SocksNotifier *self, const char *sentence);

G_END_DECLS
