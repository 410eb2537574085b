/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SOCKS_GREETING_BYTES 3
#define SOCKS_GREETING_REPLY_BYTES 2

/**
 * SocksStatus:
 * @SOCKS_STATUS_UNPROBED: not asked yet
 * @SOCKS_STATUS_VALID: a SOCKS5 proxy that needs no login
 * @SOCKS_STATUS_AUTHENTICATION_REQUIRED: a SOCKS5 proxy, applications must log in to it
 * @SOCKS_STATUS_NOT_A_PROXY: something else answered
 * @SOCKS_STATUS_NOT_LISTENING: nothing answered
 *
 * What a peer is, by its answer to the greeting.
 */
typedef enum
{
  SOCKS_STATUS_UNPROBED,
  SOCKS_STATUS_VALID,
  SOCKS_STATUS_AUTHENTICATION_REQUIRED,
  SOCKS_STATUS_NOT_A_PROXY,
  SOCKS_STATUS_NOT_LISTENING,
} SocksStatus;

#define SOCKS_N_STATUSES (SOCKS_STATUS_NOT_LISTENING + 1)

/**
 * SocksReason:
 * @SOCKS_REASON_NONE: a proxy, or not asked yet
 * @SOCKS_REASON_REFUSED: the connection was refused
 * @SOCKS_REASON_UNREACHABLE: there is no way to the peer
 * @SOCKS_REASON_TIMED_OUT: no whole answer in time
 * @SOCKS_REASON_RESET: the connection was reset before two bytes had come
 * @SOCKS_REASON_CLOSED: the connection was closed before two bytes had come
 * @SOCKS_REASON_NOT_SOCKS5: the first byte was not the version 5
 * @SOCKS_REASON_BAD_METHOD: version 5, but a method that was not offered
 *
 * Why a peer is no proxy.
 */
typedef enum
{
  SOCKS_REASON_NONE,
  SOCKS_REASON_REFUSED,
  SOCKS_REASON_UNREACHABLE,
  SOCKS_REASON_TIMED_OUT,
  SOCKS_REASON_RESET,
  SOCKS_REASON_CLOSED,
  SOCKS_REASON_NOT_SOCKS5,
  SOCKS_REASON_BAD_METHOD,
} SocksReason;

#define SOCKS_N_REASONS (SOCKS_REASON_BAD_METHOD + 1)

/**
 * SocksVerdict:
 * @status: what the peer is
 * @reason: why it is no proxy
 * @latency_us: from the start of the connect to the reply, in microseconds; 0 where
 *   there was no reply
 *
 * The result of one probe.
 */
typedef struct
{
  SocksStatus status;
  SocksReason reason;
  guint32 latency_us;
} SocksVerdict;

extern const guint8 socks_greeting[SOCKS_GREETING_BYTES];

SocksVerdict socks_greeting_judge_reply (const guint8 reply[SOCKS_GREETING_REPLY_BYTES],
                                         guint32 latency_us);
SocksVerdict socks_greeting_judge_failure (int error_number);

const char *socks_status_to_string (SocksStatus status);
const char *socks_reason_to_string (SocksReason reason);

G_END_DECLS
