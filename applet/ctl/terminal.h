/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * CtlColor:
 *
 * What a text is to look like, by what it means.
 */
typedef enum
{
  CTL_COLOR_PLAIN,
  CTL_COLOR_GOOD,
  CTL_COLOR_WARNING,
  CTL_COLOR_BAD,
  CTL_COLOR_FAINT,
} CtlColor;

guint ctl_terminal_get_text_width (const char *text);
guint ctl_terminal_get_width (void);
char *ctl_terminal_take_line (const char **text, guint width);
void ctl_terminal_print_sentences (const char *text);
void ctl_terminal_print (const char *text, CtlColor color);

void ctl_terminal_show_progress (const char *text, double fraction);
void ctl_terminal_clear_progress (void);

G_END_DECLS
