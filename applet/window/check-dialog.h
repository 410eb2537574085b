/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksCheckDialog:
 *
 * Why not? Has the service check a proxy, and shows each step with its verdict and what
 * to do. Closing it calls the check off.
 */
#define SOCKS_TYPE_CHECK_DIALOG (socks_check_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SocksCheckDialog,
                      socks_check_dialog,
                      SOCKS,
                      CHECK_DIALOG,
                      AdwWindow)

SocksCheckDialog *
socks_check_dialog_new (GtkWindow *parent, SocksClient *client, const char *remote);

G_END_DECLS
