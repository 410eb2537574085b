/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/address-book.h"
#include "model/text-file.h"

G_BEGIN_DECLS

/* What the book is made of, each a file. Names are in the first two. */
typedef enum
{
  SOCKS_ADDRESS_BOOK_MACHINE_NAMES,
  SOCKS_ADDRESS_BOOK_OWN_NAMES,
  SOCKS_ADDRESS_BOOK_PINS,
  SOCKS_ADDRESS_BOOK_RECENT,
} SocksAddressBookPart;

#define SOCKS_ADDRESS_BOOK_N_PARTS (SOCKS_ADDRESS_BOOK_RECENT + 1)

/* What the changes stand on: address-book.c. */
SocksTextFile *socks_address_book_get_file (SocksAddressBook *self,
                                            SocksAddressBookPart part);

G_END_DECLS
