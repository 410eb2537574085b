/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Addresses and latencies as people read them. Any thread. */

#include "config.h"

#include "model/address-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "model/address-key.h"
#include "model/escape.h"

/* "407:1f…9ab2": enough to tell a few dozen apart, in the width of a menu. */
#define HEAD_BYTES 6
#define SHORT_BYTES 15

/* @host is between the brackets. */
static char *
shorten_host (const char *host)
{
  const char *last_colon = strrchr (host, ':');
  const char *tail = last_colon != NULL ? last_colon + 1 : "";

  if (strlen (host) <= SHORT_BYTES || *tail == '\0')
    return g_strdup (host);
  return g_strdup_printf ("%.*s…%s", HEAD_BYTES, host, tail);
}

/* Leaves out the port where it is the usual one, and the brackets with it. */
static char *
leave_out_port (const char *address, gboolean is_short)
{
  const char *port = strrchr (address, ':');
  g_autofree char *host = NULL;
  g_autofree char *shown = NULL;

  if (port == NULL)
    return g_strdup (address);
  if (address[0] != '[')
    return port == strchr (address, ':') && g_str_equal (port + 1, SOCKS_USUAL_PORT)
               ? g_strndup (address, port - address)
               : g_strdup (address);
  if (port < address + 2 || port[-1] != ']')
    return g_strdup (address);

  host = g_strndup (address + 1, port - address - 2);
  shown = is_short ? shorten_host (host) : g_strdup (host);
  if (g_str_equal (port + 1, SOCKS_USUAL_PORT))
    return g_steal_pointer (&shown);
  return g_strdup_printf ("[%s]%s", shown, port);
}

static char *
isolate (const char *text)
{
  /* Translators: an address inside a text or alone. Where text runs from right to left,
   * enclose it in U+2066 and U+2069, or its parts change places. Elsewhere leave it. */
  return g_strdup_printf (C_ ("address", "%s"), text);
}

/**
 * socks_address_text_short:
 * @address: a socket address
 *
 * Returns: (transfer full): @address for a menu or a sentence: "407:1f…9ab2", with the
 *   port only where it is not 1080. Not to be copied by anyone
 */
char *
socks_address_text_short (const char *address)
{
  g_autofree char *escaped = socks_text_escape (address);
  g_autofree char *text = leave_out_port (escaped, TRUE);

  return isolate (text);
}

/**
 * socks_address_text_full:
 * @address: a socket address, or an address alone
 *
 * Returns: (transfer full): all of @address, for where there is room: with the port only
 *   where it is not 1080. Not to be copied by anyone
 */
char *
socks_address_text_full (const char *address)
{
  g_autofree char *escaped = socks_text_escape (address);
  g_autofree char *text = leave_out_port (escaped, FALSE);

  return isolate (text);
}

/**
 * socks_latency_text:
 * @latency_us: a latency, 0 for not known
 *
 * Returns: (transfer full): "0.4 ms", "42 ms", "1.2 s", or "" for 0
 */
char *
socks_latency_text (guint latency_us)
{
  if (latency_us == 0)
    return g_strdup ("");
  if (latency_us < 9950)
    /* Translators: a time in milliseconds */
    return g_strdup_printf (_ ("%.1f ms"), MAX (latency_us / 1000.0, 0.1));
  if (latency_us < 999500)
    /* Translators: a time in milliseconds */
    return g_strdup_printf (_ ("%.0f ms"), latency_us / 1000.0);
  /* Translators: a time in seconds */
  return g_strdup_printf (_ ("%.1f s"), latency_us / 1000000.0);
}
