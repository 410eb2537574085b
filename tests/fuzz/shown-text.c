/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Text from files, made fit for a message: safe, no longer than wished, and unchanged
 * where there was nothing wrong with it. The first byte of the input is how much is
 * wished. */

#include "target.h"

#include "engine/key-file.h"

#include <string.h>

/* `\x{10ffff}` for one character of four bytes, `\x{00}` for one byte; or U+FFFD. */
#define MAX_GROWTH 6

static gboolean
is_printable (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  gsize max_bytes = n_bytes > 0 ? data[0] : 0;
  g_autofree char *text = target_dup_text (data + (n_bytes > 0), n_bytes - (n_bytes > 0));
  g_autofree char *shown = socks_key_file_show (text, max_bytes);

  target_assert_is_shown_safely (shown);
  g_assert_cmpuint (strlen (shown), <=, MAX_GROWTH * max_bytes + strlen ("…"));
  g_assert_cmpint (g_str_has_suffix (shown, "…") && !g_str_has_suffix (text, "…"), <=,
                   strlen (text) > max_bytes);
  if (strlen (text) <= max_bytes && is_printable (text))
    g_assert_cmpstr (shown, ==, text);
  return 0;
}
