/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Words of the service as members of enumerations, whose nicks they are. Any thread. */

#include "model/word.h"

/**
 * socks_word_read:
 * @value: a value that came over the bus
 * @type: an enumeration
 * @out_number: (out): the member whose nick @value is
 *
 * Returns: whether there is one
 */
gboolean
socks_word_read (GVariant *value, GType type, int *out_number)
{
  g_autoptr (GEnumClass) words = g_type_class_ref (type);
  const GEnumValue *word;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return FALSE;
  word = g_enum_get_value_by_nick (words, g_variant_get_string (value, NULL));
  if (word == NULL)
    return FALSE;
  *out_number = word->value;
  return TRUE;
}
