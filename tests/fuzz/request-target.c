/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client asks Check to ask a proxy for: a target makes a request of the length
 * that it tells itself, and everything else an error that can be shown. The input is the
 * text. */

#include "target.h"

#include "core/connect-request.h"
#include "core/error.h"

#include <string.h>

static void
assert_request (const SocksTarget *target)
{
  guint8 bytes[SOCKS_CONNECT_MAX_BYTES];
  gsize n_bytes = socks_connect_request_write (target, bytes);
  gsize n_address_bytes = bytes[3] == 1 ? 4 : bytes[3] == 4 ? 16 : 1u + bytes[4];

  g_assert_cmpmem (bytes, 3, "\x05\x01\x00", 3);
  g_assert_cmpuint (n_bytes, ==, 4 + n_address_bytes + 2);
  g_assert_cmpint (bytes[3] == 3, ==, *target->name != '\0');
  g_assert_cmpuint (bytes[n_bytes - 2] << 8 | bytes[n_bytes - 1], ==, target->port);
  g_assert_cmpuint (target->port, >, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autofree char *text = target_dup_text (data, n_bytes);
  g_autoptr (GError) error = NULL;
  SocksTarget target;

  if (socks_target_parse (text, &target, &error))
    assert_request (&target);
  else
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_TARGET);
      target_assert_is_shown_safely (error->message);
    }
  return 0;
}
