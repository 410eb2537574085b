/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/snapshot.h"

G_BEGIN_DECLS

extern const char *const socks_port_text_rivals[];

char *socks_port_text_url (const SocksSnapshot *snapshot);
char *socks_port_text_shell (const SocksSnapshot *snapshot);
const char *socks_port_text_reach (const SocksSnapshot *snapshot);

G_END_DECLS
