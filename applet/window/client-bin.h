/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksClientBin:
 *
 * A part of the window that shows something of the client, its property `client`.
 */
#define SOCKS_TYPE_CLIENT_BIN (socks_client_bin_get_type ())
G_DECLARE_DERIVABLE_TYPE (SocksClientBin, socks_client_bin, SOCKS, CLIENT_BIN, AdwBin)

/**
 * SocksClientBinClass:
 * @update: called when what is in the set of flags differs from what is shown; when there
 *   is a new client that is everything
 */
struct _SocksClientBinClass
{
  AdwBinClass parent_class;

  void (*update) (SocksClientBin *self,
                  const SocksSnapshot *snapshot,
                  SocksSnapshotField changed);
};

/* What differs when everything does. */
#define SOCKS_CLIENT_BIN_ALL ((SocksSnapshotField) G_MAXUINT)

SocksClient *socks_client_bin_get_client (SocksClientBin *self);

G_END_DECLS
