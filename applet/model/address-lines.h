/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lines beyond are as if they were wrong. */
#define SOCKS_ADDRESS_LINES_MAX 4096

/**
 * SocksAddressLine:
 * @key: (owned): the address, as socks_address_key() spells it
 * @name: (owned): its name, or ""
 *
 * One address that a file names.
 */
typedef struct
{
  char *key;
  char *name;
} SocksAddressLine;

/**
 * SocksAddressLines:
 * @lines: (owned) (element-type SocksAddressLine): in their order, no address twice
 * @by_key: (owned): the same by their keys, both borrowed from @lines
 * @n_wrong: how many lines were left out
 * @first_wrong: the number of the first of these, 0 for none
 *
 * What a file of addresses says.
 */
typedef struct
{
  GPtrArray *lines;
  GHashTable *by_key;
  guint n_wrong;
  guint first_wrong;
} SocksAddressLines;

SocksAddressLines *socks_address_lines_parse (const char *text, gboolean has_names);
void socks_address_lines_free (SocksAddressLines *self);

const SocksAddressLine *socks_address_lines_get (const SocksAddressLines *self,
                                                 guint index);
const SocksAddressLine *socks_address_lines_find (const SocksAddressLines *self,
                                                  const char *key);

char *socks_address_lines_put (const char *text, const char *key, const char *name);
char *socks_address_lines_take_out (const char *text, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksAddressLines, socks_address_lines_free)

G_END_DECLS
