/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

extern const char *const ctl_environment_names[];

char **ctl_environment_add (char **environment, const char *url);

G_END_DECLS
