/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A peer's reply to the greeting: two bytes make a verdict, less make a failure, and only
 * `05 00` makes a proxy that everybody can use. The input is the reply and what comes
 * behind it, or the number of an error. */

#include "target.h"

#include "core/greeting.h"

#include <string.h>

#define LATENCY_US 1234

static void
assert_has_names (const SocksVerdict *verdict)
{
  gboolean is_proxy = verdict->status == SOCKS_STATUS_VALID ||
                      verdict->status == SOCKS_STATUS_AUTHENTICATION_REQUIRED;

  g_assert_cmpstr (socks_status_to_string (verdict->status), !=, "");
  g_assert_cmpint (is_proxy, ==, verdict->reason == SOCKS_REASON_NONE);
  g_assert_cmpint (is_proxy, ==, *socks_reason_to_string (verdict->reason) == '\0');
}

static void
assert_reply (const guint8 reply[static SOCKS_GREETING_REPLY_BYTES])
{
  SocksVerdict verdict = socks_greeting_judge_reply (reply, LATENCY_US);

  assert_has_names (&verdict);
  g_assert_cmpuint (verdict.latency_us, ==, LATENCY_US);
  g_assert_cmpint (verdict.status == SOCKS_STATUS_VALID, ==,
                   memcmp (reply, "\x05\x00", 2) == 0);
  g_assert_cmpint (verdict.status == SOCKS_STATUS_AUTHENTICATION_REQUIRED, ==,
                   memcmp (reply, "\x05\xff", 2) == 0);
  g_assert_cmpint (verdict.reason == SOCKS_REASON_NOT_SOCKS5, ==, reply[0] != 5);
  g_assert_cmpint (verdict.status, !=, SOCKS_STATUS_NOT_LISTENING);
  g_assert_cmpint (verdict.status, !=, SOCKS_STATUS_UNPROBED);
}

static void
assert_failure (int error_number)
{
  SocksVerdict verdict = socks_greeting_judge_failure (error_number);

  assert_has_names (&verdict);
  g_assert_cmpint (verdict.status, ==, SOCKS_STATUS_NOT_LISTENING);
  g_assert_cmpint (verdict.reason == SOCKS_REASON_CLOSED, ==, error_number == 0);
  g_assert_cmpuint (verdict.latency_us, ==, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  int error_number = 0;

  if (n_bytes >= SOCKS_GREETING_REPLY_BYTES)
    assert_reply (data);
  memcpy (&error_number, data, MIN (n_bytes, sizeof error_number));
  assert_failure (error_number);
  return 0;
}
