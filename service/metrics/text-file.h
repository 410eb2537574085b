/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/file-keeper.h"

G_BEGIN_DECLS

extern const SocksFileKind socks_text_file;

G_END_DECLS
