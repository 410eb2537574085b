/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char *socks_error_name_of (const GError *error);
void socks_error_name_return (GDBusMethodInvocation *invocation, const GError *error);

G_END_DECLS
