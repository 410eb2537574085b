/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* KConfig's files as text, in which one entry is read or replaced and every other byte stays
 * as it is. Any thread.
 *
 *   [$i]                          nothing in this file may be changed
 *   # comment
 *   [Proxy Settings]              "[Proxy Settings][$i]": nothing in this group
 *   ProxyType=1                   "ProxyType[$i]=1": not this one
 *   httpProxy[$e]=http://$HOST 1  with an option; "httpProxy[$d]": taken away
 *
 * The value of an entry is here all that follows its name, "=1" or "[$e]=http://$HOST 1",
 * so that it can be put back as it was. Where a group or an entry stands twice, the last
 * one counts. */

#include "desktop-proxy/kconfig-text.h"

#include <string.h>

typedef struct
{
  const char *entry;     /* (nullable): its line */
  const char *value;     /* (nullable): where its name ends */
  const char *group_end; /* (nullable): behind the last line of the group that says much */
  gboolean is_immutable;
} Place;

static const char *
end_of_line (const char *line)
{
  return line + strcspn (line, "\n");
}

static const char *
next_line (const char *line)
{
  const char *end = end_of_line (line);

  return *end != '\0' ? end + 1 : end;
}

/* Spaces, tabs and carriage returns count for nothing at either end. */
static char *
strip_line (const char *line)
{
  return g_strstrip (g_strndup (line, end_of_line (line) - line));
}

/* Returns whether @header, "[Name]" and options, is that of @group. */
static gboolean
is_header_of (const char *header, const char *group, gboolean *out_is_immutable)
{
  gsize length = strlen (group);

  if (header[0] != '[' || strncmp (header + 1, group, length) != 0 ||
      header[length + 1] != ']')
    return FALSE;
  *out_is_immutable = g_str_equal (header + length + 2, "[$i]");
  return *out_is_immutable || header[length + 2] == '\0';
}

/* Returns where the name of the entry ends if it is @key, else %NULL. "key[de]" is another
 * entry, "key[$e]" is not. */
static const char *
match_entry (const char *line, const char *key, gboolean *out_is_immutable)
{
  const char *name = line + strspn (line, " \t");
  const char *value = name + strlen (key);
  const char *end = end_of_line (line);
  const char *rest = value;
  const char *close;

  *out_is_immutable = FALSE;
  if (strncmp (name, key, strlen (key)) != 0)
    return NULL;
  while (rest[0] == '[' && rest[1] == '$')
    {
      close = memchr (rest, ']', end - rest);
      if (close == NULL)
        return NULL;
      *out_is_immutable |= memchr (rest, 'i', close - rest) != NULL;
      rest = close + 1;
    }
  rest += strspn (rest, " \t\r");
  return rest == end || *rest == '=' ? value : NULL;
}

static void
look_at_line (Place *place,
              const char *line,
              const char *stripped,
              const char *key,
              gboolean is_group_immutable)
{
  gboolean is_entry_immutable;
  const char *value = match_entry (line, key, &is_entry_immutable);

  if (*stripped != '\0')
    place->group_end = next_line (line);
  if (value == NULL)
    return;
  place->entry = line;
  place->value = value;
  place->is_immutable |= is_entry_immutable || is_group_immutable;
}

static Place
find (const char *text, const char *group, const char *key)
{
  Place place = { 0 };
  gboolean is_in_group = FALSE, is_immutable = FALSE;

  for (const char *line = text; *line != '\0'; line = next_line (line))
    {
      g_autofree char *stripped = strip_line (line);

      if (stripped[0] == '[')
        {
          is_in_group = is_header_of (stripped, group, &is_immutable);
          if (is_in_group)
            place.group_end = next_line (line);
          place.is_immutable |= g_str_equal (stripped, "[$i]") ||
                                (is_in_group && is_immutable);
        }
      else if (is_in_group)
        look_at_line (&place, line, stripped, key, is_immutable);
    }
  return place;
}

/**
 * socks_kconfig_read:
 * @text: of a file
 * @group: the name of a group
 * @key: the name of an entry
 * @out_is_immutable: (out): whether the file forbids to change it
 *
 * Returns: (transfer full) (nullable): what follows the name of the entry, or %NULL where
 *   there is none
 */
char *
socks_kconfig_read (const char *text,
                    const char *group,
                    const char *key,
                    gboolean *out_is_immutable)
{
  Place place = find (text, group, key);

  *out_is_immutable = place.is_immutable;
  if (place.value == NULL)
    return NULL;
  return g_strndup (place.value, end_of_line (place.value) - place.value);
}

static void
append_line (GString *text, const char *key, const char *value)
{
  g_string_append_printf (text, "%s%s\n", key, value);
}

/* A new entry at the end of its group, or of a new group at the end. */
static char *
insert (const char *text,
        const Place *place,
        const char *group,
        const char *key,
        const char *value)
{
  const char *at = place->group_end != NULL ? place->group_end : text + strlen (text);
  GString *result = g_string_new_len (text, at - text);

  if (result->len != 0 && result->str[result->len - 1] != '\n')
    g_string_append_c (result, '\n');
  if (place->group_end == NULL)
    g_string_append_printf (result, "%s[%s]\n", result->len != 0 ? "\n" : "", group);
  append_line (result, key, value);
  g_string_append (result, at);
  return g_string_free (result, FALSE);
}

/* Takes off the header of a group in which nothing is left, where it stands at the end. */
static void
drop_empty_group (GString *text, const char *group)
{
  g_autofree char *header = g_strdup_printf ("[%s]\n", group);
  gsize length = text->len;

  if (!g_str_has_suffix (text->str, header))
    return;
  length -= strlen (header);
  if (length != 0 && text->str[length - 1] != '\n')
    return;
  if (length >= 2 && text->str[length - 2] == '\n')
    length--;
  g_string_truncate (text, length);
}

/**
 * socks_kconfig_replace:
 * @text: of a file
 * @group: the name of a group
 * @key: the name of an entry
 * @value: (nullable): what is to follow its name, as socks_kconfig_read() returns it; %NULL
 *   to take the entry out
 *
 * Returns: (transfer full): the text with that entry, and nothing else, changed
 */
char *
socks_kconfig_replace (const char *text,
                       const char *group,
                       const char *key,
                       const char *value)
{
  Place place = find (text, group, key);
  GString *result;

  if (place.value == NULL)
    return value != NULL ? insert (text, &place, group, key, value) : g_strdup (text);

  if (value != NULL)
    {
      result = g_string_new_len (text, place.value - text);
      g_string_append (result, value);
      g_string_append (result, end_of_line (place.value));
    }
  else
    {
      result = g_string_new_len (text, place.entry - text);
      g_string_append (result, next_line (place.entry));
      drop_empty_group (result, group);
    }
  return g_string_free (result, FALSE);
}
