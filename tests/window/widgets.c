/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The widgets one by one, on a display: what they show, and their roles and names. */

#include <adwaita.h>

#include "model/state-text.h"
#include "run-until.h"
#include "window/empty-page.h"
#include "window/graph.h"
#include "window/proxy-row.h"

/* The first widget of that type at or below @widget that is to be seen, or NULL. */
static GtkWidget *
find (GtkWidget *widget, GType type)
{
  if (!gtk_widget_get_visible (widget))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
shows_text (GtkWidget *widget, const char *text)
{
  if (!gtk_widget_get_visible (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_str_equal (gtk_label_get_label (GTK_LABEL (widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_text (child, text))
      return TRUE;
  return FALSE;
}

static void
test_each_situation_says_what_it_is_and_what_to_do (void)
{
  GtkWidget *page = g_object_ref_sink (g_object_new (SOCKS_TYPE_EMPTY_PAGE, NULL));
  /* Those that a person can do something about here. */
  const char *const actions[SOCKS_N_SITUATIONS] = {
    [SOCKS_SITUATION_NOT_RUNNING] = "app.start",
    [SOCKS_SITUATION_NODE_DOWN] = "app.look-now",
    [SOCKS_SITUATION_NOT_LOOKING] = "app.look-for-proxies",
    [SOCKS_SITUATION_NONE_FOUND] = "app.look-now",
  };

  for (guint situation = 0; situation < SOCKS_N_SITUATIONS; situation++)
    {
      GtkWidget *button;

      socks_empty_page_set_situation (SOCKS_EMPTY_PAGE (page), situation);
      g_assert_true (shows_text (page, socks_situation_text_title (situation)));
      button = find (page, GTK_TYPE_BUTTON);
      g_assert_cmpint (button != NULL, ==, actions[situation] != NULL);
      if (button != NULL)
        g_assert_cmpstr (gtk_actionable_get_action_name (GTK_ACTIONABLE (button)), ==,
                         actions[situation]);
      /* What is going on has a spinner, all else an icon. */
      g_assert_cmpint (find (page, GTK_TYPE_SPINNER) != NULL, ==,
                       adw_status_page_get_icon_name (ADW_STATUS_PAGE (
                           find (page, ADW_TYPE_STATUS_PAGE))) == NULL);
    }
  g_object_unref (page);
}

/* In a list it is inside of what has the focus. */
static GtkWidget *
new_row (SocksProxyItem *item, GtkWidget **out_around)
{
  GtkWidget *around = g_object_ref_sink (adw_bin_new ());
  GtkWidget *row = g_object_new (SOCKS_TYPE_PROXY_ROW, NULL);

  adw_bin_set_child (ADW_BIN (around), row);
  g_object_set (row, "item", item, NULL);
  *out_around = around;
  return row;
}

static GtkWidget *
show_in_window (GtkWidget *widget)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  RUN_UNTIL (gtk_widget_get_mapped (widget));
  return window;
}

static void
test_a_row_shows_its_proxy_and_follows_it (void)
{
  SocksProxyEntry entry = {
    .address = "[400::1]:1080",
    .status = SOCKS_PROXY_VALID,
    .latency_us = 42000,
    .last_probed_us = 1,
  };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);
  GtkWidget *window = show_in_window (around);

  g_assert_true (shows_text (row, "400::1"));
  g_assert_true (shows_text (row, "Open"));
  g_assert_true (shows_text (row, "42 ms"));
  gtk_test_accessible_assert_property (around, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "400::1, Open, 42 ms");

  entry.latency_us = 50000;
  entry.last_probed_us = 2;
  entry.status = SOCKS_PROXY_AUTHENTICATION_REQUIRED;
  entry.is_selected = TRUE;
  socks_proxy_item_update (item, &entry);
  RUN_UNTIL (shows_text (row, "50 ms"));
  gtk_test_accessible_assert_property (around, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "400::1, Login required, in use, 50 ms");
  gtk_test_accessible_assert_role (find (row, SOCKS_TYPE_GRAPH), GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (find (row, SOCKS_TYPE_GRAPH),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "From 42 ms to 50 ms lately");
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (around);
}

static void
test_how_fast_a_row_is_waits_until_it_is_seen (void)
{
  SocksProxyEntry entry = { .address = "[400::1]:1080", .latency_us = 42000 };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);
  GtkWidget *window = show_in_window (around);

  gtk_widget_set_visible (around, FALSE);
  entry.latency_us = 50000;
  socks_proxy_item_update (item, &entry);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (shows_text (row, "42 ms"));
  gtk_widget_set_visible (around, TRUE);
  RUN_UNTIL (shows_text (row, "50 ms"));

  /* But what it is, assistive technology may want to know. */
  gtk_widget_set_visible (around, FALSE);
  entry.status = SOCKS_PROXY_AUTHENTICATION_REQUIRED;
  socks_proxy_item_update (item, &entry);
  gtk_test_accessible_assert_property (around, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "400::1, Login required, 50 ms");
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (around);
}

static gboolean
has_tooltip (GtkWidget *widget)
{
  GtkTooltip *tooltip = g_object_new (GTK_TYPE_TOOLTIP, NULL);
  gboolean has_one;

  g_signal_emit_by_name (widget, "query-tooltip", 0, 0, FALSE, tooltip, &has_one);
  g_object_unref (tooltip);
  return has_one;
}

static void
test_a_row_of_another_proxy_has_nothing_of_the_first (void)
{
  SocksProxyEntry entry = {
    .address = "[400::1]:1080",
    .latency_us = 42000,
    .last_probed_us = 1,
  };
  g_autoptr (SocksProxyItem) first = socks_proxy_item_new (&entry);
  g_autoptr (SocksProxyItem) second = NULL;
  GtkWidget *around, *row = new_row (first, &around);
  GtkWidget *history = find (row, SOCKS_TYPE_GRAPH);

  gtk_test_accessible_assert_property (history, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "From 42 ms to 42 ms lately");
  entry.latency_us = 0;
  entry.last_probed_us = 0;
  second = socks_proxy_item_new (&entry);
  g_object_set (row, "item", second, NULL);
  g_assert_false (gtk_test_accessible_has_property (GTK_ACCESSIBLE (history),
                                                    GTK_ACCESSIBLE_PROPERTY_LABEL));
  g_assert_false (has_tooltip (history));
  g_object_unref (around);
}

static void
test_an_address_that_may_be_cut_off_has_a_tooltip (void)
{
  SocksProxyEntry entry = { .address = "[400::1]:1080", .latency_us = 42000 };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);
  GtkWidget *history = find (row, SOCKS_TYPE_GRAPH);

  g_assert_true (has_tooltip (find (row, GTK_TYPE_LABEL)));
  g_assert_false (has_tooltip (history));
  entry.last_probed_us = 1;
  socks_proxy_item_update (item, &entry);
  g_object_set (row, "item", NULL, NULL);
  g_object_set (row, "item", item, NULL);
  g_assert_true (has_tooltip (history));
  g_object_unref (around);
}

static int
measure (GtkWidget *widget, GtkOrientation orientation, int for_size)
{
  int minimum;

  gtk_widget_measure (widget, orientation, for_size, &minimum, NULL, NULL, NULL);
  return minimum;
}

static void
test_a_narrow_row_has_its_value_below (void)
{
  SocksProxyEntry entry = { .address = "[400:1:2:3:4:5:6:7]:1080", .latency_us = 42000 };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);
  GtkWidget *window = show_in_window (around);
  GtkWidget *history = find (row, SOCKS_TYPE_GRAPH);
  int narrowest = measure (row, GTK_ORIENTATION_HORIZONTAL, -1);
  int height = measure (row, GTK_ORIENTATION_VERTICAL, 2 * narrowest);

  g_assert_cmpint (measure (row, GTK_ORIENTATION_VERTICAL, narrowest), >, height);
  g_assert_true (gtk_widget_get_child_visible (history));
  gtk_widget_allocate (row, narrowest, 2 * height, -1, NULL);
  g_assert_false (gtk_widget_get_child_visible (history));
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (around);
}

static void
test_a_row_that_lost_its_item_hears_of_it_no_more (void)
{
  SocksProxyEntry entry = { .address = "[400::1]:1080", .status = SOCKS_PROXY_VALID };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);
  GtkWidget *window;

  g_object_set (row, "item", NULL, NULL);
  entry.status = SOCKS_PROXY_AUTHENTICATION_REQUIRED;
  socks_proxy_item_update (item, &entry);
  window = show_in_window (around);
  g_assert_true (shows_text (row, "Open"));
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (around);
}

static void
test_text_from_outside_is_no_markup (void)
{
  SocksProxyEntry entry = { .address = "<b>&amp;", .status = SOCKS_PROXY_VALID };
  g_autoptr (SocksProxyItem) item = socks_proxy_item_new (&entry);
  GtkWidget *around, *row = new_row (item, &around);

  g_assert_true (shows_text (row, "<b>&amp;"));
  g_assert_false (gtk_label_get_use_markup (GTK_LABEL (find (row, GTK_TYPE_LABEL))));
  g_object_unref (around);
}

static GskRenderNode *
draw (GtkWidget *graph)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (graph);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  RUN_UNTIL (gdk_paintable_get_intrinsic_width (paintable) > 0);
  gdk_paintable_snapshot (paintable, snapshot, 60, 30);
  return gtk_snapshot_free_to_node (snapshot);
}

static void
test_a_graph_is_drawn_from_both_sides (void)
{
  const GtkTextDirection directions[] = { GTK_TEXT_DIR_LTR, GTK_TEXT_DIR_RTL };
  const double values[] = { 1, 4, 2, 8 };
  const double level[] = { 5, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (directions); i++)
    {
      GtkWidget *window = gtk_window_new ();
      GtkWidget *graph = g_object_new (SOCKS_TYPE_GRAPH, "filled", TRUE, "slots", 10,
                                       "width-request", 60, "height-request", 30, NULL);
      GskRenderNode *node;

      gtk_widget_set_direction (graph, directions[i]);
      socks_graph_set_line (SOCKS_GRAPH (graph), 0, values, G_N_ELEMENTS (values));
      socks_graph_set_line (SOCKS_GRAPH (graph), 1, level, G_N_ELEMENTS (level));
      gtk_window_set_child (GTK_WINDOW (window), graph);
      gtk_window_present (GTK_WINDOW (window));
      node = draw (graph);
      g_assert_nonnull (node);
      gsk_render_node_unref (node);
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
#define ADD(name) g_test_add_func ("/widgets/" #name, test_##name)
  ADD (each_situation_says_what_it_is_and_what_to_do);
  ADD (a_row_shows_its_proxy_and_follows_it);
  ADD (how_fast_a_row_is_waits_until_it_is_seen);
  ADD (an_address_that_may_be_cut_off_has_a_tooltip);
  ADD (a_row_of_another_proxy_has_nothing_of_the_first);
  ADD (a_narrow_row_has_its_value_below);
  ADD (a_row_that_lost_its_item_hears_of_it_no_more);
  ADD (text_from_outside_is_no_markup);
  ADD (a_graph_is_drawn_from_both_sides);
#undef ADD
  return g_test_run ();
}
