/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The request to a proxy and its reply, byte for byte. */

#include "core/connect-request.h"

#include <string.h>

static void
expect_request (const char *text, gconstpointer expected, gsize n_expected)
{
  guint8 bytes[SOCKS_CONNECT_MAX_BYTES];
  SocksTarget target;
  gsize n_bytes;

  g_assert_true (socks_target_parse (text, &target, NULL));
  n_bytes = socks_connect_request_write (&target, bytes);
  g_assert_cmpmem (bytes, n_bytes, expected, n_expected);
}

static void
test_the_request_names_the_target (void)
{
#define EXPECT(text, bytes) expect_request (text, bytes, sizeof bytes - 1)
  EXPECT ("192.0.2.7:80", "\x05\x01\x00\x01\xc0\x00\x02\x07\x00\x50");
  EXPECT ("[2001:db8::80]:443",
          "\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\x00\x80"
          "\x01\xbb");
  EXPECT ("example.com:65535", "\x05\x01\x00\x03\x0b"
                               "example.com\xff\xff");
#undef EXPECT
}

static void
test_the_longest_name_fits (void)
{
  g_autofree char *name = g_strnfill (SOCKS_TARGET_NAME_MAX_BYTES, 'n');
  g_autofree char *text = g_strconcat (name, ":1", NULL);
  guint8 bytes[SOCKS_CONNECT_MAX_BYTES];
  SocksTarget target;

  g_assert_true (socks_target_parse (text, &target, NULL));
  g_assert_cmpuint (socks_connect_request_write (&target, bytes), ==,
                    4 + 1 + SOCKS_TARGET_NAME_MAX_BYTES + 2);
}

/* The reply is judged when that many bytes of it have come, and not a byte earlier. */
static void
expect_reply (const char *bytes, gsize n_bytes, SocksConnectReply expected)
{
  SocksConnectReply reply = SOCKS_N_CONNECT_REPLIES;

  for (gsize n = 0; n < n_bytes; n++)
    {
      gsize n_wanted = socks_connect_reply_read ((const guint8 *) bytes, n, &reply);

      g_assert_cmpuint (n_wanted, >, n);
      g_assert_cmpint (reply, ==, SOCKS_N_CONNECT_REPLIES);
    }
  g_assert_cmpuint (socks_connect_reply_read ((const guint8 *) bytes, n_bytes, &reply),
                    ==, 0);
  g_assert_cmpint (reply, ==, expected);
}

#define EXPECT(bytes, reply) expect_reply (bytes, sizeof bytes - 1, reply)

static void
test_a_success_is_one_when_all_of_it_is_there (void)
{
  EXPECT ("\x05\x00\x00\x01\0\0\0\0\0\0", SOCKS_CONNECT_REPLY_SUCCEEDED);
  EXPECT ("\x05\x00\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
          SOCKS_CONNECT_REPLY_SUCCEEDED);
  EXPECT ("\x05\x00\x00\x03\x00\0\0", SOCKS_CONNECT_REPLY_SUCCEEDED);
  EXPECT ("\x05\x00\xff\x03\x04host\0\0", SOCKS_CONNECT_REPLY_SUCCEEDED);
  EXPECT ("\x05\x00\x00\x02\x00", SOCKS_CONNECT_REPLY_BAD);
}

static void
test_a_failure_is_known_by_its_second_byte (void)
{
  EXPECT ("\x05\x01", SOCKS_CONNECT_REPLY_GENERAL_FAILURE);
  EXPECT ("\x05\x02", SOCKS_CONNECT_REPLY_NOT_ALLOWED);
  EXPECT ("\x05\x03", SOCKS_CONNECT_REPLY_NETWORK_UNREACHABLE);
  EXPECT ("\x05\x04", SOCKS_CONNECT_REPLY_HOST_UNREACHABLE);
  EXPECT ("\x05\x05", SOCKS_CONNECT_REPLY_TARGET_REFUSED);
  EXPECT ("\x05\x06", SOCKS_CONNECT_REPLY_TTL_EXPIRED);
  EXPECT ("\x05\x07", SOCKS_CONNECT_REPLY_COMMAND_NOT_SUPPORTED);
  EXPECT ("\x05\x08", SOCKS_CONNECT_REPLY_ADDRESS_TYPE_NOT_SUPPORTED);
  EXPECT ("\x05\x09", SOCKS_CONNECT_REPLY_UNKNOWN);
  EXPECT ("\x05\xff", SOCKS_CONNECT_REPLY_UNKNOWN);
}

static void
test_another_protocol_is_known_by_its_first_byte (void)
{
  EXPECT ("\x04", SOCKS_CONNECT_REPLY_NOT_SOCKS5);
  EXPECT ("H", SOCKS_CONNECT_REPLY_NOT_SOCKS5);
  EXPECT ("\0", SOCKS_CONNECT_REPLY_NOT_SOCKS5);
}

static void
test_no_reply_is_longer_than_the_room_for_it (void)
{
  SocksConnectReply reply;
  gsize n_wanted =
      socks_connect_reply_read ((const guint8 *) "\x05\x00\x00\x03\xff", 5, &reply);

  g_assert_cmpuint (n_wanted, ==, SOCKS_CONNECT_MAX_BYTES);
}

static void
test_each_reply_has_a_word_of_its_own (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);

  for (SocksConnectReply reply = 0; reply < SOCKS_N_CONNECT_REPLIES; reply++)
    g_assert_true (
        g_hash_table_add (words, (char *) socks_connect_reply_to_string (reply)));
  g_assert_cmpstr (socks_connect_reply_to_string (SOCKS_CONNECT_REPLY_SUCCEEDED), ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/connect-request/" #name, test_##name)
  ADD (the_request_names_the_target);
  ADD (the_longest_name_fits);
  ADD (a_success_is_one_when_all_of_it_is_there);
  ADD (a_failure_is_known_by_its_second_byte);
  ADD (another_protocol_is_known_by_its_first_byte);
  ADD (no_reply_is_longer_than_the_room_for_it);
  ADD (each_reply_has_a_word_of_its_own);
  return g_test_run ();
}
