/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *socks_address_text_short (const char *address);
char *socks_address_text_full (const char *address);
char *socks_latency_text (guint latency_us);

G_END_DECLS
