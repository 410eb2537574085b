/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksSelection:
 * @SOCKS_SELECTION_NONE: nothing is chosen
 * @SOCKS_SELECTION_AUTOMATIC: the service chose the remote and may choose another
 * @SOCKS_SELECTION_MANUAL: a person or program named the remote
 */
typedef enum
{
  SOCKS_SELECTION_NONE,
  SOCKS_SELECTION_AUTOMATIC,
  SOCKS_SELECTION_MANUAL,
} SocksSelection;

#define SOCKS_TYPE_MEMORY (socks_memory_get_type ())
G_DECLARE_FINAL_TYPE (SocksMemory, socks_memory, SOCKS, MEMORY, GObject)

SocksMemory *socks_memory_new (const char *path);

SocksSelection socks_memory_load (SocksMemory *self, SocksEndpoint *out_remote);
void socks_memory_save (SocksMemory *self,
                        SocksSelection selection,
                        const SocksEndpoint *remote);
void socks_memory_flush (SocksMemory *self);

G_END_DECLS
