/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts in columns, as wide as the widest of each. One of them gives way where a terminal
 * is narrower: its texts go on below. Main thread. */

#include "config.h"

#include "ctl/table.h"

#define GAP "  "

/* With less nothing can be read any more: let the terminal break the lines then. */
#define YIELDING_WIDTH_MIN 8

typedef struct
{
  CtlColor color;
  char *cells[CTL_TABLE_COLUMNS_MAX]; /* (owned) */
} Row;

struct _CtlTable
{
  guint n_columns;
  guint yielding_column;
  GPtrArray *rows; /* (owned): of (owned) Row */
};

static void
row_free (gpointer data)
{
  Row *row = data;

  for (guint i = 0; i < CTL_TABLE_COLUMNS_MAX; i++)
    g_free (row->cells[i]);
  g_free (row);
}

/**
 * ctl_table_new:
 * @n_columns: how many columns there are
 * @yielding_column: which of them gives way in a narrow terminal, from 0
 *
 * Returns: (transfer full): a table without rows
 */
CtlTable *
ctl_table_new (guint n_columns, guint yielding_column)
{
  CtlTable *table = g_new0 (CtlTable, 1);

  g_return_val_if_fail (n_columns <= CTL_TABLE_COLUMNS_MAX, NULL);
  table->n_columns = n_columns;
  table->yielding_column = yielding_column;
  table->rows = g_ptr_array_new_with_free_func (row_free);
  return table;
}

/**
 * ctl_table_free:
 * @table: (transfer full): a table
 */
void
ctl_table_free (CtlTable *table)
{
  g_ptr_array_unref (table->rows);
  g_free (table);
}

/**
 * ctl_table_add:
 * @table: a table
 * @color: of the whole row
 * @...: a text for each column, then %NULL
 */
void
ctl_table_add (CtlTable *table, CtlColor color, ...)
{
  Row *row = g_new0 (Row, 1);
  const char *cell;
  va_list cells;

  row->color = color;
  va_start (cells, color);
  for (guint i = 0; (cell = va_arg (cells, const char *)) != NULL; i++)
    row->cells[i] = g_strdup (cell);
  va_end (cells);
  g_ptr_array_add (table->rows, row);
}

static guint
get_column_width (const CtlTable *table, guint column)
{
  guint width = 0;

  for (guint i = 0; i < table->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (table->rows, i);

      width = MAX (width, ctl_terminal_get_text_width (row->cells[column]));
    }
  return width;
}

/**
 * ctl_table_get_width:
 * @table: a table
 *
 * Returns: how many columns of a terminal it takes, if nothing gives way
 */
guint
ctl_table_get_width (const CtlTable *table)
{
  guint width = (table->n_columns - 1) * (sizeof GAP - 1);

  for (guint column = 0; column < table->n_columns; column++)
    width += get_column_width (table, column);
  return width;
}

static void
get_widths (const CtlTable *table, guint widths[static CTL_TABLE_COLUMNS_MAX])
{
  guint width = ctl_table_get_width (table);
  guint room = ctl_terminal_get_width ();
  guint n_missing = width > room ? width - room : 0;
  guint *yielding = &widths[table->yielding_column];

  for (guint column = 0; column < table->n_columns; column++)
    widths[column] = get_column_width (table, column);
  if (*yielding >= n_missing + YIELDING_WIDTH_MIN)
    *yielding -= n_missing;
}

static void
print_line (const CtlTable *table,
            CtlColor color,
            const char *const cells[static CTL_TABLE_COLUMNS_MAX],
            const guint widths[static CTL_TABLE_COLUMNS_MAX])
{
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint column = 0; column < table->n_columns; column++)
    {
      guint padding = widths[column] - ctl_terminal_get_text_width (cells[column]);

      g_string_append_printf (line, "%s%s%*s", column > 0 ? GAP : "", cells[column],
                              (int) padding, "");
    }
  /* Nothing hangs over at the end of a line. */
  g_strchomp (line->str);
  ctl_terminal_print (line->str, color);
  g_print ("\n");
}

/**
 * ctl_table_print:
 * @table: a table
 */
void
ctl_table_print (const CtlTable *table)
{
  guint widths[CTL_TABLE_COLUMNS_MAX];

  get_widths (table, widths);
  for (guint i = 0; i < table->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (table->rows, i);
      const char *rest = row->cells[table->yielding_column];
      const char *cells[CTL_TABLE_COLUMNS_MAX];

      for (guint column = 0; column < table->n_columns; column++)
        cells[column] = row->cells[column];
      do
        {
          g_autofree char *part =
              ctl_terminal_take_line (&rest, widths[table->yielding_column]);

          cells[table->yielding_column] = part;
          print_line (table, row->color, cells, widths);
          for (guint column = 0; column < table->n_columns; column++)
            cells[column] = "";
        }
      while (*rest != '\0');
    }
}
