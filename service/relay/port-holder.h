/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

G_BEGIN_DECLS

char *socks_port_holder_describe (const SocksEndpoint *local);

G_END_DECLS
