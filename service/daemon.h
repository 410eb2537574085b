/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/settings.h"

G_BEGIN_DECLS

int socks_daemon_run (SocksSettings *settings);

G_END_DECLS
