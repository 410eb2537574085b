/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Text that others have written, for whoever shows it. Any thread. */

#include "config.h"

#include "model/escape.h"

/**
 * socks_text_escape:
 * @text: what somebody else may have written
 *
 * Returns: (transfer full): the same, and nothing in it moves the cursor, rings the bell
 *   or turns the direction of writing
 */
char *
socks_text_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *escaped = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isprint (character))
        g_string_append_unichar (escaped, character);
      else
        g_string_append_printf (escaped, "\\u%04x", character);
    }
  return g_string_free (escaped, FALSE);
}
