/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The second exchange of SOCKS5 (RFC 1928 sections 4 to 6), by which a proxy is asked to
 * connect:
 *
 *   request, out   +-----+-----+-----+------+----------+------+
 *                  | VER | CMD | RSV | ATYP | DST.ADDR | PORT |   CMD  01: CONNECT
 *                  |  05 |  01 |  00 |      |          |  2   |   ATYP 01: 4 bytes
 *                  +-----+-----+-----+------+----------+------+        04: 16 bytes
 *   reply, in      +-----+-----+-----+------+----------+------+        03: a length
 *                  | VER | REP | RSV | ATYP | BND.ADDR | PORT |            and a name
 *                  |  05 |     |  00 |      |          |  2   |   REP  00: succeeded
 *                  +-----+-----+-----+------+----------+------+
 *
 * A failure is known by its second byte, and many proxies close behind it without the
 * rest; a success is one when all of it has come, for the next byte is the target's. Pure
 * functions, any thread. */

#include "core/connect-request.h"

#include <string.h>

#define VERSION 0x05
#define COMMAND_CONNECT 0x01
#define TYPE_IPV4 0x01
#define TYPE_NAME 0x03
#define TYPE_IPV6 0x04

#define HEAD_BYTES 4
#define PORT_BYTES 2

static gsize
write_address (const SocksTarget *target, guint8 *out_bytes)
{
  gsize length = strlen (target->name);

  if (length > 0)
    {
      out_bytes[0] = TYPE_NAME;
      out_bytes[1] = (guint8) length;
      memcpy (out_bytes + 2, target->name, length);
      return 2 + length;
    }
  if (socks_address_is_ipv4 (&target->address))
    {
      out_bytes[0] = TYPE_IPV4;
      memcpy (out_bytes + 1, &target->address.s6_addr[12], 4);
      return 1 + 4;
    }
  out_bytes[0] = TYPE_IPV6;
  memcpy (out_bytes + 1, &target->address, 16);
  return 1 + 16;
}

/**
 * socks_connect_request_write:
 * @target: where the proxy shall connect to
 * @out_bytes: room for the request
 *
 * Returns: how many bytes the request is long
 */
gsize
socks_connect_request_write (const SocksTarget *target,
                             guint8 out_bytes[static SOCKS_CONNECT_MAX_BYTES])
{
  gsize n_bytes = 3;

  out_bytes[0] = VERSION;
  out_bytes[1] = COMMAND_CONNECT;
  out_bytes[2] = 0;
  n_bytes += write_address (target, out_bytes + n_bytes);
  out_bytes[n_bytes++] = (guint8) (target->port >> 8);
  out_bytes[n_bytes++] = (guint8) target->port;
  return n_bytes;
}

/**
 * socks_connect_reply_read:
 * @bytes: what the proxy has sent since the request
 * @n_bytes: how many bytes that are
 * @out_reply: (out): what it means; untouched while that is not known
 *
 * Returns: how many bytes there must be before more is known, and no more than the whole
 *   reply has; 0 when @out_reply is set
 */
gsize
socks_connect_reply_read (const guint8 *bytes,
                          gsize n_bytes,
                          SocksConnectReply *out_reply)
{
  gsize n_address_bytes;

  if (n_bytes >= 1 && bytes[0] != VERSION)
    {
      *out_reply = SOCKS_CONNECT_REPLY_NOT_SOCKS5;
      return 0;
    }
  if (n_bytes >= 2 && bytes[1] != SOCKS_CONNECT_REPLY_SUCCEEDED)
    {
      *out_reply = MIN (bytes[1], SOCKS_CONNECT_REPLY_UNKNOWN);
      return 0;
    }
  /* Every address has a byte behind the head. */
  if (n_bytes < 2)
    return 2;
  if (n_bytes < HEAD_BYTES + 1)
    return HEAD_BYTES + 1;

  switch (bytes[3])
    {
    case TYPE_IPV4:
      n_address_bytes = 4;
      break;
    case TYPE_IPV6:
      n_address_bytes = 16;
      break;
    case TYPE_NAME:
      n_address_bytes = 1u + bytes[HEAD_BYTES];
      break;
    default:
      *out_reply = SOCKS_CONNECT_REPLY_BAD;
      return 0;
    }
  if (n_bytes < HEAD_BYTES + n_address_bytes + PORT_BYTES)
    return HEAD_BYTES + n_address_bytes + PORT_BYTES;
  *out_reply = SOCKS_CONNECT_REPLY_SUCCEEDED;
  return 0;
}

/**
 * socks_connect_reply_to_string:
 * @reply: a reply
 *
 * Returns: the word that D-Bus clients see; "" for a success
 */
const char *
socks_connect_reply_to_string (SocksConnectReply reply)
{
  static const char *const names[SOCKS_N_CONNECT_REPLIES] = {
    [SOCKS_CONNECT_REPLY_SUCCEEDED] = "",
    [SOCKS_CONNECT_REPLY_GENERAL_FAILURE] = "general-failure",
    [SOCKS_CONNECT_REPLY_NOT_ALLOWED] = "not-allowed",
    [SOCKS_CONNECT_REPLY_NETWORK_UNREACHABLE] = "network-unreachable",
    [SOCKS_CONNECT_REPLY_HOST_UNREACHABLE] = "host-unreachable",
    [SOCKS_CONNECT_REPLY_TARGET_REFUSED] = "target-refused",
    [SOCKS_CONNECT_REPLY_TTL_EXPIRED] = "ttl-expired",
    [SOCKS_CONNECT_REPLY_COMMAND_NOT_SUPPORTED] = "command-not-supported",
    [SOCKS_CONNECT_REPLY_ADDRESS_TYPE_NOT_SUPPORTED] = "address-type-not-supported",
    [SOCKS_CONNECT_REPLY_UNKNOWN] = "unknown-reply",
    [SOCKS_CONNECT_REPLY_NOT_SOCKS5] = "not-socks5",
    [SOCKS_CONNECT_REPLY_BAD] = "bad-reply",
  };

  g_return_val_if_fail ((guint) reply < SOCKS_N_CONNECT_REPLIES, "");
  return names[reply];
}
