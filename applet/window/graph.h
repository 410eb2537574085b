/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How many lines a graph has at most. */
#define SOCKS_GRAPH_LINES_MAX 2

/**
 * SocksGraph:
 *
 * A picture of values over time, without axes: the newest at the end of the line of text.
 * It takes its colour from its style, a second line a fainter one; what it shows has to
 * be said in its accessible label.
 */
#define SOCKS_TYPE_GRAPH (socks_graph_get_type ())
G_DECLARE_FINAL_TYPE (SocksGraph, socks_graph, SOCKS, GRAPH, GtkWidget)

void socks_graph_set_line (SocksGraph *self,
                           guint line,
                           const double *values,
                           guint n_values);

G_END_DECLS
