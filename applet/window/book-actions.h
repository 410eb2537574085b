/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/application.h"

G_BEGIN_DECLS

void socks_book_actions_add (SocksApplication *application);

G_END_DECLS
