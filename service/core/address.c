/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* IP addresses as plain values. An IPv4 address is held IPv4-mapped, so that every address
 * is 16 bytes and compared as such. Nothing here asks the system. Pure functions, any
 * thread. */

#include "core/address.h"

#include <arpa/inet.h>
#include <string.h>

#define N_GROUPS 8

/**
 * socks_address_map_ipv4:
 * @ipv4: an IPv4 address, in network byte order
 * @out_address: (out): the same, IPv4-mapped (RFC 4291 section 2.5.5.2)
 */
void
socks_address_map_ipv4 (const struct in_addr *ipv4, struct in6_addr *out_address)
{
  memset (out_address, 0, sizeof *out_address);
  out_address->s6_addr[10] = 0xff;
  out_address->s6_addr[11] = 0xff;
  memcpy (&out_address->s6_addr[12], ipv4, 4);
}

/**
 * socks_address_parse:
 * @text: an IPv6 or IPv4 address without brackets, port or zone
 * @out_address: (out): the address; untouched on failure
 *
 * Returns: whether @text is an address
 */
gboolean
socks_address_parse (const char *text, struct in6_addr *out_address)
{
  struct in_addr ipv4;

  if (inet_pton (AF_INET, text, &ipv4) == 1)
    {
      socks_address_map_ipv4 (&ipv4, out_address);
      return TRUE;
    }
  return inet_pton (AF_INET6, text, out_address) == 1;
}

static guint
get_group (const struct in6_addr *address, guint i)
{
  return (guint) address->s6_addr[2 * i] << 8 | address->s6_addr[2 * i + 1];
}

/* Not inet_ntop(), which writes `::1:5` as `::0.1.0.5`: longer, and none of the cases in
 * which RFC 5952 section 5 wants the last groups as an IPv4 address. */
static void
write_ipv6 (const struct in6_addr *address, char *text)
{
  guint run_start = N_GROUPS;
  guint run_length = 1; /* one zero alone is never written as "::" */

  for (guint i = 0; i < N_GROUPS; i++)
    {
      guint length = 0;

      while (i + length < N_GROUPS && get_group (address, i + length) == 0)
        length++;
      if (length > run_length)
        {
          run_start = i;
          run_length = length;
        }
      i += length;
    }

  for (guint i = 0; i < N_GROUPS;)
    if (i == run_start)
      {
        text = g_stpcpy (text, "::");
        i += run_length;
      }
    else
      {
        text += g_snprintf (text, sizeof "ffff", "%x", get_group (address, i));
        i++;
        if (i < N_GROUPS && i != run_start)
          text = g_stpcpy (text, ":");
      }
}

/**
 * socks_address_write:
 * @address: an address
 * @out_text: room for the text
 *
 * Writes the shortest form (RFC 5952 section 4); an IPv4-mapped address is shown as IPv4.
 *
 * Returns: @out_text
 */
const char *
socks_address_write (const struct in6_addr *address,
                     char out_text[static SOCKS_ADDRESS_TEXT_BYTES])
{
  if (socks_address_is_ipv4 (address))
    inet_ntop (AF_INET, &address->s6_addr[12], out_text, SOCKS_ADDRESS_TEXT_BYTES);
  else
    write_ipv6 (address, out_text);
  return out_text;
}

/**
 * socks_address_format:
 * @address: an address
 *
 * Returns: (transfer full): the text of socks_address_write()
 */
char *
socks_address_format (const struct in6_addr *address)
{
  char text[SOCKS_ADDRESS_TEXT_BYTES];

  return g_strdup (socks_address_write (address, text));
}

/**
 * socks_address_is_ipv4:
 * @address: an address
 *
 * Returns: whether it is an IPv4 address, held IPv4-mapped
 */
gboolean
socks_address_is_ipv4 (const struct in6_addr *address)
{
  return IN6_IS_ADDR_V4MAPPED (address);
}

/**
 * socks_address_is_loopback:
 * @address: an address
 *
 * Returns: whether it is `::1` or inside `127.0.0.0/8` (RFC 4291 section 2.5.3, RFC 1122
 *   section 3.2.1.3)
 */
gboolean
socks_address_is_loopback (const struct in6_addr *address)
{
  if (socks_address_is_ipv4 (address))
    return address->s6_addr[12] == 127;
  return IN6_IS_ADDR_LOOPBACK (address);
}

/**
 * socks_address_is_overlay:
 * @address: an address
 *
 * Returns: whether it is inside `400::/7`, Mycelium's range
 */
gboolean
socks_address_is_overlay (const struct in6_addr *address)
{
  return (address->s6_addr[0] & 0xfe) == 0x04;
}
