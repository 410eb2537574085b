/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "window/application.h"

G_BEGIN_DECLS

void socks_actions_add (SocksApplication *application);
void socks_actions_repeat_state (GSimpleAction *action);

G_END_DECLS
