/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/address-book.h"

G_BEGIN_DECLS

/**
 * SocksNameDialog:
 *
 * Asks for the name of an address, and says what is wrong with it while it is typed.
 *
 * Signal `named` (string key, nullable string name): the address, or every port of it, is
 * to have this name, or none of the person's own.
 */
#define SOCKS_TYPE_NAME_DIALOG (socks_name_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SocksNameDialog,
                      socks_name_dialog,
                      SOCKS,
                      NAME_DIALOG,
                      AdwMessageDialog)

SocksNameDialog *
socks_name_dialog_new (GtkWindow *parent, SocksAddressBook *book, const char *address);

G_END_DECLS
