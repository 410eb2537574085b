/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Draws values as lines, from the lowest at the bottom to the highest at the top. Main
 * thread. */

#include "window/graph.h"

#include <string.h>

/* Half of a line must not be cut off at the edge, nor its round ends. */
#define LINE_WIDTH 1.5
#define MARGIN 2

struct _SocksGraph
{
  GtkWidget parent_instance;

  GArray *lines[SOCKS_GRAPH_LINES_MAX]; /* (owned): of double, the oldest first */
  guint n_slots;                        /* 0: as many as there are values */
  gboolean is_filled;
  gboolean starts_at_zero;
};

G_DEFINE_FINAL_TYPE (SocksGraph, socks_graph, GTK_TYPE_WIDGET)

typedef enum
{
  PROP_FILLED = 1,
  PROP_FROM_ZERO,
  PROP_SLOTS,
} Property;

static GParamSpec *properties[PROP_SLOTS + 1];

static void
get_range (SocksGraph *self, double *out_low, double *out_high)
{
  double low = self->starts_at_zero ? 0 : G_MAXDOUBLE;
  double high = 0;

  for (guint line = 0; line < SOCKS_GRAPH_LINES_MAX; line++)
    for (guint i = 0; i < self->lines[line]->len; i++)
      {
        double value = g_array_index (self->lines[line], double, i);

        low = MIN (low, value);
        high = MAX (high, value);
      }
  *out_low = low;
  /* Values that are nearly the same are drawn as a nearly level line. */
  *out_high = MAX (high, low * 1.25);
}

static void
trace (SocksGraph *self, cairo_t *cairo, GArray *values, double low, double high)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN;
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - 2 * MARGIN;
  guint n_slots = MAX (self->n_slots, values->len);
  double step = width / MAX (n_slots - 1, 1);

  for (guint i = 0; i < values->len; i++)
    {
      double value = g_array_index (values, double, i);
      double x = MARGIN + width - (values->len - 1 - i) * step;
      double share = high > low ? (value - low) / (high - low) : 0;

      cairo_line_to (cairo, x, MARGIN + height * (1 - share));
    }
}

static void
fill_below (SocksGraph *self, cairo_t *cairo, GArray *values, const GdkRGBA *colour)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  guint n_slots = MAX (self->n_slots, values->len);
  double step = (width - 2 * MARGIN) / MAX (n_slots - 1, 1);

  cairo_line_to (cairo, width - MARGIN, height);
  cairo_line_to (cairo, width - MARGIN - (values->len - 1) * step, height);
  cairo_close_path (cairo);
  cairo_set_source_rgba (cairo, colour->red, colour->green, colour->blue,
                         colour->alpha * 0.15);
  cairo_fill (cairo);
}

static void
socks_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SocksGraph *self = SOCKS_GRAPH (widget);
  float width = (float) gtk_widget_get_width (widget);
  float height = (float) gtk_widget_get_height (widget);
  cairo_t *cairo =
      gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  double low, high;
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  get_range (self, &low, &high);
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    {
      cairo_translate (cairo, width, 0);
      cairo_scale (cairo, -1, 1);
    }
  cairo_set_line_width (cairo, LINE_WIDTH);
  cairo_set_line_join (cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cairo, CAIRO_LINE_CAP_ROUND);
  for (guint line = 0; line < SOCKS_GRAPH_LINES_MAX; line++)
    {
      GArray *values = self->lines[line];

      if (values->len < 2)
        continue;
      colour.alpha = line == 0 ? colour.alpha : colour.alpha * 0.5f;
      if (self->is_filled)
        {
          trace (self, cairo, values, low, high);
          fill_below (self, cairo, values, &colour);
        }
      trace (self, cairo, values, low, high);
      gdk_cairo_set_source_rgba (cairo, &colour);
      cairo_stroke (cairo);
    }
  cairo_destroy (cairo);
}

static void
socks_graph_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksGraph *self = SOCKS_GRAPH (object);

  switch ((Property) id)
    {
    case PROP_FILLED:
      g_value_set_boolean (value, self->is_filled);
      break;
    case PROP_FROM_ZERO:
      g_value_set_boolean (value, self->starts_at_zero);
      break;
    case PROP_SLOTS:
      g_value_set_uint (value, self->n_slots);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_graph_set_property (GObject *object,
                          guint id,
                          const GValue *value,
                          GParamSpec *spec)
{
  SocksGraph *self = SOCKS_GRAPH (object);

  switch ((Property) id)
    {
    case PROP_FILLED:
      self->is_filled = g_value_get_boolean (value);
      break;
    case PROP_FROM_ZERO:
      self->starts_at_zero = g_value_get_boolean (value);
      break;
    case PROP_SLOTS:
      self->n_slots = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_graph_finalize (GObject *object)
{
  SocksGraph *self = SOCKS_GRAPH (object);

  for (guint line = 0; line < SOCKS_GRAPH_LINES_MAX; line++)
    g_array_unref (self->lines[line]);

  G_OBJECT_CLASS (socks_graph_parent_class)->finalize (object);
}

static void
socks_graph_class_init (SocksGraphClass *klass)
{
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = socks_graph_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_graph_set_property;
  G_OBJECT_CLASS (klass)->finalize = socks_graph_finalize;
  widget_class->snapshot = socks_graph_snapshot;

  properties[PROP_FILLED] = g_param_spec_boolean ("filled", NULL, NULL, FALSE, flags);
  properties[PROP_FROM_ZERO] =
      g_param_spec_boolean ("from-zero", NULL, NULL, FALSE, flags);
  properties[PROP_SLOTS] = g_param_spec_uint ("slots", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  gtk_widget_class_set_css_name (widget_class, "graph");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
socks_graph_init (SocksGraph *self)
{
  for (guint line = 0; line < SOCKS_GRAPH_LINES_MAX; line++)
    self->lines[line] = g_array_new (FALSE, FALSE, sizeof (double));
}

/**
 * socks_graph_set_line:
 * @self: a graph
 * @line: which of its lines
 * @values: (array length=n_values): the values, the oldest first
 * @n_values: how many
 *
 * A line of fewer than two values is not drawn.
 */
void
socks_graph_set_line (SocksGraph *self, guint line, const double *values, guint n_values)
{
  GArray *old = self->lines[line];

  if (old->len == n_values &&
      (n_values == 0 || memcmp (old->data, values, n_values * sizeof *values) == 0))
    return;
  g_array_set_size (old, 0);
  g_array_append_vals (old, values, n_values);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
