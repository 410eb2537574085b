/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

gboolean socks_word_read (GVariant *value, GType type, int *out_number);

G_END_DECLS
