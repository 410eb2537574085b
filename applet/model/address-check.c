/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether a text is the address of a proxy, and what is wrong with it where it is not, so
 * that it can be said while the text is typed. The service judges again, and its judgement
 * counts: here it is only told beforehand, by the same rules. Pure functions, any thread.
 */

#include "config.h"

#include "model/address-check.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/address-key.h"

static const char *const sentences[] = {
  [SOCKS_ADDRESS_FINE] = "",
  [SOCKS_ADDRESS_EMPTY] = "",
  [SOCKS_ADDRESS_UNFINISHED] = N_ ("Close the bracket, then add the port: ]:1080"),
  [SOCKS_ADDRESS_NO_PORT] = N_ ("Add the port at the end, usually :1080"),
  [SOCKS_ADDRESS_NO_BRACKETS] =
      N_ ("Put the address in brackets, and the port after them: [407:1f::9ab2]:1080"),
  [SOCKS_ADDRESS_BLANK] = N_ ("There can be no blank in an address."),
  [SOCKS_ADDRESS_TOO_LONG] = N_ ("This is too long for an address."),
  [SOCKS_ADDRESS_SCHEME] = N_ ("Leave out what is before or behind the address: only "
                               "[address]:port is needed."),
  [SOCKS_ADDRESS_NAME] = N_ ("No address has this name. Write another name, or an "
                             "address, as in [407:1f::9ab2]:1080"),
  [SOCKS_ADDRESS_ZONE] = N_ ("Leave out the “%” and what follows it in the brackets."),
  [SOCKS_ADDRESS_BAD_IPV6] = N_ ("What is in the brackets is not an IPv6 address."),
  [SOCKS_ADDRESS_BAD_IPV4] =
      N_ ("An IPv4 address has four numbers from 0 to 255, as in 192.0.2.7:1080"),
  [SOCKS_ADDRESS_BAD_PORT] = N_ ("The port is a number from 1 to 65535."),
  [SOCKS_ADDRESS_FORBIDDEN] = N_ ("No proxy can be at this address."),
  [SOCKS_ADDRESS_OWN_PORT] =
      N_ ("This is the local port itself. Enter the address of another computer."),
  [SOCKS_ADDRESS_BAD] = N_ ("Write [address]:port, as in [407:1f::9ab2]:1080"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (sentences) == SOCKS_N_ADDRESS_VERDICTS);

static gboolean
is_forbidden (GInetAddress *address)
{
  if (g_inet_address_get_is_any (address) || g_inet_address_get_is_multicast (address) ||
      g_inet_address_get_is_link_local (address))
    return TRUE;
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    {
      guint8 first = g_inet_address_to_bytes (address)[0];

      return first == 0 || first >= 240;
    }
  return FALSE;
}

/* Of this computer the client knows the loopback addresses and the one on the overlay. */
static gboolean
is_own_port (GInetAddress *address, int port, const SocksSnapshot *snapshot)
{
  const char *listening_port = strrchr (snapshot->listening, ':');
  g_autoptr (GInetAddress) node = g_inet_address_new_from_string (snapshot->node_address);

  if (listening_port == NULL || socks_address_parse_port (listening_port + 1) != port)
    return FALSE;
  return g_inet_address_get_is_loopback (address) ||
         (node != NULL && g_inet_address_equal (address, node));
}

/* Only what IPv6 addresses are made of, and at least two colons; one bracket may be there.
 */
static gboolean
looks_like_ipv6 (const char *text)
{
  const char *colon = strchr (text, ':');

  return text[strspn (text, "0123456789abcdefABCDEF:.]")] == '\0' && colon != NULL &&
         strchr (colon + 1, ':') != NULL;
}

static SocksAddressVerdict
check_target (GInetAddress *address, const char *port_text, const SocksSnapshot *snapshot)
{
  int port = socks_address_parse_port (port_text);

  if (*port_text == '\0')
    return SOCKS_ADDRESS_NO_PORT;
  if (port <= 0)
    return SOCKS_ADDRESS_BAD_PORT;
  if (is_forbidden (address))
    return SOCKS_ADDRESS_FORBIDDEN;
  return is_own_port (address, port, snapshot) ? SOCKS_ADDRESS_OWN_PORT
                                               : SOCKS_ADDRESS_FINE;
}

/* @text is behind the opening bracket. */
static SocksAddressVerdict
check_ipv6 (const char *text, const SocksSnapshot *snapshot)
{
  const char *end = strchr (text, ']');
  g_autofree char *host =
      g_strndup (text, end != NULL ? (gsize) (end - text) : strlen (text));
  g_autoptr (GInetAddress) address = NULL;

  if (strchr (host, '%') != NULL)
    return SOCKS_ADDRESS_ZONE;
  if (end == NULL)
    return host[strspn (host, "0123456789abcdefABCDEF:.")] == '\0'
               ? SOCKS_ADDRESS_UNFINISHED
               : SOCKS_ADDRESS_BAD_IPV6;
  /* A dotted IPv4 address alone has no place in brackets. */
  address = strchr (host, ':') != NULL ? socks_address_parse_host (host) : NULL;
  if (address == NULL)
    return SOCKS_ADDRESS_BAD_IPV6;
  if (end[1] == '\0')
    return SOCKS_ADDRESS_NO_PORT;
  return end[1] == ':' ? check_target (address, end + 2, snapshot) : SOCKS_ADDRESS_BAD;
}

static SocksAddressVerdict
check_ipv4 (const char *text, const SocksSnapshot *snapshot)
{
  const char *colon = strchr (text, ':');
  g_autofree char *host =
      g_strndup (text, colon != NULL ? (gsize) (colon - text) : strlen (text));
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return colon != NULL ? check_target (address, colon + 1, snapshot)
                         : SOCKS_ADDRESS_NO_PORT;
  if (*host == '\0')
    return SOCKS_ADDRESS_BAD;
  return host[strspn (host, "0123456789.")] == '\0' ? SOCKS_ADDRESS_BAD_IPV4
                                                    : SOCKS_ADDRESS_NAME;
}

/**
 * socks_address_check:
 * @text: what was typed
 * @snapshot: of it the local port and this node's address are needed
 *
 * Judges as the service does: `[IPv6]:port` or `IPv4:port` and nothing else. Of this
 * computer's addresses it knows fewer than the service, which may so refuse what is
 * %SOCKS_ADDRESS_FINE here, but takes nothing that is not.
 *
 * Returns: the verdict
 */
SocksAddressVerdict
socks_address_check (const char *text, const SocksSnapshot *snapshot)
{
  if (*text == '\0')
    return SOCKS_ADDRESS_EMPTY;
  if (strlen (text) > SOCKS_ADDRESS_MAX_BYTES)
    return SOCKS_ADDRESS_TOO_LONG;
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_isspace (*c))
      return SOCKS_ADDRESS_BLANK;
  if (strchr (text, '/') != NULL || strchr (text, '@') != NULL ||
      strchr (text, ';') != NULL)
    return SOCKS_ADDRESS_SCHEME;
  if (text[0] == '[')
    return check_ipv6 (text + 1, snapshot);
  return looks_like_ipv6 (text) ? SOCKS_ADDRESS_NO_BRACKETS : check_ipv4 (text, snapshot);
}

/**
 * socks_address_verdict_may_become_fine:
 * @verdict: a verdict
 *
 * Returns: whether more characters at the end can make it an address, so that nothing is
 *   wrong yet
 */
gboolean
socks_address_verdict_may_become_fine (SocksAddressVerdict verdict)
{
  return verdict == SOCKS_ADDRESS_FINE || verdict == SOCKS_ADDRESS_EMPTY ||
         verdict == SOCKS_ADDRESS_UNFINISHED || verdict == SOCKS_ADDRESS_NO_PORT;
}

/**
 * socks_address_verdict_text:
 * @verdict: a verdict
 *
 * Returns: what is missing or wrong; "" for nothing
 */
const char *
socks_address_verdict_text (SocksAddressVerdict verdict)
{
  return *sentences[verdict] != '\0' ? _ (sentences[verdict]) : "";
}
