/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A peer is what its first two bytes say, or what its silence does. */

#include "core/greeting.h"

#include <errno.h>

static void
test_the_greeting_offers_no_method_but_none (void)
{
  static const guint8 expected[] = { 0x05, 0x01, 0x00 };

  g_assert_cmpmem (socks_greeting, sizeof socks_greeting, expected, sizeof expected);
}

static void
test_two_bytes_make_a_verdict (void)
{
  static const struct
  {
    guint8 reply[SOCKS_GREETING_REPLY_BYTES];
    SocksStatus status;
    SocksReason reason;
  } cases[] = {
    { { 0x05, 0x00 }, SOCKS_STATUS_VALID, SOCKS_REASON_NONE },
    { { 0x05, 0xff }, SOCKS_STATUS_AUTHENTICATION_REQUIRED, SOCKS_REASON_NONE },
    { { 0x05, 0x01 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_BAD_METHOD },
    { { 0x05, 0x02 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_BAD_METHOD },
    { { 0x05, 0x80 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_BAD_METHOD },
    { { 0x05, 0xfe }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_BAD_METHOD },
    { { 0x04, 0x00 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 0x04, 0xff }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 0x00, 0x00 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 0x00, 0x05 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 0x06, 0x00 }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 0xff, 0xff }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 'H', 'T' }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
    { { 'S', 'S' }, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SocksVerdict verdict = socks_greeting_judge_reply (cases[i].reply, 1234);

      g_test_message ("%02x %02x", cases[i].reply[0], cases[i].reply[1]);
      g_assert_cmpint (verdict.status, ==, cases[i].status);
      g_assert_cmpint (verdict.reason, ==, cases[i].reason);
      g_assert_cmpuint (verdict.latency_us, ==, 1234);
    }
}

/* Of the 65,536 replies one is a proxy's and one is a proxy's with a login. */
static void
test_no_other_two_bytes_are_a_proxy (void)
{
  guint n_of_status[SOCKS_N_STATUSES] = { 0 };

  for (guint bytes = 0; bytes <= G_MAXUINT16; bytes++)
    {
      guint8 reply[] = { (guint8) (bytes >> 8), (guint8) bytes };

      n_of_status[socks_greeting_judge_reply (reply, 1).status]++;
    }
  g_assert_cmpuint (n_of_status[SOCKS_STATUS_VALID], ==, 1);
  g_assert_cmpuint (n_of_status[SOCKS_STATUS_AUTHENTICATION_REQUIRED], ==, 1);
  g_assert_cmpuint (n_of_status[SOCKS_STATUS_NOT_A_PROXY], ==, 65534);
}

static void
test_each_failure_has_its_reason_and_no_latency (void)
{
  static const struct
  {
    int error_number;
    SocksReason reason;
  } cases[] = {
    { 0, SOCKS_REASON_CLOSED },
    { ECONNREFUSED, SOCKS_REASON_REFUSED },
    { ETIMEDOUT, SOCKS_REASON_TIMED_OUT },
    { ECONNRESET, SOCKS_REASON_RESET },
    { EPIPE, SOCKS_REASON_RESET },
    { ECONNABORTED, SOCKS_REASON_RESET },
    { ENETUNREACH, SOCKS_REASON_UNREACHABLE },
    { EHOSTUNREACH, SOCKS_REASON_UNREACHABLE },
    { ENETDOWN, SOCKS_REASON_UNREACHABLE },
    { EHOSTDOWN, SOCKS_REASON_UNREACHABLE },
    { EACCES, SOCKS_REASON_UNREACHABLE },
    { EPERM, SOCKS_REASON_UNREACHABLE },
    { EINVAL, SOCKS_REASON_UNREACHABLE },
    { EADDRNOTAVAIL, SOCKS_REASON_UNREACHABLE },
    { ENOPROTOOPT, SOCKS_REASON_UNREACHABLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SocksVerdict verdict = socks_greeting_judge_failure (cases[i].error_number);

      g_test_message ("%s", g_strerror (cases[i].error_number));
      g_assert_cmpint (verdict.status, ==, SOCKS_STATUS_NOT_LISTENING);
      g_assert_cmpint (verdict.reason, ==, cases[i].reason);
      g_assert_cmpuint (verdict.latency_us, ==, 0);
    }
}

/* Clients of the D-Bus interface compare these. */
static void
test_names_are_those_of_the_interface (void)
{
  static const char *const statuses[SOCKS_N_STATUSES] = {
    "Unprobed", "Valid", "AuthenticationRequired", "NotAProxy", "NotListening",
  };
  static const char *const reasons[SOCKS_N_REASONS] = {
    "", "refused", "unreachable", "timed-out", "reset", "closed", "not-socks5",
    "bad-method",
  };

  for (guint i = 0; i < SOCKS_N_STATUSES; i++)
    g_assert_cmpstr (socks_status_to_string ((SocksStatus) i), ==, statuses[i]);
  for (guint i = 0; i < SOCKS_N_REASONS; i++)
    g_assert_cmpstr (socks_reason_to_string ((SocksReason) i), ==, reasons[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/greeting/the-greeting-offers-no-method-but-none",
                   test_the_greeting_offers_no_method_but_none);
  g_test_add_func ("/greeting/two-bytes-make-a-verdict", test_two_bytes_make_a_verdict);
  g_test_add_func ("/greeting/no-other-two-bytes-are-a-proxy",
                   test_no_other_two_bytes_are_a_proxy);
  g_test_add_func ("/greeting/each-failure-has-its-reason-and-no-latency",
                   test_each_failure_has_its_reason_and_no_latency);
  g_test_add_func ("/greeting/names-are-those-of-the-interface",
                   test_names_are_those_of_the_interface);
  return g_test_run ();
}
