/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/snapshot.h"

G_BEGIN_DECLS

/**
 * SocksEmptyPage:
 *
 * Why there are no proxies, and what to do about it.
 */
#define SOCKS_TYPE_EMPTY_PAGE (socks_empty_page_get_type ())
G_DECLARE_FINAL_TYPE (SocksEmptyPage, socks_empty_page, SOCKS, EMPTY_PAGE, AdwBin)

void socks_empty_page_set_situation (SocksEmptyPage *self, SocksSituation situation);

G_END_DECLS
