/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/snapshot.h"

G_BEGIN_DECLS

/* Longer texts are no address, whatever they say. */
#define SOCKS_ADDRESS_MAX_BYTES 64

/**
 * SocksAddressVerdict:
 * @SOCKS_ADDRESS_FINE: the service takes it
 * @SOCKS_ADDRESS_EMPTY: nothing is written yet
 * @SOCKS_ADDRESS_UNFINISHED: the beginning of an address in brackets
 * @SOCKS_ADDRESS_NO_PORT: an address, and no port yet
 * @SOCKS_ADDRESS_NO_BRACKETS: an IPv6 address without brackets
 * @SOCKS_ADDRESS_BLANK: there is a blank in it
 * @SOCKS_ADDRESS_TOO_LONG: over %SOCKS_ADDRESS_MAX_BYTES
 * @SOCKS_ADDRESS_SCHEME: it is written as the address of a page
 * @SOCKS_ADDRESS_NAME: a name in place of an address
 * @SOCKS_ADDRESS_ZONE: the name of an interface is part of it
 * @SOCKS_ADDRESS_BAD_IPV6: what is in brackets is no IPv6 address
 * @SOCKS_ADDRESS_BAD_IPV4: four numbers are expected
 * @SOCKS_ADDRESS_BAD_PORT: the port is no number from 1 to 65535
 * @SOCKS_ADDRESS_FORBIDDEN: no connection goes to such an address
 * @SOCKS_ADDRESS_OWN_PORT: the local port itself
 * @SOCKS_ADDRESS_BAD: something else
 *
 * What is to be said of a text that is to become the address of a proxy.
 */
typedef enum
{
  SOCKS_ADDRESS_FINE,
  SOCKS_ADDRESS_EMPTY,
  SOCKS_ADDRESS_UNFINISHED,
  SOCKS_ADDRESS_NO_PORT,
  SOCKS_ADDRESS_NO_BRACKETS,
  SOCKS_ADDRESS_BLANK,
  SOCKS_ADDRESS_TOO_LONG,
  SOCKS_ADDRESS_SCHEME,
  SOCKS_ADDRESS_NAME,
  SOCKS_ADDRESS_ZONE,
  SOCKS_ADDRESS_BAD_IPV6,
  SOCKS_ADDRESS_BAD_IPV4,
  SOCKS_ADDRESS_BAD_PORT,
  SOCKS_ADDRESS_FORBIDDEN,
  SOCKS_ADDRESS_OWN_PORT,
  SOCKS_ADDRESS_BAD,
} SocksAddressVerdict;

#define SOCKS_N_ADDRESS_VERDICTS (SOCKS_ADDRESS_BAD + 1)

SocksAddressVerdict socks_address_check (const char *text, const SocksSnapshot *snapshot);
gboolean socks_address_verdict_may_become_fine (SocksAddressVerdict verdict);
const char *socks_address_verdict_text (SocksAddressVerdict verdict);

G_END_DECLS
