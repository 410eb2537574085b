/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SocksFindingKind:
 *
 * The steps of a check: whether the node answers, has a route, the remote takes a
 * connection, answers the greeting, needs no login, connects to the target, and the local
 * port is to be had.
 */
typedef enum
{
  SOCKS_FINDING_NODE,
  SOCKS_FINDING_ROUTE,
  SOCKS_FINDING_TCP,
  SOCKS_FINDING_GREETING,
  SOCKS_FINDING_LOGIN,
  SOCKS_FINDING_FORWARDING,
  SOCKS_FINDING_LOCAL_PORT,
} SocksFindingKind;

#define SOCKS_N_FINDING_KINDS (SOCKS_FINDING_LOCAL_PORT + 1)

/**
 * SocksFindingResult:
 * @SOCKS_FINDING_SKIPPED: not tried
 * @SOCKS_FINDING_PASSED: all is well
 * @SOCKS_FINDING_WARNING: it works, but not without doing something
 * @SOCKS_FINDING_FAILED: it does not work
 *
 * How a step ended.
 */
typedef enum
{
  SOCKS_FINDING_SKIPPED,
  SOCKS_FINDING_PASSED,
  SOCKS_FINDING_WARNING,
  SOCKS_FINDING_FAILED,
} SocksFindingResult;

/**
 * SocksFindingReason:
 * @SOCKS_FINDING_REASON_NONE: none was told
 * @SOCKS_FINDING_REASON_OTHER: one that a later service knows
 *
 * Why a step ended so; documented with the method Check.
 */
typedef enum
{
  SOCKS_FINDING_REASON_NONE,
  SOCKS_FINDING_REASON_NO_ANSWER,
  SOCKS_FINDING_REASON_BAD_ANSWER,
  SOCKS_FINDING_REASON_NO_ROUTE,
  SOCKS_FINDING_REASON_OUTSIDE_OVERLAY,
  SOCKS_FINDING_REASON_REFUSED,
  SOCKS_FINDING_REASON_UNREACHABLE,
  SOCKS_FINDING_REASON_TIMED_OUT,
  SOCKS_FINDING_REASON_RESET,
  SOCKS_FINDING_REASON_CLOSED,
  SOCKS_FINDING_REASON_NOT_SOCKS5,
  SOCKS_FINDING_REASON_BAD_METHOD,
  SOCKS_FINDING_REASON_LOGIN_REQUIRED,
  SOCKS_FINDING_REASON_NO_TARGET,
  SOCKS_FINDING_REASON_GENERAL_FAILURE,
  SOCKS_FINDING_REASON_NOT_ALLOWED,
  SOCKS_FINDING_REASON_NETWORK_UNREACHABLE,
  SOCKS_FINDING_REASON_HOST_UNREACHABLE,
  SOCKS_FINDING_REASON_TARGET_REFUSED,
  SOCKS_FINDING_REASON_TTL_EXPIRED,
  SOCKS_FINDING_REASON_COMMAND_NOT_SUPPORTED,
  SOCKS_FINDING_REASON_ADDRESS_TYPE_NOT_SUPPORTED,
  SOCKS_FINDING_REASON_UNKNOWN_REPLY,
  SOCKS_FINDING_REASON_BAD_REPLY,
  SOCKS_FINDING_REASON_FREE,
  SOCKS_FINDING_REASON_OTHER_REMOTE,
  SOCKS_FINDING_REASON_IN_USE,
  SOCKS_FINDING_REASON_NOT_TO_BE_OPENED,
  SOCKS_FINDING_REASON_OTHER,
} SocksFindingReason;

#define SOCKS_N_FINDING_REASONS (SOCKS_FINDING_REASON_OTHER + 1)

#define SOCKS_TYPE_FINDING_KIND (socks_finding_kind_get_type ())
#define SOCKS_TYPE_FINDING_RESULT (socks_finding_result_get_type ())
#define SOCKS_TYPE_FINDING_REASON (socks_finding_reason_get_type ())

GType socks_finding_kind_get_type (void);
GType socks_finding_result_get_type (void);
GType socks_finding_reason_get_type (void);

/**
 * SocksFinding:
 * @kind: which step
 * @result: how it ended
 * @reason: why
 * @duration_us: how long it took; 0 where it was not tried
 *
 * One step of a check as a plain value.
 */
typedef struct
{
  SocksFindingKind kind;
  SocksFindingResult result;
  SocksFindingReason reason;
  gint64 duration_us;
} SocksFinding;

GArray *socks_findings_read (GVariant *steps);
const SocksFinding *socks_findings_get_problem (const GArray *findings);

G_END_DECLS
