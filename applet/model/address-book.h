/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/address-lines.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* How many of those that were used last come before the others. */
#define SOCKS_ADDRESS_BOOK_N_RECENT 3

/* The place of what is neither pinned nor was used lately. */
#define SOCKS_ADDRESS_BOOK_NO_PLACE G_MAXUINT

/**
 * SocksNameMatch:
 * @SOCKS_NAME_MATCH_NONE: no address has such a name
 * @SOCKS_NAME_MATCH_BEGINNING: none yet, but names begin so
 * @SOCKS_NAME_MATCH_ONE: one address has it
 * @SOCKS_NAME_MATCH_SEVERAL: more than one has it
 *
 * Whether a text is the name of an address.
 */
typedef enum
{
  SOCKS_NAME_MATCH_NONE,
  SOCKS_NAME_MATCH_BEGINNING,
  SOCKS_NAME_MATCH_ONE,
  SOCKS_NAME_MATCH_SEVERAL,
} SocksNameMatch;

/**
 * SocksAddressBook:
 *
 * What a person knows of addresses: names, of the machine's and of their own, which win;
 * those that are pinned; and those that they used last. It is kept in files and true at
 * all times, in every program at once. The service knows nothing of it.
 *
 * Signal `changed`: something in it is another.
 */
#define SOCKS_TYPE_ADDRESS_BOOK (socks_address_book_get_type ())
G_DECLARE_FINAL_TYPE (SocksAddressBook, socks_address_book, SOCKS, ADDRESS_BOOK, GObject)

SocksAddressBook *socks_address_book_new (void);
SocksAddressBook *socks_address_book_new_in (const char *machine_directory,
                                             const char *config_directory,
                                             const char *state_directory);

const char *socks_address_book_get_name (SocksAddressBook *self, const char *address);
SocksNameMatch
socks_address_book_find (SocksAddressBook *self, const char *text, char **out_key);
char *socks_address_book_dup_text (SocksAddressBook *self, const char *address);
char *socks_address_book_resolve (SocksAddressBook *self, const char *text);
char *socks_address_book_dup_own_key (SocksAddressBook *self, const char *address);
const SocksAddressLines *socks_address_book_get_own_names (SocksAddressBook *self);
const SocksAddressLines *socks_address_book_get_machine_names (SocksAddressBook *self);

gboolean socks_address_book_is_pinned (SocksAddressBook *self, const char *address);
guint socks_address_book_get_place (SocksAddressBook *self, const char *address);

char *
socks_address_book_judge_name (SocksAddressBook *self, const char *key, const char *name);
void socks_address_book_set_name_async (SocksAddressBook *self,
                                        const char *key,
                                        const char *name,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
void socks_address_book_set_pinned_async (SocksAddressBook *self,
                                          const char *address,
                                          gboolean is_pinned,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
void socks_address_book_add_use_async (SocksAddressBook *self,
                                       const char *address,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean
socks_address_book_finish (SocksAddressBook *self, GAsyncResult *result, GError **error);
gboolean socks_address_book_settle (SocksAddressBook *self, guint patience_ms);

G_END_DECLS
