/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Files of addresses, as people write them by hand too: on each line an address and, in a
 * file of names, its name, which goes to the end of the line. A line that begins with "#"
 * is a comment. What is not understood is left out; of two lines for one address the
 * later one counts, so that a line can be appended. A change touches the lines of its
 * address and no other. Pure functions, any thread. */

#include "model/address-lines.h"

#include <string.h>

#include "model/address-key.h"
#include "model/name-text.h"

#define BLANKS " \t\r"

static void
line_free (gpointer data)
{
  SocksAddressLine *line = data;

  g_free (line->key);
  g_free (line->name);
  g_free (line);
}

/* The address of a line and what is behind it; NULL for a line without one. @text is
 * written into. */
static char *
split (char *text, char **out_rest)
{
  g_strstrip (text);
  *out_rest = text + strcspn (text, BLANKS);
  if (**out_rest != '\0')
    {
      **out_rest = '\0';
      *out_rest += 1 + strspn (*out_rest + 1, BLANKS);
    }
  return socks_address_key (text);
}

static gboolean
is_comment (const char *text)
{
  const char *start = text + strspn (text, BLANKS);

  return *start == '\0' || *start == '#';
}

static SocksAddressLine *
parse_line (const char *text, gboolean has_names)
{
  g_autofree char *copy = g_strdup (text);
  char *rest;
  g_autofree char *key = split (copy, &rest);
  SocksAddressLine *line;

  if (key == NULL ||
      (has_names ? socks_name_check (rest) != SOCKS_NAME_FINE : *rest != '\0'))
    return NULL;
  line = g_new0 (SocksAddressLine, 1);
  line->key = g_steal_pointer (&key);
  line->name = g_strdup (rest);
  return line;
}

/* Takes @line. */
static void
add (SocksAddressLines *self, SocksAddressLine *line)
{
  SocksAddressLine *earlier = g_hash_table_lookup (self->by_key, line->key);

  if (earlier == NULL)
    {
      g_ptr_array_add (self->lines, line);
      g_hash_table_insert (self->by_key, line->key, line);
      return;
    }
  g_free (earlier->name);
  earlier->name = g_steal_pointer (&line->name);
  line_free (line);
}

/**
 * socks_address_lines_parse:
 * @text: what is in a file
 * @has_names: each address has a name; else none has
 *
 * Returns: (transfer full): what it says
 */
SocksAddressLines *
socks_address_lines_parse (const char *text, gboolean has_names)
{
  SocksAddressLines *self = g_new0 (SocksAddressLines, 1);
  g_auto (GStrv) texts = g_strsplit (text, "\n", -1);

  self->lines = g_ptr_array_new_with_free_func (line_free);
  self->by_key = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; texts[i] != NULL; i++)
    {
      SocksAddressLine *line;

      if (is_comment (texts[i]))
        continue;
      line = self->lines->len < SOCKS_ADDRESS_LINES_MAX ? parse_line (texts[i], has_names)
                                                        : NULL;
      if (line != NULL)
        {
          add (self, line);
          continue;
        }
      self->n_wrong++;
      if (self->first_wrong == 0)
        self->first_wrong = i + 1;
    }
  return self;
}

/**
 * socks_address_lines_free:
 * @self: (transfer full): what a file says
 */
void
socks_address_lines_free (SocksAddressLines *self)
{
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->lines);
  g_free (self);
}

/**
 * socks_address_lines_get:
 * @self: what a file says
 * @index: which line
 *
 * Returns: (transfer none): that line
 */
const SocksAddressLine *
socks_address_lines_get (const SocksAddressLines *self, guint index)
{
  return g_ptr_array_index (self->lines, index);
}

/**
 * socks_address_lines_find:
 * @self: what a file says
 * @key: an address, from socks_address_key()
 *
 * Returns: (transfer none) (nullable): its line
 */
const SocksAddressLine *
socks_address_lines_find (const SocksAddressLines *self, const char *key)
{
  return g_hash_table_lookup (self->by_key, key);
}

/* @text without the lines for @key. */
static GString *
leave_out (const char *text, const char *key)
{
  GString *result = g_string_new (NULL);

  for (const char *start = text; *start != '\0';)
    {
      gsize length = strcspn (start, "\n");
      g_autofree char *copy = g_strndup (start, length);
      g_autofree char *own_key = NULL;
      char *rest;

      length += start[length] == '\n';
      own_key = split (copy, &rest);
      if (own_key == NULL || !g_str_equal (own_key, key))
        g_string_append_len (result, start, (gssize) length);
      start += length;
    }
  return result;
}

/**
 * socks_address_lines_put:
 * @text: what is in a file
 * @key: an address, from socks_address_key()
 * @name: its name, or "" in a file without names
 *
 * Returns: (transfer full): what is to be in it for @key to be there, at the end
 */
char *
socks_address_lines_put (const char *text, const char *key, const char *name)
{
  GString *result = leave_out (text, key);

  if (result->len > 0 && result->str[result->len - 1] != '\n')
    g_string_append_c (result, '\n');
  g_string_append_printf (result, "%s%s%s\n", key, *name != '\0' ? " " : "", name);
  return g_string_free (result, FALSE);
}

/**
 * socks_address_lines_take_out:
 * @text: what is in a file
 * @key: an address, from socks_address_key()
 *
 * Returns: (transfer full): what is to be in it for @key not to be there
 */
char *
socks_address_lines_take_out (const char *text, const char *key)
{
  return g_string_free (leave_out (text, key), FALSE);
}
