/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What can be the name of an address. A name stands wherever an address may stand, so it
 * must be none, and it is shown everywhere, so it must not do anything there. Pure
 * functions, any thread. */

#include "config.h"

#include "model/name-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define FIRST_STRONG_ISOLATE "\u2068"
#define POP_DIRECTIONAL_ISOLATE "\u2069"

static const char *const sentences[] = {
  [SOCKS_NAME_FINE] = "",
  [SOCKS_NAME_EMPTY] = N_ ("Write a name."),
  [SOCKS_NAME_TOO_LONG] = N_ ("This is too long for a name."),
  [SOCKS_NAME_UNPRINTABLE] = N_ ("There is something in this name that can’t be seen."),
  [SOCKS_NAME_LIKE_ADDRESS] = N_ ("A name can’t look like an address: leave out colons "
                                  "and brackets."),
  [SOCKS_NAME_NUMBER] = N_ ("A name can’t be a number alone."),
  [SOCKS_NAME_DASH] = N_ ("A name can’t begin with a hyphen."),
};

G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == SOCKS_N_NAME_VERDICTS);

/* Marks that turn the direction of writing are not printable to GLib, nor is anything
 * else that has no shape. One kind of blank is enough for everybody. */
static gboolean
is_to_be_seen (const char *name)
{
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (!g_unichar_isprint (character) ||
          (g_unichar_isspace (character) && character != ' '))
        return FALSE;
    }
  return TRUE;
}

/**
 * socks_name_check:
 * @name: what is to become a name, without blanks around it
 *
 * Returns: the verdict
 */
SocksNameVerdict
socks_name_check (const char *name)
{
  if (*name == '\0')
    return SOCKS_NAME_EMPTY;
  if (!g_utf8_validate (name, -1, NULL))
    return SOCKS_NAME_UNPRINTABLE;
  if (g_utf8_strlen (name, -1) > SOCKS_NAME_MAX_CHARACTERS)
    return SOCKS_NAME_TOO_LONG;
  if (!is_to_be_seen (name) || *name == ' ' || name[strlen (name) - 1] == ' ')
    return SOCKS_NAME_UNPRINTABLE;
  if (name[strspn (name, "0123456789")] == '\0')
    return SOCKS_NAME_NUMBER;
  if (strpbrk (name, ":[]") != NULL || name[strspn (name, "0123456789.")] == '\0')
    return SOCKS_NAME_LIKE_ADDRESS;
  return *name == '-' ? SOCKS_NAME_DASH : SOCKS_NAME_FINE;
}

/**
 * socks_name_verdict_text:
 * @verdict: a verdict
 *
 * Returns: what is wrong; "" for nothing
 */
const char *
socks_name_verdict_text (SocksNameVerdict verdict)
{
  return *sentences[verdict] != '\0' ? _ (sentences[verdict]) : "";
}

/**
 * socks_name_fold:
 * @name: a name, or what somebody has written for one
 *
 * Returns: (transfer full): what is the same for two names that people take for the same:
 *   large letters and small ones, and however an accent is put together
 */
char *
socks_name_fold (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *folded = g_utf8_casefold (valid, -1);

  return g_utf8_normalize (folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

/* The blocks whose letters run from right to left. */
static gboolean
runs_from_right (const char *name)
{
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if ((character >= 0x590 && character <= 0x8ff) ||
          (character >= 0xfb1d && character <= 0xfdff) ||
          (character >= 0xfe70 && character <= 0xfeff) ||
          (character >= 0x10800 && character <= 0x10fff) ||
          (character >= 0x1e800 && character <= 0x1efff))
        return TRUE;
    }
  return FALSE;
}

/**
 * socks_name_text:
 * @name: a name
 *
 * Returns: (transfer full): @name inside a text or alone, whichever way that and the name
 *   run. Not to be copied by anyone
 */
char *
socks_name_text (const char *name)
{
  if (runs_from_right (name))
    return g_strconcat (FIRST_STRONG_ISOLATE, name, POP_DIRECTIONAL_ISOLATE, NULL);
  /* Translators: the name of a proxy inside a text or alone. Where text runs from right
   * to left, enclose it in U+2068 and U+2069. Elsewhere leave it. */
  return g_strdup_printf (C_ ("name", "%s"), name);
}
