/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a proxy is asked to connect to: an address or the name of a host, and a port. The
 * name is the proxy's to look up; nothing here asks for it. Pure functions, any thread.
 */

#include "core/target.h"

#include "core/error.h"

#include <string.h>

#define TEXT_MAX_BYTES (SOCKS_TARGET_NAME_MAX_BYTES + 1 + 5)

/* What names of hosts are written with; names in other scripts have such a form too. One
 * without a letter would be an address that is none, as 192.0.2.300. */
static gboolean
is_host_name (const char *text, gsize n_bytes)
{
  gboolean has_letter = FALSE;

  for (gsize i = 0; i < n_bytes; i++)
    {
      if (!g_ascii_isalnum (text[i]) && strchr ("-._", text[i]) == NULL)
        return FALSE;
      has_letter = has_letter || g_ascii_isalpha (text[i]);
    }
  return has_letter && n_bytes <= SOCKS_TARGET_NAME_MAX_BYTES;
}

/* The port as a socket address has it, for there is one way to write it. */
static gboolean
read_port (const char *text, guint16 *out_port)
{
  g_autofree char *some_address = g_strconcat ("127.0.0.1:", text, NULL);
  SocksEndpoint endpoint;

  if (!socks_endpoint_parse (some_address, &endpoint, NULL))
    return FALSE;
  *out_port = endpoint.port;
  return TRUE;
}

static gboolean
read_target (const char *text, SocksTarget *out_target)
{
  SocksEndpoint endpoint;
  const char *colon;

  if (socks_endpoint_parse (text, &endpoint, NULL))
    {
      out_target->address = endpoint.address;
      out_target->port = endpoint.port;
      return TRUE;
    }
  colon = strchr (text, ':');
  if (colon == NULL || !is_host_name (text, (gsize) (colon - text)) ||
      !read_port (colon + 1, &out_target->port))
    return FALSE;
  memcpy (out_target->name, text, (gsize) (colon - text));
  return TRUE;
}

/**
 * socks_target_parse:
 * @text: `[IPv6]:port`, `IPv4:port` or `name:port`
 * @out_target: (out): the target; untouched on failure
 * @error: return location for a %SOCKS_ERROR_INVALID_TARGET
 *
 * Returns: whether @text is a target
 */
gboolean
socks_target_parse (const char *text, SocksTarget *out_target, GError **error)
{
  SocksTarget target = { 0 };

  if (strnlen (text, TEXT_MAX_BYTES + 1) <= TEXT_MAX_BYTES &&
      read_target (text, &target) && target.port != 0)
    {
      *out_target = target;
      return TRUE;
    }
  else
    {
      g_autofree char *shown = g_strndup (text, SOCKS_ENDPOINT_PARSE_MAX_BYTES);
      g_autofree char *valid = g_utf8_make_valid (shown, -1);
      g_autofree char *escaped = g_strescape (valid, NULL);

      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_TARGET,
                   "“%s” is not a target; write host:port, for example "
                   "example.com:443",
                   escaped);
      return FALSE;
    }
}
