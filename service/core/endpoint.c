/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Socket addresses as plain values: what may be written, how it is shown, and which ones
 * can never be a remote. The address alone is address.c's. Nothing here asks the system:
 * whoever knows this machine's own addresses passes them in. Pure functions, any thread. */

#include "core/endpoint.h"

#include "core/error.h"

#include <arpa/inet.h>
#include <string.h>

static gboolean
parse_port (const char *text, guint16 *out_port)
{
  guint32 port = 0;

  if (*text == '\0')
    return FALSE;

  /* By hand because strtoul() takes signs, blanks and 0x. Leading zeros are part of the
   * syntax of a socket address; the length of the whole text bounds them. */
  for (const char *digit = text; *digit != '\0'; digit++)
    {
      if (!g_ascii_isdigit (*digit))
        return FALSE;
      port = port * 10 + (guint32) (*digit - '0');
      if (port > G_MAXUINT16)
        return FALSE;
    }

  *out_port = (guint16) port;
  return TRUE;
}

/* Splits "[address]:port" or "address:port" in place; NULL if there is no such shape. */
static char *
split_port (char *text, int *out_family, char **out_address)
{
  char *address_end;

  if (text[0] == '[')
    {
      address_end = strchr (text, ']');
      if (address_end == NULL || address_end[1] != ':')
        return NULL;
      *address_end = '\0';
      *out_family = AF_INET6;
      *out_address = text + 1;
      return address_end + 2;
    }

  address_end = strchr (text, ':');
  if (address_end == NULL)
    return NULL;
  *address_end = '\0';
  *out_family = AF_INET;
  *out_address = text;
  return address_end + 1;
}

/**
 * socks_endpoint_parse:
 * @text: `[IPv6]:port` or `IPv4:port`, and nothing else: no name, zone, scheme or blank
 * @out_endpoint: (out): the endpoint; untouched on failure
 * @error: return location for a %SOCKS_ERROR_INVALID_REMOTE
 *
 * Reads a socket address as RFC 5952 section 6 writes it for IPv6 (any spelling of the
 * address that RFC 4291 section 2.2 allows) and as four decimal numbers without leading
 * zeros for IPv4. Texts over %SOCKS_ENDPOINT_PARSE_MAX_BYTES bytes are refused unread.
 *
 * Returns: whether @text is a socket address
 */
gboolean
socks_endpoint_parse (const char *text, SocksEndpoint *out_endpoint, GError **error)
{
  char copy[SOCKS_ENDPOINT_PARSE_MAX_BYTES + 1];
  char *address;
  const char *port_text;
  int family;
  SocksEndpoint endpoint = { 0 };
  struct in_addr ipv4;
  gboolean parsed = FALSE;

  if (strnlen (text, sizeof copy) < sizeof copy)
    {
      strcpy (copy, text);
      port_text = split_port (copy, &family, &address);
      if (port_text != NULL && parse_port (port_text, &endpoint.port))
        {
          /* inet_pton() is strict: four hexadecimal digits a group at most, no zone, and
           * for IPv4 four decimal parts without leading zeros. */
          if (family == AF_INET6)
            parsed = inet_pton (AF_INET6, address, &endpoint.address) == 1;
          else if (inet_pton (AF_INET, address, &ipv4) == 1)
            {
              socks_address_map_ipv4 (&ipv4, &endpoint.address);
              parsed = TRUE;
            }
        }
    }

  if (!parsed)
    {
      g_autofree char *shown = g_strndup (text, SOCKS_ENDPOINT_PARSE_MAX_BYTES);
      g_autofree char *valid = g_utf8_make_valid (shown, -1);
      g_autofree char *escaped = g_strescape (valid, NULL);

      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE,
                   "“%s” is not a socket address; write [IPv6]:port or IPv4:port, "
                   "for example [400::1]:1080",
                   escaped);
      return FALSE;
    }

  *out_endpoint = endpoint;
  return TRUE;
}

/**
 * socks_endpoint_write:
 * @endpoint: an endpoint
 * @out_text: room for the text
 *
 * Writes the shortest form (RFC 5952); an IPv4-mapped address is shown as IPv4.
 *
 * Returns: @out_text
 */
const char *
socks_endpoint_write (const SocksEndpoint *endpoint,
                      char out_text[static SOCKS_ENDPOINT_TEXT_BYTES])
{
  char address[SOCKS_ADDRESS_TEXT_BYTES];

  socks_address_write (&endpoint->address, address);
  g_snprintf (out_text, SOCKS_ENDPOINT_TEXT_BYTES,
              socks_address_is_ipv4 (&endpoint->address) ? "%s:%u" : "[%s]:%u", address,
              endpoint->port);
  return out_text;
}

/**
 * socks_endpoint_format:
 * @endpoint: an endpoint
 *
 * Returns: (transfer full): the text of socks_endpoint_write()
 */
char *
socks_endpoint_format (const SocksEndpoint *endpoint)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];

  return g_strdup (socks_endpoint_write (endpoint, text));
}

/**
 * socks_endpoint_hash:
 * @endpoint: (type SocksEndpoint): an endpoint
 *
 * Returns: a hash for a #GHashTable
 */
guint
socks_endpoint_hash (gconstpointer endpoint)
{
  const SocksEndpoint *self = endpoint;
  guint64 high, low;

  memcpy (&high, &self->address.s6_addr[0], sizeof high);
  memcpy (&low, &self->address.s6_addr[8], sizeof low);
  high = (high ^ low ^ self->port) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return (guint) (high >> 32);
}

/**
 * socks_endpoint_equal:
 * @a: (type SocksEndpoint): an endpoint
 * @b: (type SocksEndpoint): another
 *
 * Returns: whether address and port are the same
 */
gboolean
socks_endpoint_equal (gconstpointer a, gconstpointer b)
{
  return socks_endpoint_compare (a, b) == 0;
}

/**
 * socks_endpoint_compare:
 * @a: an endpoint
 * @b: another
 *
 * Returns: less than, equal to or greater than 0, by the address's bytes, then the port
 */
int
socks_endpoint_compare (const SocksEndpoint *a, const SocksEndpoint *b)
{
  int order = memcmp (&a->address, &b->address, sizeof a->address);

  return order != 0 ? order : (int) a->port - (int) b->port;
}

/**
 * socks_endpoint_to_sockaddr:
 * @endpoint: an endpoint
 * @out_sockaddr: (out): what connect() and bind() take
 *
 * An IPv4-mapped address becomes an `AF_INET` one, so that it is dialled over IPv4 even
 * where IPv6 is switched off.
 *
 * Returns: the length of @out_sockaddr in bytes
 */
socklen_t
socks_endpoint_to_sockaddr (const SocksEndpoint *endpoint,
                            struct sockaddr_storage *out_sockaddr)
{
  memset (out_sockaddr, 0, sizeof *out_sockaddr);

  if (socks_address_is_ipv4 (&endpoint->address))
    {
      struct sockaddr_in *ipv4 = (struct sockaddr_in *) out_sockaddr;

      ipv4->sin_family = AF_INET;
      ipv4->sin_port = htons (endpoint->port);
      memcpy (&ipv4->sin_addr, &endpoint->address.s6_addr[12], 4);
      return sizeof *ipv4;
    }
  else
    {
      struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *) out_sockaddr;

      ipv6->sin6_family = AF_INET6;
      ipv6->sin6_port = htons (endpoint->port);
      ipv6->sin6_addr = endpoint->address;
      return sizeof *ipv6;
    }
}

/**
 * socks_endpoint_from_sockaddr:
 * @sockaddr: an `AF_INET` or `AF_INET6` socket address, as accept() gives it
 * @out_endpoint: (out): the endpoint
 */
void
socks_endpoint_from_sockaddr (const struct sockaddr_storage *sockaddr,
                              SocksEndpoint *out_endpoint)
{
  if (sockaddr->ss_family == AF_INET)
    {
      const struct sockaddr_in *ipv4 = (const struct sockaddr_in *) sockaddr;

      socks_address_map_ipv4 (&ipv4->sin_addr, &out_endpoint->address);
      out_endpoint->port = ntohs (ipv4->sin_port);
    }
  else
    {
      const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *) sockaddr;

      g_return_if_fail (sockaddr->ss_family == AF_INET6);
      out_endpoint->address = ipv6->sin6_addr;
      out_endpoint->port = ntohs (ipv6->sin6_port);
    }
}

/* The kind of address that no TCP connection can or should go to, or NULL. */
static const char *
forbidden_kind (const struct in6_addr *address)
{
  const guint8 *bytes = address->s6_addr;

  if (socks_address_is_ipv4 (address))
    {
      const guint8 *ipv4 = bytes + 12;

      if (ipv4[0] == 0)
        return "an unspecified address";
      if (ipv4[0] == 169 && ipv4[1] == 254)
        return "a link-local address";
      if (ipv4[0] >= 224 && ipv4[0] <= 239)
        return "a multicast address";
      if (ipv4[0] >= 240)
        return "a reserved or broadcast address";
      return NULL;
    }

  if (IN6_IS_ADDR_UNSPECIFIED (address))
    return "the unspecified address";
  if (IN6_IS_ADDR_LINKLOCAL (address))
    return "a link-local address";
  if (IN6_IS_ADDR_MULTICAST (address))
    return "a multicast address";
  return NULL;
}

/**
 * socks_endpoint_check_remote:
 * @remote: where streams would be forwarded to
 * @listening_port: the port that this service listens on, open or not
 * @own_addresses: (array length=n_own_addresses): addresses of this machine; the loopback
 *   addresses need not be among them
 * @n_own_addresses: how many
 * @error: return location for a %SOCKS_ERROR_REMOTE_NOT_ALLOWED
 *
 * Refuses what can't be a remote: port 0, addresses that no TCP connection goes to, and
 * this service's own port, which would forward to itself for ever.
 *
 * Returns: whether @remote may be a remote
 */
gboolean
socks_endpoint_check_remote (const SocksEndpoint *remote,
                             guint16 listening_port,
                             const struct in6_addr *own_addresses,
                             gsize n_own_addresses,
                             GError **error)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];
  const char *kind = forbidden_kind (&remote->address);
  gboolean is_own = socks_address_is_loopback (&remote->address);

  for (gsize i = 0; i < n_own_addresses && !is_own; i++)
    is_own = memcmp (&own_addresses[i], &remote->address, sizeof remote->address) == 0;

  if (kind != NULL)
    g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED,
                 "%s is %s and can't be a remote; give the address of a proxy",
                 socks_endpoint_write (remote, text), kind);
  else if (remote->port == 0)
    g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED,
                 "%s has port 0, which can't be a remote; give the proxy's port, "
                 "usually 1080",
                 socks_endpoint_write (remote, text));
  else if (is_own && remote->port == listening_port)
    g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED,
                 "%s is this service's own port, which would forward to itself; "
                 "give the address of another machine's proxy",
                 socks_endpoint_write (remote, text));
  else
    return TRUE;

  return FALSE;
}
