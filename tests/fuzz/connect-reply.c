/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A proxy's reply to the request to connect: it is judged by the same bytes however they
 * come, never asks for more than a reply can have, and never for what it has. The input
 * is the reply and what comes behind it. */

#include "target.h"

#include "core/connect-request.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  SocksConnectReply reply = SOCKS_N_CONNECT_REPLIES;
  SocksConnectReply of_all = SOCKS_N_CONNECT_REPLIES;
  gsize n_wanted, n_wanted_by_all, n = 0;

  /* As a conversation does: what is asked for and no more. */
  while ((n_wanted = socks_connect_reply_read (data, n, &reply)) > 0 &&
         n_wanted <= n_bytes)
    {
      g_assert_cmpuint (n_wanted, >, n);
      g_assert_cmpuint (n_wanted, <=, SOCKS_CONNECT_MAX_BYTES);
      g_assert_cmpint (reply, ==, SOCKS_N_CONNECT_REPLIES);
      n = n_wanted;
    }

  /* All at once. */
  n_wanted_by_all = socks_connect_reply_read (data, n_bytes, &of_all);
  g_assert_cmpint (n_wanted_by_all == 0, ==, of_all != SOCKS_N_CONNECT_REPLIES);
  if (n_wanted == 0)
    {
      g_assert_cmpint (reply, ==, of_all);
      g_assert_cmpint (reply == SOCKS_CONNECT_REPLY_SUCCEEDED, ==,
                       *socks_connect_reply_to_string (reply) == '\0');
    }
  else
    g_assert_cmpuint (n_wanted, <=, SOCKS_CONNECT_MAX_BYTES);
  if (of_all == SOCKS_CONNECT_REPLY_SUCCEEDED)
    g_assert_cmpint (memcmp (data, "\x05\x00", 2), ==, 0);
  return 0;
}
