/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the desktop's programs find the local port. Any thread. */

#include "desktop-proxy/target.h"

#include <gio/gio.h>
#include <string.h>

/**
 * socks_desktop_target_new:
 * @listening: the property Listening: "[::]:1080"
 *
 * A socket that is bound to no address in particular is reached at 127.0.0.1, by every
 * program: IPv6 in brackets is not understood everywhere, and a name has to be looked up.
 *
 * Returns: (transfer full) (nullable): the target; %NULL where nothing listens
 */
SocksDesktopTarget *
socks_desktop_target_new (const char *listening)
{
  const char *colon = strrchr (listening, ':');
  g_autofree char *host = NULL;
  g_autoptr (GInetAddress) address = NULL;
  SocksDesktopTarget *target;
  guint64 port;

  if (colon == NULL ||
      !g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT16, &port, NULL))
    return NULL;
  if (listening[0] == '[' && colon > listening + 1 && colon[-1] == ']')
    host = g_strndup (listening + 1, colon - listening - 2);
  else
    host = g_strndup (listening, colon - listening);
  address = g_inet_address_new_from_string (host);
  if (address == NULL)
    return NULL;

  target = g_new0 (SocksDesktopTarget, 1);
  target->host = g_inet_address_get_is_any (address) ? g_strdup ("127.0.0.1")
                                                     : g_inet_address_to_string (address);
  target->port = port;
  return target;
}

SocksDesktopTarget *
socks_desktop_target_copy (const SocksDesktopTarget *target)
{
  SocksDesktopTarget *copy = g_new0 (SocksDesktopTarget, 1);

  copy->host = g_strdup (target->host);
  copy->port = target->port;
  return copy;
}

void
socks_desktop_target_free (SocksDesktopTarget *target)
{
  g_free (target->host);
  g_free (target);
}

/**
 * socks_desktop_target_equal:
 * @a: (nullable): a target
 * @b: (nullable): another
 *
 * Returns: whether they are the same, or both %NULL
 */
gboolean
socks_desktop_target_equal (const SocksDesktopTarget *a, const SocksDesktopTarget *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a->port == b->port && g_str_equal (a->host, b->host);
}
