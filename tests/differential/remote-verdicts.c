/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Says what the service thinks of each remote that it reads, for remotes.py to compare:
 *
 *   in    texts that end with a NUL
 *   out   a line for each: “invalid”, or the shortest form, “overlay” or “elsewhere”, and
 *         “allowed” or the sentence why not
 *
 * Its arguments are the listening port and this machine's own addresses. */

#include "core/endpoint.h"

#include "core/error.h"

#include <stdio.h>
#include <stdlib.h>

static void
judge (const char *text, guint16 listening_port, const GArray *own)
{
  SocksEndpoint remote;
  char shown[SOCKS_ENDPOINT_TEXT_BYTES];
  g_autoptr (GError) error = NULL;

  if (!socks_endpoint_parse (text, &remote, &error))
    {
      g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE);
      puts ("invalid");
      return;
    }

  if (!socks_endpoint_check_remote (&remote, listening_port,
                                    (const struct in6_addr *) (gpointer) own->data,
                                    own->len, &error))
    g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED);
  printf ("%s %s %s\n", socks_endpoint_write (&remote, shown),
          socks_address_is_overlay (&remote.address) ? "overlay" : "elsewhere",
          error != NULL ? error->message : "allowed");
}

int
main (int argc, char **argv)
{
  g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (struct in6_addr));
  char *text = NULL;
  size_t capacity = 0;

  g_assert_cmpint (argc, >=, 2);
  for (int i = 2; i < argc; i++)
    {
      struct in6_addr address;

      g_assert_true (socks_address_parse (argv[i], &address));
      g_array_append_val (own, address);
    }

  while (getdelim (&text, &capacity, '\0', stdin) > 0)
    judge (text, (guint16) atoi (argv[1]), own);
  free (text);
  return 0;
}
