/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which address somebody means: the whole of it, its name, the beginning that no other
 * has, or the number that "list" shows. Main thread. */

#include "config.h"

#include "ctl/remote.h"

#include <glib/gi18n.h>
#include <string.h>

#include "model/address-key.h"
#include "model/escape.h"
#include "model/name-text.h"

/* An address to be taken as it is, in its one spelling, with its port added where it has
 * none; also what only looks like one, which the service judges. NULL for anything else.
 */
static char *
complete (const char *text)
{
  g_autofree char *key = socks_address_key (text);

  if (key != NULL)
    return socks_address_key_get_remote (key);
  if (strstr (text, "]:") != NULL ||
      (strchr (text, '.') != NULL && strchr (text, ':') != NULL))
    return g_strdup (text);
  return NULL;
}

static char *
get_numbered (SocksProxyList *proxies, const char *text)
{
  guint64 number;
  g_autoptr (SocksProxyItem) item = NULL;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, &number, NULL))
    return NULL;
  item = g_list_model_get_item (G_LIST_MODEL (proxies), (guint) number - 1);
  return item != NULL ? g_strdup (socks_proxy_item_get_address (item)) : NULL;
}

static const char *
skip_bracket (const char *text)
{
  return *text == '[' ? text + 1 : text;
}

/* How many addresses begin so; one of them. */
static guint
find_beginning (SocksProxyList *peers, const char *text, char **out_address)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (peers));
  guint n_found = 0;

  for (guint i = 0; i < n_items; i++)
    {
      g_autoptr (SocksProxyItem) item = g_list_model_get_item (G_LIST_MODEL (peers), i);
      const char *address = socks_proxy_item_get_address (item);

      if (g_ascii_strncasecmp (skip_bracket (address), skip_bracket (text),
                               strlen (skip_bracket (text))) != 0)
        continue;
      n_found++;
      g_free (*out_address);
      *out_address = g_strdup (address);
    }
  return n_found;
}

/**
 * ctl_remote_find_name:
 * @session: a session
 * @text: what somebody has written
 * @out_exit: (out): the code of what was told, where more than one address has that name
 *
 * Returns: (transfer full) (nullable): the address that has that name, with a port or
 *   without
 */
char *
ctl_remote_find_name (CtlSession *session, const char *text, CtlExit *out_exit)
{
  g_autofree char *shown = socks_text_escape (text);
  char *key = NULL;

  if (socks_address_book_find (session->book, text, &key) == SOCKS_NAME_MATCH_SEVERAL)
    *out_exit =
        ctl_fail (CTL_EXIT_USAGE,
                  /* Translators: the name of a proxy, and a command */
                  _ ("More than one address has the name “%s”. Write the address: "
                     "“%s” shows them."),
                  shown, "mycelium-socksctl name");
  return key;
}

/**
 * ctl_remote_resolve:
 * @session: a session
 * @text: what somebody has written
 * @out_exit: (out): the code of what was told, where there is no such address
 *
 * Returns: (transfer full) (nullable): the address that is meant; it may be none of those
 *   that are known
 */
char *
ctl_remote_resolve (CtlSession *session, const char *text, CtlExit *out_exit)
{
  g_autofree char *address = complete (text);
  g_autofree char *shown = socks_text_escape (text);
  g_autofree char *named = NULL;
  g_autoptr (SocksProxyList) peers = NULL;
  guint n_proxies, n_peers;

  if (address != NULL)
    return g_steal_pointer (&address);
  *out_exit = CTL_EXIT_DONE;
  named = ctl_remote_find_name (session, text, out_exit);
  if (named != NULL)
    return socks_address_key_get_remote (named);
  if (*out_exit != CTL_EXIT_DONE)
    return NULL;
  /* All of them begin so: nobody means the one that happens to be alone. */
  if (*skip_bracket (text) == '\0')
    {
      *out_exit =
          ctl_fail (CTL_EXIT_USAGE,
                    /* Translators: what somebody wrote for an address, and two commands */
                    _ ("“%s” is no address. “%s” shows those that are known; “%s” "
                       "without one connects to the fastest."),
                    shown, "mycelium-socksctl list", "mycelium-socksctl connect");
      return NULL;
    }
  *out_exit = ctl_session_start (session);
  if (*out_exit != CTL_EXIT_DONE)
    return NULL;
  address = get_numbered (socks_client_get_proxies (session->client), text);
  if (address != NULL)
    return g_steal_pointer (&address);

  /* Proxies first, for they are what somebody is after. */
  n_proxies = find_beginning (socks_client_get_proxies (session->client), text, &address);
  if (n_proxies == 1)
    return g_steal_pointer (&address);
  peers = ctl_session_list_peers (session, out_exit);
  if (peers == NULL)
    return NULL;
  n_peers = find_beginning (peers, text, &address);
  if (n_peers == 1)
    return g_steal_pointer (&address);

  if (n_peers > 1)
    *out_exit =
        ctl_fail (CTL_EXIT_USAGE,
                  /* Translators: %s is the beginning of an address */
                  _ ("More than one address begins with “%s”. Write more of it."), shown);
  else
    *out_exit = ctl_fail (CTL_EXIT_NO_PROXY,
                          /* Translators: what somebody wrote, and a command */
                          _ ("No address that is known begins with “%s”, and none has "
                             "that name. “%s” shows what is known."),
                          shown, "mycelium-socksctl list --all");
  return NULL;
}

/**
 * ctl_remote_dup_text:
 * @session: a session
 * @address: an address
 *
 * Returns: (transfer full): the whole of it, and its name where it has one
 */
char *
ctl_remote_dup_text (CtlSession *session, const char *address)
{
  const char *name = socks_address_book_get_name (session->book, address);
  g_autofree char *shown = socks_text_escape (address);
  g_autofree char *title = NULL;

  if (name == NULL)
    return g_steal_pointer (&shown);
  title = socks_name_text (name);
  /* Translators: the name of a proxy, and its address */
  return g_strdup_printf (C_ ("proxy", "%s (%s)"), title, shown);
}

/**
 * ctl_remote_get_proxy_url:
 * @snapshot: what the service says of itself
 *
 * Returns: (transfer full) (nullable): how programs on this machine reach the local port;
 *   %NULL while it is closed. IPv4 where it has both, since not every program reads
 *   brackets
 */
char *
ctl_remote_get_proxy_url (const SocksSnapshot *snapshot)
{
  const char *port = strrchr (snapshot->listening, ':');

  /* It is for shells and environments, so nothing but an address may be in it. */
  if (port == NULL || strspn (snapshot->listening, "0123456789abcdef.:[]") !=
                          strlen (snapshot->listening))
    return NULL;
  if (g_str_has_prefix (snapshot->listening, "[::]:") ||
      g_str_has_prefix (snapshot->listening, "0.0.0.0:"))
    return g_strconcat ("socks5h://127.0.0.1", port, NULL);
  return g_strconcat ("socks5h://", snapshot->listening, NULL);
}
