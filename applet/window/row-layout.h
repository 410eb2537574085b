/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SocksRowLayout:
 *
 * Lays out three widgets: a text, a small picture and a label with a value. Beside each other, or, where
 * that would cut the text off, the value and the picture below the text.
 */
#define SOCKS_TYPE_ROW_LAYOUT (socks_row_layout_get_type ())
G_DECLARE_FINAL_TYPE (SocksRowLayout,
                      socks_row_layout,
                      SOCKS,
                      ROW_LAYOUT,
                      GtkLayoutManager)

G_END_DECLS
