/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The first exchange of SOCKS5 (RFC 1928 section 3), which is all that a probe speaks:
 *
 *   greeting, out          +-----+----------+---------+
 *                          | VER | NMETHODS | METHODS |
 *                          |  05 |    01    |   00    |   00: no authentication
 *                          +-----+----------+---------+
 *   reply, in              +-----+--------+
 *                          | VER | METHOD |   00: a proxy without login
 *                          |  05 | 00/ff  |   ff: none of the methods offered
 *                          +-----+--------+
 *
 * A proxy that wants a login answers `05 ff`, because no other method was offered. Pure
 * functions, any thread. */

#include "core/greeting.h"

#include <errno.h>

#define VERSION 0x05
#define METHOD_NONE_NEEDED 0x00
#define METHOD_NONE_ACCEPTABLE 0xff

const guint8 socks_greeting[SOCKS_GREETING_BYTES] = { VERSION, 1, METHOD_NONE_NEEDED };

/**
 * socks_greeting_judge_reply:
 * @reply: the first two bytes that the peer sent, whenever they came
 * @latency_us: how long they took, in microseconds
 *
 * Returns: the verdict on the peer
 */
SocksVerdict
socks_greeting_judge_reply (const guint8 reply[SOCKS_GREETING_REPLY_BYTES],
                            guint32 latency_us)
{
  SocksVerdict verdict = { SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NONE, latency_us };

  if (reply[0] != VERSION)
    verdict.reason = SOCKS_REASON_NOT_SOCKS5;
  else if (reply[1] == METHOD_NONE_NEEDED)
    verdict.status = SOCKS_STATUS_VALID;
  else if (reply[1] == METHOD_NONE_ACCEPTABLE)
    verdict.status = SOCKS_STATUS_AUTHENTICATION_REQUIRED;
  else
    verdict.reason = SOCKS_REASON_BAD_METHOD;

  return verdict;
}

/**
 * socks_greeting_judge_failure:
 * @error_number: the errno of the connection, or 0 if the peer closed it
 *
 * Returns: the verdict on a peer that did not send two bytes
 */
SocksVerdict
socks_greeting_judge_failure (int error_number)
{
  SocksVerdict verdict = { SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_UNREACHABLE, 0 };

  switch (error_number)
    {
    case 0:
      verdict.reason = SOCKS_REASON_CLOSED;
      break;
    case ECONNREFUSED:
      verdict.reason = SOCKS_REASON_REFUSED;
      break;
    case ETIMEDOUT:
      verdict.reason = SOCKS_REASON_TIMED_OUT;
      break;
    case ECONNRESET:
    case EPIPE:
    case ECONNABORTED:
      verdict.reason = SOCKS_REASON_RESET;
      break;
    default:
      /* No route, a prohibited or black-holed one, an interface that is gone: each has
       * an errno of its own, and to the reader they are one thing. */
      break;
    }

  return verdict;
}

/**
 * socks_status_to_string:
 * @status: a status other than %SOCKS_STATUS_UNPROBED, which also has a name here
 *
 * Returns: the name that D-Bus clients see
 */
const char *
socks_status_to_string (SocksStatus status)
{
  static const char *const names[SOCKS_N_STATUSES] = {
    [SOCKS_STATUS_UNPROBED] = "Unprobed",
    [SOCKS_STATUS_VALID] = "Valid",
    [SOCKS_STATUS_AUTHENTICATION_REQUIRED] = "AuthenticationRequired",
    [SOCKS_STATUS_NOT_A_PROXY] = "NotAProxy",
    [SOCKS_STATUS_NOT_LISTENING] = "NotListening",
  };

  g_return_val_if_fail ((guint) status < SOCKS_N_STATUSES, "");
  return names[status];
}

/**
 * socks_reason_to_string:
 * @reason: a reason
 *
 * Returns: the word that D-Bus clients see; "" for %SOCKS_REASON_NONE
 */
const char *
socks_reason_to_string (SocksReason reason)
{
  static const char *const names[SOCKS_N_REASONS] = {
    [SOCKS_REASON_NONE] = "",
    [SOCKS_REASON_REFUSED] = "refused",
    [SOCKS_REASON_UNREACHABLE] = "unreachable",
    [SOCKS_REASON_TIMED_OUT] = "timed-out",
    [SOCKS_REASON_RESET] = "reset",
    [SOCKS_REASON_CLOSED] = "closed",
    [SOCKS_REASON_NOT_SOCKS5] = "not-socks5",
    [SOCKS_REASON_BAD_METHOD] = "bad-method",
  };

  g_return_val_if_fail ((guint) reason < SOCKS_N_REASONS, "");
  return names[reason];
}
