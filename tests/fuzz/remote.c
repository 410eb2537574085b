/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A remote as text: what is accepted comes back from its shortest form, and from what the
 * kernel takes for it. */

#include "target.h"

#include "core/endpoint.h"
#include "core/error.h"

#include <string.h>

static void
assert_comes_back (const SocksEndpoint *endpoint)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES], text_again[SOCKS_ENDPOINT_TEXT_BYTES];
  struct sockaddr_storage sockaddr;
  SocksEndpoint again;

  socks_endpoint_write (endpoint, text);
  g_assert_true (socks_endpoint_parse (text, &again, NULL));
  g_assert_true (socks_endpoint_equal (&again, endpoint));
  g_assert_cmpuint (socks_endpoint_hash (&again), ==, socks_endpoint_hash (endpoint));
  g_assert_cmpstr (socks_endpoint_write (&again, text_again), ==, text);

  socks_endpoint_to_sockaddr (endpoint, &sockaddr);
  socks_endpoint_from_sockaddr (&sockaddr, &again);
  g_assert_true (socks_endpoint_equal (&again, endpoint));
}

/* Whatever may be a remote is not so any more when it is this service's own. */
static void
assert_own_is_not_allowed (const SocksEndpoint *remote)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (remote->port, !=, 0);
  g_assert_false (socks_endpoint_check_remote (remote, remote->port, &remote->address, 1,
                                               &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED);
  target_assert_is_shown_safely (error->message);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autofree char *text = target_dup_text (data, n_bytes);
  g_autoptr (GError) error = NULL;
  SocksEndpoint endpoint, untouched;

  memset (&endpoint, 0x5a, sizeof endpoint);
  untouched = endpoint;
  if (!socks_endpoint_parse (text, &endpoint, &error))
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE);
      g_assert_cmpmem (&endpoint, sizeof endpoint, &untouched, sizeof untouched);
      target_assert_is_shown_safely (error->message);
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (strlen (text), <=, SOCKS_ENDPOINT_PARSE_MAX_BYTES);
  assert_comes_back (&endpoint);
  if (socks_endpoint_check_remote (&endpoint, 1080, NULL, 0, &error))
    assert_own_is_not_allowed (&endpoint);
  else
    target_assert_is_shown_safely (error->message);
  return 0;
}
