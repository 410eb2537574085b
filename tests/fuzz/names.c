/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A file of names, as anybody may have written it: whatever is in it, what is read are
 * addresses in their one spelling and names that can be one, and a change concerns the
 * address that it is for and no other. */

#include "target.h"

#include "model/address-key.h"
#include "model/address-lines.h"
#include "model/name-text.h"

#define KEY "[400::1]:1080"

static void
assert_is_sound (const SocksAddressLines *lines)
{
  for (guint i = 0; i < lines->lines->len; i++)
    {
      const SocksAddressLine *line = socks_address_lines_get (lines, i);
      g_autofree char *key = socks_address_key (line->key);

      g_assert_cmpstr (key, ==, line->key);
      g_assert_cmpint (socks_name_check (line->name), ==, SOCKS_NAME_FINE);
      g_assert_true (socks_address_lines_find (lines, key) == line);
      /* No name is taken for an address. */
      g_assert_null (socks_address_key (line->name));
    }
  g_assert_cmpint (lines->n_wrong == 0, ==, lines->first_wrong == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autofree char *text = target_dup_text (data, n_bytes);
  g_autoptr (SocksAddressLines) lines = socks_address_lines_parse (text, TRUE);
  gboolean has_key = socks_address_lines_find (lines, KEY) != NULL;
  g_autofree char *with = socks_address_lines_put (text, KEY, "a name");
  g_autofree char *without = socks_address_lines_take_out (with, KEY);
  g_autoptr (SocksAddressLines) lines_with = socks_address_lines_parse (with, TRUE);
  g_autoptr (SocksAddressLines) lines_without = socks_address_lines_parse (without, TRUE);

  assert_is_sound (lines);
  g_assert_cmpstr (socks_address_lines_find (lines_with, KEY)->name, ==, "a name");
  g_assert_cmpuint (lines_with->lines->len, ==, lines->lines->len + !has_key);
  g_assert_null (socks_address_lines_find (lines_without, KEY));
  g_assert_cmpuint (lines_without->lines->len, ==, lines->lines->len - has_key);
  return 0;
}
