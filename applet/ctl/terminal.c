/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the output is like where it goes: coloured and broken into lines in a terminal, as
 * it is in a pipe, plain also where NO_COLOR or TERM=dumb say so. Main thread. */

#include "config.h"

#include "ctl/terminal.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 24

/* A pipe has all the room that there is. */
#define PIPE_WIDTH G_MAXUINT
#define TERMINAL_WIDTH 80

static gboolean
is_dumb (void)
{
  return g_strcmp0 (g_getenv ("TERM"), "dumb") == 0;
}

static gboolean
has_color (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && !is_dumb () && (no_color == NULL || *no_color == '\0');
}

static guint
get_character_width (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

/**
 * ctl_terminal_get_text_width:
 * @text: a text without control characters
 *
 * Returns: how many columns it takes
 */
guint
ctl_terminal_get_text_width (const char *text)
{
  guint width = 0;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    width += get_character_width (g_utf8_get_char (c));
  return width;
}

/**
 * ctl_terminal_take_line:
 * @text: (inout): a text without control characters; then what is left of it
 * @width: how many columns there are
 *
 * Takes as many words as fit on a line. Chinese and Japanese may be broken between any
 * two characters, but not before a mark; an address that alone is too long, behind a
 * colon; all else where it has to be.
 *
 * Returns: (transfer full): the line
 */
char *
ctl_terminal_take_line (const char **text, guint width)
{
  const char *begin = *text;
  const char *end = begin;
  const char *word_end = NULL;
  const char *colon_end = NULL;

  for (guint used = 0; *end != '\0'; end = g_utf8_next_char (end))
    {
      gunichar character = g_utf8_get_char (end);
      const char *next = g_utf8_next_char (end);

      if (character == ' ')
        word_end = end;
      used += get_character_width (character);
      if (used > width && end > begin)
        {
          end = word_end != NULL ? word_end : colon_end != NULL ? colon_end : end;
          break;
        }
      if (g_unichar_iswide (character) && !g_unichar_ispunct (g_utf8_get_char (next)))
        word_end = next;
      if (character == ':')
        colon_end = next;
    }
  *text = end + strspn (end, " ");
  return g_strndup (begin, end - begin);
}

/**
 * ctl_terminal_get_width:
 *
 * Returns: how many columns standard output has
 */
guint
ctl_terminal_get_width (void)
{
  struct winsize size = { 0 };

  if (!isatty (STDOUT_FILENO))
    return PIPE_WIDTH;
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return TERMINAL_WIDTH;
}

/**
 * ctl_terminal_print_sentences:
 * @text: a text
 *
 * Prints it on as many lines as it takes.
 */
void
ctl_terminal_print_sentences (const char *text)
{
  guint width = ctl_terminal_get_width ();

  do
    {
      g_autofree char *line = ctl_terminal_take_line (&text, width);

      g_print ("%s\n", line);
    }
  while (*text != '\0');
}

/**
 * ctl_terminal_print:
 * @text: a text
 * @color: what it means
 */
void
ctl_terminal_print (const char *text, CtlColor color)
{
  static const char *const sequences[] = {
    [CTL_COLOR_GOOD] = "\033[32m",
    [CTL_COLOR_WARNING] = "\033[33m",
    [CTL_COLOR_BAD] = "\033[31m",
    [CTL_COLOR_FAINT] = "\033[2m",
  };

  if (color != CTL_COLOR_PLAIN && has_color ())
    g_print ("%s%s\033[0m", sequences[color], text);
  else
    g_print ("%s", text);
}

static gboolean
shows_progress (void)
{
  return isatty (STDERR_FILENO) && !is_dumb ();
}

/**
 * ctl_terminal_show_progress:
 * @text: what is going on
 * @fraction: how much of it is done; less than 0 where that is not known
 *
 * Shows a line that the next one replaces, where standard error is a terminal.
 */
void
ctl_terminal_show_progress (const char *text, double fraction)
{
  g_autoptr (GString) bar = g_string_new ("\r\033[K");

  if (!shows_progress ())
    return;
  if (fraction >= 0)
    {
      guint n_full = (guint) (CLAMP (fraction, 0, 1) * BAR_WIDTH);

      for (guint i = 0; i < BAR_WIDTH; i++)
        g_string_append (bar, i < n_full ? "█" : "░");
      g_string_append_c (bar, ' ');
    }
  g_printerr ("%s%s", bar->str, text);
}

/**
 * ctl_terminal_clear_progress:
 *
 * Takes the line away.
 */
void
ctl_terminal_clear_progress (void)
{
  if (shows_progress ())
    g_printerr ("\r\033[K");
}
