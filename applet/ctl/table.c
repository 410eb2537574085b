/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Texts in columns, as wide as the widest of each. Any thread. */

#include "config.h"

#include "ctl/table.h"

#define GAP "  "

typedef struct
{
  CtlColor color;
  char *cells[CTL_TABLE_COLUMNS_MAX]; /* (owned) */
} Row;

struct _CtlTable
{
  guint n_columns;
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
 *
 * Returns: (transfer full): a table without rows
 */
CtlTable *
ctl_table_new (guint n_columns)
{
  CtlTable *table = g_new0 (CtlTable, 1);

  g_return_val_if_fail (n_columns <= CTL_TABLE_COLUMNS_MAX, NULL);
  table->n_columns = n_columns;
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
 * Returns: how many columns of a terminal it takes
 */
guint
ctl_table_get_width (const CtlTable *table)
{
  guint width = (table->n_columns - 1) * (sizeof GAP - 1);

  for (guint column = 0; column < table->n_columns; column++)
    width += get_column_width (table, column);
  return width;
}

/**
 * ctl_table_print:
 * @table: a table
 */
void
ctl_table_print (const CtlTable *table)
{
  guint widths[CTL_TABLE_COLUMNS_MAX];

  for (guint column = 0; column < table->n_columns; column++)
    widths[column] = get_column_width (table, column);

  for (guint i = 0; i < table->rows->len; i++)
    {
      const Row *row = g_ptr_array_index (table->rows, i);
      g_autoptr (GString) line = g_string_new (NULL);

      for (guint column = 0; column < table->n_columns; column++)
        {
          const char *cell = row->cells[column];
          guint padding = widths[column] - ctl_terminal_get_text_width (cell);

          g_string_append_printf (line, "%s%s%*s", column > 0 ? GAP : "", cell,
                                  (int) padding, "");
        }
      /* Nothing hangs over at the end of a line. */
      g_strchomp (line->str);
      ctl_terminal_print (line->str, row->color);
      g_print ("\n");
    }
}
