/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON from strangers, before json-glib sees it, and how little of it json-glib sees at
 * once. What the values mean is node-json.c's.
 *
 * Vetting is there for what json-glib does with hostile texts: it calls itself for each
 * level of nesting (before 1.10 until the stack is gone), and ends a string at an escaped
 * NUL, so that "400::/64\u0000…" looks right. It also reads more than JSON: comments and
 * strings in single quotes. In those our idea of what is inside a string, and with it the
 * depth, would differ from json-glib's; nothing but JSON gets through.
 *
 * Its tree of values takes some 300 bytes for a `{}` that takes two in the text. So a long
 * array is taken apart here, and each entry parsed alone: then the memory for a text of
 * any length is the text and one entry.
 *
 * Pure functions, any thread. Texts need not end with a NUL. */

#include "core/json-text.h"

#include <string.h>

#define MAX_DEPTH 16

/* More is seconds of work. A route is five values as the API is today: four fields and
 * what holds them. */
#define MAX_VALUES 400000

/* All that stands in JSON outside of strings, with the letters of true, false, null. */
static const char json_characters[] = "{}[]:,\" \t\r\n0123456789+-.eEaflnrstu";

/* The one control character that may stand in a string as it is (RFC 8259 section 7). */
#define DELETE 0x7f

const char socks_json_text_fault_not_json[] = "is not JSON";

/* From behind the first quote of a string to its last one; NULL if it has none, or an
 * escape that is none. */
static const char *
find_quote (const char *text, const char *end)
{
  for (const char *c = text; c < end; c++)
    {
      if (*c == '"')
        return c;
      if (*c != '\\')
        continue;

      c++;
      if (c == end || *c == '\0')
        return NULL;
      if (*c != 'u')
        continue;
      if (end - c <= 4)
        return NULL;
      for (int i = 1; i <= 4; i++)
        if (!g_ascii_isxdigit (c[i]))
          return NULL;
      c += 4;
    }
  return NULL;
}

/**
 * socks_json_text_vet:
 * @text: (array length=n_bytes): what is said to be JSON
 * @n_bytes: its length
 *
 * Looks at a text byte by byte, without memory of its own. A text that passes may still
 * not be JSON, but is nothing that json-glib would read in another way than we do, is
 * nested at most 16 levels deep, and holds at most 400,000 values.
 *
 * Returns: (nullable): what is wrong with it, to be put into a sentence; %NULL if it can
 *   be given to json-glib
 */
const char *
socks_json_text_vet (const char *text, gsize n_bytes)
{
  const char *end = text + n_bytes;
  guint depth = 0;
  guint n_values = 0;
  gboolean is_over = FALSE;

  for (const char *c = text; c < end; c++)
    {
      if (*c == '\0' || strchr (json_characters, *c) == NULL)
        return socks_json_text_fault_not_json;
      if (is_over && !g_ascii_isspace (*c))
        return socks_json_text_fault_not_json;

      switch (*c)
        {
        case '"':
          c = find_quote (c + 1, end);
          if (c == NULL)
            return socks_json_text_fault_not_json;
          break;

        case '{':
        case '[':
          n_values++;
          depth++;
          break;

        case '}':
        case ']':
          if (depth == 0)
            return socks_json_text_fault_not_json;
          depth--;
          is_over = depth == 0;
          break;

        case ',':
          n_values++;
          break;

        default:
          break;
        }

      if (depth > MAX_DEPTH)
        return "is nested more than " G_STRINGIFY (MAX_DEPTH) " levels deep";
      if (n_values > MAX_VALUES)
        return "holds too many values";
    }

  return depth == 0 ? NULL : socks_json_text_fault_not_json;
}

/* Puts something that no field may contain either in the place of every NUL in a string;
 * and of every other control character, for which json-glib from 1.10 on would refuse the
 * whole text, and with it what is right of it. */
static void
soften (char *text, gsize n_bytes)
{
  gboolean is_inside = FALSE;

  for (char *c = text; c < text + n_bytes; c++)
    if (*c == '"')
      is_inside = !is_inside;
    else if (is_inside && *c == '\\')
      {
        c++;
        if (*c == 'u' && memcmp (c + 1, "0000", 4) == 0)
          c[4] = '1';
      }
    else if (is_inside && g_ascii_iscntrl (*c))
      *c = DELETE;
}

/**
 * socks_json_text_parse:
 * @parser: a parser, which keeps the answer until it is asked again
 * @text: (array length=n_bytes): a text that passed socks_json_text_vet()
 * @n_bytes: its length
 *
 * Returns: (transfer none) (nullable): the one value that @text holds; %NULL if it is not
 *   JSON
 */
JsonNode *
socks_json_text_parse (JsonParser *parser, const char *text, gsize n_bytes)
{
  g_autofree char *soft = g_malloc (n_bytes + 1);

  memcpy (soft, text, n_bytes);
  soft[n_bytes] = '\0';
  soften (soft, n_bytes);
  /* json-glib's own messages quote the text, which may be anything. */
  if (!json_parser_load_from_data (parser, soft, (gssize) n_bytes, NULL /* error */))
    return NULL;
  return json_parser_get_root (parser);
}

/**
 * socks_json_text_find_array:
 * @text: (array length=n_bytes): a text that passed socks_json_text_vet()
 * @n_bytes: its length
 *
 * Returns: (nullable): the bracket that opens it; %NULL if @text is no array
 */
const char *
socks_json_text_find_array (const char *text, gsize n_bytes)
{
  for (const char *c = text; c < text + n_bytes; c++)
    if (!g_ascii_isspace (*c))
      return *c == '[' ? c : NULL;
  return NULL;
}

/**
 * socks_json_text_find_separator:
 * @entry: what follows after the bracket of an array, or after the comma before
 * @end: the end of the text, which passed socks_json_text_vet()
 *
 * Returns: the comma behind the entry, or the bracket behind the last one, which in a text
 *   that is not JSON may be the wrong one
 */
const char *
socks_json_text_find_separator (const char *entry, const char *end)
{
  guint depth = 0;
  const char *c;

  for (c = entry; c < end; c++)
    if (*c == '"')
      c = find_quote (c + 1, end);
    else if (*c == '{' || *c == '[')
      depth++;
    else if (*c == '}' || *c == ']')
      {
        if (depth == 0)
          break;
        depth--;
      }
    else if (*c == ',' && depth == 0)
      break;
  return c;
}
