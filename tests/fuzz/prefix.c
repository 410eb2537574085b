/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A network in CIDR notation: what is accepted comes back from its text, ends where it
 * says, and does not let the overlay in by accident. The input is a prefix, a blank and
 * an address that asks to be let in. */

#include "target.h"

#include "core/address.h"
#include "core/prefix.h"

#include <string.h>

static void
assert_comes_back (const SocksPrefix *prefix)
{
  g_autofree char *text = socks_prefix_format (prefix);
  SocksPrefix again;

  g_assert_true (socks_prefix_parse (text, &again));
  g_assert_cmpmem (&again.address, sizeof again.address, &prefix->address,
                   sizeof prefix->address);
  g_assert_cmpuint (again.length_bits, ==, prefix->length_bits);
}

/* The bit before the end counts, the bit behind it does not. */
static void
assert_ends_where_it_says (const SocksPrefix *prefix)
{
  struct in6_addr beside = prefix->address;
  guint last = prefix->length_bits - 1u;
  guint first_free = prefix->length_bits;

  if (first_free < 128)
    {
      beside.s6_addr[first_free / 8] ^= (guint8) (0x80 >> first_free % 8);
      /* A short prefix is one of IPv6 and holds no IPv4 address. */
      if (prefix->length_bits >= 96 || !socks_address_is_ipv4 (&beside))
        g_assert_true (socks_prefix_contains (prefix, &beside));
    }
  if (prefix->length_bits > 0)
    {
      beside = prefix->address;
      beside.s6_addr[last / 8] ^= (guint8) (0x80 >> last % 8);
      g_assert_false (socks_prefix_contains (prefix, &beside));
    }
}

static void
assert_admits_only_who_may (const SocksPrefix *prefix, const struct in6_addr *address)
{
  gboolean is_admitted = socks_prefixes_admit (prefix, 1, address);

  if (socks_address_is_loopback (address))
    g_assert_true (is_admitted);
  else if (socks_address_is_overlay (address))
    g_assert_cmpint (is_admitted, ==,
                     socks_prefix_is_overlay (prefix) &&
                         socks_prefix_contains (prefix, address));
  else
    g_assert_cmpint (is_admitted, ==, socks_prefix_contains (prefix, address));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes)
{
  g_autofree char *text = target_dup_text (data, n_bytes);
  char *blank = strchr (text, ' ');
  SocksPrefix prefix, untouched;
  struct in6_addr address;

  if (blank != NULL)
    *blank = '\0';
  memset (&prefix, 0x5a, sizeof prefix);
  untouched = prefix;
  if (!socks_prefix_parse (text, &prefix))
    {
      g_assert_cmpmem (&prefix, sizeof prefix, &untouched, sizeof untouched);
      return 0;
    }

  g_assert_cmpuint (prefix.length_bits, <=, 128);
  assert_comes_back (&prefix);
  assert_ends_where_it_says (&prefix);
  assert_admits_only_who_may (&prefix, &prefix.address);
  if (blank != NULL && socks_address_parse (blank + 1, &address))
    assert_admits_only_who_may (&prefix, &address);
  return 0;
}
