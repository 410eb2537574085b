/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"
#include "relay/stream-home.h"

G_BEGIN_DECLS

/**
 * SocksStream:
 *
 * One connection through the relay. It belongs to its home, which frees it after its end.
 */
typedef struct _SocksStream SocksStream;

void socks_stream_start (SocksStreamHome *home,
                         int client_fd,
                         const SocksEndpoint *remote,
                         guint generation);
guint socks_stream_get_generation (const SocksStream *stream);
void socks_stream_cut (SocksStream *stream);
void socks_stream_grow_up (SocksStream *stream);
void socks_stream_give_up_dialling (SocksStream *stream);

G_END_DECLS
