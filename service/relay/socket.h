/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/endpoint.h"

G_BEGIN_DECLS

/**
 * SocksClosing:
 * @SOCKS_CLOSING_PLAIN: the peer sees an end of file after the last byte
 * @SOCKS_CLOSING_RESET: the peer sees a reset, and cannot take what it has for all there
 *   was
 *
 * How a socket ends.
 */
typedef enum
{
  SOCKS_CLOSING_PLAIN,
  SOCKS_CLOSING_RESET,
} SocksClosing;

int socks_socket_set_client_options (int fd);
gboolean socks_error_is_of_client (int error_number);
int socks_socket_keep_alive (int remote_fd);
int socks_socket_dial (const SocksEndpoint *remote, int *out_fd);
void socks_socket_close (int fd, SocksClosing closing);

G_END_DECLS
