/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One spelling for each address, so that what people write can be looked up: the
 * service's own, the shortest. With a port it is that of a remote, "[407:1f::9ab2]:1080";
 * without one it stands for every port, "407:1f::9ab2". Pure functions, any thread. */

#include "config.h"

#include "model/address-key.h"

#include <string.h>

#define PORT_MAX 65535

/**
 * socks_address_parse_host:
 * @host: an address without brackets and port
 *
 * Returns: (transfer full) (nullable): the address, an IPv4-mapped one as the IPv4
 *   address; %NULL for what is none
 */
GInetAddress *
socks_address_parse_host (const char *host)
{
  static const guint8 mapped[12] = { [10] = 0xff, [11] = 0xff };
  g_autoptr (GInetAddress) address = NULL;
  const guint8 *bytes;

  /* GLib would take the name of an interface behind it, and forget it. */
  if (strchr (host, '%') != NULL)
    return NULL;
  address = g_inet_address_new_from_string (host);
  if (address == NULL || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    return g_steal_pointer (&address);
  bytes = g_inet_address_to_bytes (address);
  if (memcmp (bytes, mapped, sizeof mapped) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof mapped, G_SOCKET_FAMILY_IPV4);
  return g_steal_pointer (&address);
}

/**
 * socks_address_parse_port:
 * @text: what is behind the last colon
 *
 * Returns: the number, from 0 to 65535; -1 for what is none
 */
int
socks_address_parse_port (const char *text)
{
  int port = 0;

  if (*text == '\0')
    return -1;
  for (const char *digit = text; *digit != '\0'; digit++)
    {
      if (!g_ascii_isdigit (*digit))
        return -1;
      port = port * 10 + (*digit - '0');
      if (port > PORT_MAX)
        return -1;
    }
  return port;
}

/* The C library writes the last four bytes of ::4:1 with dots. */
static char *
spell (GInetAddress *address)
{
  g_autofree char *text = g_inet_address_to_string (address);
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 &&
      strchr (text, '.') != NULL)
    return g_strdup_printf ("::%x:%x", bytes[12] << 8 | bytes[13],
                            bytes[14] << 8 | bytes[15]);
  return g_steal_pointer (&text);
}

/* @port_text is NULL for none. */
static char *
format (const char *host, const char *port_text)
{
  g_autoptr (GInetAddress) address = socks_address_parse_host (host);
  g_autofree char *shortest = NULL;
  int port = port_text != NULL ? socks_address_parse_port (port_text) : 0;

  if (address == NULL || (port_text != NULL && port <= 0))
    return NULL;
  shortest = spell (address);
  if (port_text == NULL)
    return g_steal_pointer (&shortest);
  return g_strdup_printf (
      g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6 ? "[%s]:%d" : "%s:%d",
      shortest, port);
}

/**
 * socks_address_key:
 * @text: an address, with a port or without, with brackets or without
 *
 * Returns: (transfer full) (nullable): its one spelling; %NULL for what is no address
 */
char *
socks_address_key (const char *text)
{
  const char *first_colon = strchr (text, ':');
  const char *end = strchr (text, ']');
  g_autofree char *host = NULL;

  if (*text == '[')
    {
      if (end == NULL || (end[1] != '\0' && end[1] != ':'))
        return NULL;
      host = g_strndup (text + 1, end - text - 1);
      /* In brackets there is nothing but IPv6. */
      if (strchr (host, ':') == NULL)
        return NULL;
      return format (host, end[1] == ':' ? end + 2 : NULL);
    }
  if (first_colon != NULL && strchr (first_colon + 1, ':') == NULL)
    {
      host = g_strndup (text, first_colon - text);
      return format (host, first_colon + 1);
    }
  return format (text, NULL);
}

/**
 * socks_address_key_get_host:
 * @key: from socks_address_key()
 *
 * Returns: (transfer full): the key that stands for every port of the same address
 */
char *
socks_address_key_get_host (const char *key)
{
  const char *last_colon = strrchr (key, ':');

  if (*key == '[')
    return g_strndup (key + 1, strcspn (key + 1, "]"));
  if (strchr (key, '.') != NULL && last_colon != NULL)
    return g_strndup (key, last_colon - key);
  return g_strdup (key);
}

/**
 * socks_address_keys_meet:
 * @a: from socks_address_key()
 * @b: the same
 *
 * Returns: whether they are the same, or one stands for every port of the other
 */
gboolean
socks_address_keys_meet (const char *a, const char *b)
{
  g_autofree char *host_of_a = socks_address_key_get_host (a);
  g_autofree char *host_of_b = socks_address_key_get_host (b);

  return g_str_equal (a, b) || g_str_equal (host_of_a, b) || g_str_equal (host_of_b, a);
}

/**
 * socks_address_key_get_remote:
 * @key: from socks_address_key()
 *
 * Returns: (transfer full): what the service is told: where no port was given, with the
 *   usual one
 */
char *
socks_address_key_get_remote (const char *key)
{
  g_autofree char *host = socks_address_key_get_host (key);

  if (!g_str_equal (host, key))
    return g_strdup (key);
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
                          SOCKS_USUAL_PORT);
}
