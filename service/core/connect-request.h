/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/target.h"

G_BEGIN_DECLS

/* Four bytes, a length and as many bytes as it can tell, a port. */
#define SOCKS_CONNECT_MAX_BYTES (4 + 1 + 255 + 2)

/**
 * SocksConnectReply:
 * @SOCKS_CONNECT_REPLY_SUCCEEDED: bytes go to the target and come from it from now on
 * @SOCKS_CONNECT_REPLY_GENERAL_FAILURE: code 1
 * @SOCKS_CONNECT_REPLY_NOT_ALLOWED: code 2, by the proxy's rules
 * @SOCKS_CONNECT_REPLY_NETWORK_UNREACHABLE: code 3
 * @SOCKS_CONNECT_REPLY_HOST_UNREACHABLE: code 4
 * @SOCKS_CONNECT_REPLY_TARGET_REFUSED: code 5
 * @SOCKS_CONNECT_REPLY_TTL_EXPIRED: code 6
 * @SOCKS_CONNECT_REPLY_COMMAND_NOT_SUPPORTED: code 7
 * @SOCKS_CONNECT_REPLY_ADDRESS_TYPE_NOT_SUPPORTED: code 8
 * @SOCKS_CONNECT_REPLY_UNKNOWN: a code that RFC 1928 does not have
 * @SOCKS_CONNECT_REPLY_NOT_SOCKS5: the first byte was not the version 5
 * @SOCKS_CONNECT_REPLY_BAD: a success with an address of no known type
 *
 * What a proxy answered to the request.
 */
typedef enum
{
  SOCKS_CONNECT_REPLY_SUCCEEDED,
  SOCKS_CONNECT_REPLY_GENERAL_FAILURE,
  SOCKS_CONNECT_REPLY_NOT_ALLOWED,
  SOCKS_CONNECT_REPLY_NETWORK_UNREACHABLE,
  SOCKS_CONNECT_REPLY_HOST_UNREACHABLE,
  SOCKS_CONNECT_REPLY_TARGET_REFUSED,
  SOCKS_CONNECT_REPLY_TTL_EXPIRED,
  SOCKS_CONNECT_REPLY_COMMAND_NOT_SUPPORTED,
  SOCKS_CONNECT_REPLY_ADDRESS_TYPE_NOT_SUPPORTED,
  SOCKS_CONNECT_REPLY_UNKNOWN,
  SOCKS_CONNECT_REPLY_NOT_SOCKS5,
  SOCKS_CONNECT_REPLY_BAD,
} SocksConnectReply;

#define SOCKS_N_CONNECT_REPLIES (SOCKS_CONNECT_REPLY_BAD + 1)

gsize socks_connect_request_write (const SocksTarget *target,
                                   guint8 out_bytes[static SOCKS_CONNECT_MAX_BYTES]);
gsize socks_connect_reply_read (const guint8 *bytes,
                                gsize n_bytes,
                                SocksConnectReply *out_reply);
const char *socks_connect_reply_to_string (SocksConnectReply reply);

G_END_DECLS
