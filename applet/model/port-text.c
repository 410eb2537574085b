/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The local port as programs are told of it and as people read of it. Any thread. */

#include "config.h"

#include "model/port-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What the service listens on unless its configuration says otherwise. */
#define USUAL_LISTENING "[::]:1080"

/* The variables with a proxy for one protocol, which would win over one for all. */
const char *const socks_port_text_rivals[] = {
  "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
  "ftp_proxy",  "FTP_PROXY",  NULL,
};

/* Every address of this computer, or its own alone: "localhost" reaches either. */
static gboolean
is_at_localhost (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address == NULL || g_inet_address_get_is_any (address) ||
         g_inet_address_get_is_loopback (address);
}

static char *
dup_host (const char *listening, const char *colon)
{
  if (listening[0] == '[' && colon > listening + 1)
    return g_strndup (listening + 1, colon - listening - 2);
  return g_strndup (listening, colon - listening);
}

/**
 * socks_port_text_url:
 * @snapshot: a snapshot
 *
 * Returns: (transfer full): what an application is to be given as its proxy,
 *   `socks5h://localhost:1080`; as it usually is, while the port is not open
 */
char *
socks_port_text_url (const SocksSnapshot *snapshot)
{
  const char *listening =
      strrchr (snapshot->listening, ':') != NULL ? snapshot->listening : USUAL_LISTENING;
  const char *colon = strrchr (listening, ':');
  g_autofree char *host = dup_host (listening, colon);

  if (is_at_localhost (host))
    return g_strconcat ("socks5h://localhost", colon, NULL);
  return g_strconcat ("socks5h://", listening, NULL);
}

/**
 * socks_port_text_shell:
 * @snapshot: a snapshot
 *
 * Programs differ in which of the two variables they read, heed another one for their
 * protocol before them, and shall not go through a proxy to what is on this computer.
 *
 * Returns: (transfer full): lines that make the programs of a shell use the local port
 */
char *
socks_port_text_shell (const SocksSnapshot *snapshot)
{
  g_autofree char *url = socks_port_text_url (snapshot);
  g_autofree char *rivals = g_strjoinv (" ", (char **) socks_port_text_rivals);

  return g_strdup_printf ("unset %s\n"
                          "export all_proxy=%s ALL_PROXY=%s\n"
                          "export no_proxy=localhost,127.0.0.1,::1 "
                          "NO_PROXY=localhost,127.0.0.1,::1\n",
                          rivals, url, url);
}

/**
 * socks_port_text_reach:
 * @snapshot: a snapshot
 *
 * Returns: who can use the local port, in a sentence
 */
const char *
socks_port_text_reach (const SocksSnapshot *snapshot)
{
  if (*snapshot->listening == '\0')
    return _ ("Closed. It opens when you connect.");
  if (snapshot->is_open_to_others)
    return _ ("Open to other computers too, as the configuration says.");
  return _ ("Only applications on this computer can use it.");
}
