/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ctl/terminal.h"

G_BEGIN_DECLS

#define CTL_TABLE_COLUMNS_MAX 7

/**
 * CtlTable:
 *
 * Rows of texts that stand below each other.
 */
typedef struct _CtlTable CtlTable;

CtlTable *ctl_table_new (guint n_columns, guint yielding_column);
void ctl_table_free (CtlTable *table);
void ctl_table_add (CtlTable *table, CtlColor color, ...) G_GNUC_NULL_TERMINATED;
guint ctl_table_get_width (const CtlTable *table);
void ctl_table_print (const CtlTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CtlTable, ctl_table_free)

G_END_DECLS
