/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

const char *socks_error_text (const GError *error);
const char *socks_error_text_of_name (const char *error_name);
char *socks_error_text_details (const GError *error);

G_END_DECLS
