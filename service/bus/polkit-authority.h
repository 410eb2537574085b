/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus/authority.h"

G_BEGIN_DECLS

#define SOCKS_TYPE_POLKIT_AUTHORITY (socks_polkit_authority_get_type ())
G_DECLARE_FINAL_TYPE (SocksPolkitAuthority,
                      socks_polkit_authority,
                      SOCKS,
                      POLKIT_AUTHORITY,
                      GObject)

SocksAuthority *socks_polkit_authority_new (GDBusConnection *system_bus);

G_END_DECLS
