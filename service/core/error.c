/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The error domain that all layers of the service share. */

#include "core/error.h"

G_DEFINE_QUARK (socks-error-quark, socks_error)
