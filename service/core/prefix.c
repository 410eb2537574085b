/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Networks in CIDR notation, and the rule who may reach a port that is open to more than
 * this machine. Pure functions, any thread. */

#include "core/prefix.h"

#include "core/address.h"

#include <string.h>

/* Bits in front of an IPv4 address in its IPv4-mapped form. */
#define MAPPED_BITS 96

/**
 * socks_prefix_parse:
 * @text: `address/length`, the bits after the length all 0; a bare address is one host
 * @out_prefix: (out): the prefix; untouched on failure
 *
 * Bits beyond the length are refused rather than dropped: `10.0.0.7/8` is more likely a
 * slip of the pen than a wish to name ten million hosts.
 *
 * Returns: whether @text is a prefix
 */
gboolean
socks_prefix_parse (const char *text, SocksPrefix *out_prefix)
{
  g_auto (GStrv) parts = g_strsplit (text, "/", 3);
  SocksPrefix prefix;
  guint most, offset;
  guint64 length;

  if (parts[0] == NULL || !socks_address_parse (parts[0], &prefix.address))
    return FALSE;

  /* Only the text tells 10.0.0.0/8 from ::ffff:10.0.0.0/104. */
  offset = strchr (parts[0], ':') == NULL ? MAPPED_BITS : 0;
  most = 128 - offset;
  length = most;
  if (parts[1] != NULL &&
      (parts[2] != NULL ||
       !g_ascii_string_to_unsigned (parts[1], 10, 0, most, &length, NULL)))
    return FALSE;

  prefix.length_bits = (guint8) (length + offset);
  for (guint bit = prefix.length_bits; bit < 128; bit++)
    if ((prefix.address.s6_addr[bit / 8] & (0x80 >> bit % 8)) != 0)
      return FALSE;

  *out_prefix = prefix;
  return TRUE;
}

/**
 * socks_prefix_format:
 * @prefix: a prefix
 *
 * Returns: (transfer full): its CIDR notation
 */
char *
socks_prefix_format (const SocksPrefix *prefix)
{
  g_autofree char *address = socks_address_format (&prefix->address);
  guint offset = socks_address_is_ipv4 (&prefix->address) ? MAPPED_BITS : 0;

  return g_strdup_printf ("%s/%u", address, prefix->length_bits - offset);
}

/**
 * socks_prefix_contains:
 * @prefix: a prefix
 * @address: an address
 *
 * Returns: whether @address lies inside @prefix. A prefix shorter than 96 bits holds no
 *   IPv4 address: `::/0` is all of IPv6, `0.0.0.0/0` all of IPv4
 */
gboolean
socks_prefix_contains (const SocksPrefix *prefix, const struct in6_addr *address)
{
  guint whole_bytes = prefix->length_bits / 8;
  guint rest_bits = prefix->length_bits % 8;
  guint8 rest_mask = (guint8) (0xff00 >> rest_bits);

  if (prefix->length_bits < MAPPED_BITS && socks_address_is_ipv4 (address))
    return FALSE;
  if (memcmp (&prefix->address, address, whole_bytes) != 0)
    return FALSE;
  return rest_bits == 0 ||
         ((prefix->address.s6_addr[whole_bytes] ^ address->s6_addr[whole_bytes]) &
          rest_mask) == 0;
}

/**
 * socks_prefix_is_overlay:
 * @prefix: a prefix
 *
 * Returns: whether all of @prefix lies inside `400::/7`, Mycelium's range
 */
gboolean
socks_prefix_is_overlay (const SocksPrefix *prefix)
{
  return prefix->length_bits >= 7 && socks_address_is_overlay (&prefix->address);
}

/**
 * socks_prefixes_admit:
 * @prefixes: (array length=n_prefixes): the networks that may connect
 * @n_prefixes: how many
 * @address: who connects
 *
 * This machine itself, by a loopback address, is always admitted. An overlay address is
 * admitted only by a prefix that names the overlay: one like `::/0` is meant for the
 * local networks, and an open port on the overlay makes this node look like a proxy of
 * its own to every other node.
 *
 * Returns: whether @address may connect
 */
gboolean
socks_prefixes_admit (const SocksPrefix *prefixes,
                      gsize n_prefixes,
                      const struct in6_addr *address)
{
  gboolean is_overlay = socks_address_is_overlay (address);

  if (socks_address_is_loopback (address))
    return TRUE;

  for (gsize i = 0; i < n_prefixes; i++)
    if (socks_prefix_contains (&prefixes[i], address) &&
        (!is_overlay || socks_prefix_is_overlay (&prefixes[i])))
      return TRUE;
  return FALSE;
}
