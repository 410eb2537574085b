/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A narrow window, or letters twice as large, leave a row with no room for an address beside
 * all else. The value and the picture come to stand under it then, and a picture that
 * has no room there either is left out. Main thread. */

#include "window/row-layout.h"

#define SPACING 12
#define LINE_SPACING 2

struct _SocksRowLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (SocksRowLayout, socks_row_layout, GTK_TYPE_LAYOUT_MANAGER)

typedef struct
{
  GtkWidget *text;    /* (unowned) */
  GtkWidget *picture; /* (unowned) */
  GtkWidget *value;   /* (unowned) */
  int text_min, text_wish;
  int picture_width;
  int value_width;
} Parts;

static Parts
look_at (GtkWidget *widget)
{
  Parts parts = { .text = gtk_widget_get_first_child (widget) };

  parts.picture = gtk_widget_get_next_sibling (parts.text);
  parts.value = gtk_widget_get_next_sibling (parts.picture);
  gtk_widget_measure (parts.text, GTK_ORIENTATION_HORIZONTAL, -1, &parts.text_min,
                      &parts.text_wish, NULL, NULL);
  gtk_widget_measure (parts.picture, GTK_ORIENTATION_HORIZONTAL, -1, &parts.picture_width,
                      NULL, NULL, NULL);
  gtk_widget_measure (parts.value, GTK_ORIENTATION_HORIZONTAL, -1, NULL,
                      &parts.value_width, NULL, NULL);
  return parts;
}

/* What is beside the text. */
static int
get_rest (const Parts *parts)
{
  return SPACING + parts->picture_width + SPACING + parts->value_width;
}

static gboolean
is_one_line (const Parts *parts, int width)
{
  return width < 0 || width >= parts->text_min + get_rest (parts);
}

static int
get_height (GtkWidget *widget, int width)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

static GtkSizeRequestMode
socks_row_layout_get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
socks_row_layout_measure (GtkLayoutManager *manager,
                          GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  const Parts parts = look_at (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (parts.text_min, parts.value_width);
      *natural = parts.text_wish + get_rest (&parts);
    }
  else if (is_one_line (&parts, for_size))
    {
      int text_width = for_size < 0 ? -1 : for_size - get_rest (&parts);

      *minimum = MAX (get_height (parts.text, text_width), get_height (parts.value, -1));
      *minimum = MAX (*minimum, get_height (parts.picture, -1));
      *natural = *minimum;
    }
  else
    {
      *minimum = get_height (parts.text, for_size) + LINE_SPACING +
                 get_height (parts.value, -1);
      *natural = *minimum;
    }
}

/* From the side where reading begins. */
static void
place (GtkWidget *widget, GtkWidget *part, int x, int y, int width, int height)
{
  if (gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (widget) - x - width;
  gtk_widget_size_allocate (part, &(GtkAllocation){ x, y, width, height }, -1);
}

static void
socks_row_layout_allocate (GtkLayoutManager *manager,
                           GtkWidget *widget,
                           int width,
                           int height,
                           int baseline)
{
  const Parts parts = look_at (widget);
  int value_height = get_height (parts.value, -1);
  int value_x, value_y, picture_x, line_height;

  if (is_one_line (&parts, width))
    {
      place (widget, parts.text, 0, 0, width - get_rest (&parts), height);
      value_x = width - parts.value_width;
      picture_x = value_x - SPACING - parts.picture_width;
      value_y = 0;
      line_height = height;
    }
  else
    {
      place (widget, parts.text, 0, 0, width, height - LINE_SPACING - value_height);
      value_x = 0;
      picture_x = parts.value_width + SPACING;
      value_y = height - value_height;
      line_height = value_height;
    }
  /* Numbers end where others end, and begin where the text above them begins. */
  gtk_label_set_xalign (GTK_LABEL (parts.value), is_one_line (&parts, width) ? 1 : 0);
  place (widget, parts.value, value_x, value_y, parts.value_width, line_height);
  gtk_widget_set_child_visible (parts.picture, picture_x + parts.picture_width <= width);
  if (gtk_widget_get_child_visible (parts.picture))
    place (widget, parts.picture, picture_x, value_y, parts.picture_width, line_height);
}

static void
socks_row_layout_class_init (SocksRowLayoutClass *klass)
{
  GtkLayoutManagerClass *manager_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  manager_class->get_request_mode = socks_row_layout_get_request_mode;
  manager_class->measure = socks_row_layout_measure;
  manager_class->allocate = socks_row_layout_allocate;
}

static void
socks_row_layout_init (SocksRowLayout *self)
{
}
