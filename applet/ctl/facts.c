/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What "status" shows in a row and "monitor" in a line when it changes, each in a few
 * words that stand behind a heading. Main thread. */

#include "config.h"

#include "ctl/facts.h"

#include <glib/gi18n.h>

#include "ctl/remote.h"
#include "model/escape.h"

/**
 * ctl_facts_dup_remote:
 * @session: a session
 * @snapshot: what the service says of itself
 *
 * Returns: (transfer full): the proxy and who chose it, "" for none
 */
char *
ctl_facts_dup_remote (CtlSession *session, const SocksSnapshot *snapshot)
{
  g_autofree char *remote = ctl_remote_dup_text (session, snapshot->remote);

  if (*remote == '\0')
    return g_steal_pointer (&remote);
  /* Translators: %s is an address */
  return g_strdup_printf (snapshot->selection == SOCKS_CLIENT_SELECTION_MANUAL
                              ? _ ("%s, chosen by hand")
                              : _ ("%s, chosen as the fastest"),
                          remote);
}

/**
 * ctl_facts_dup_local_port:
 * @snapshot: what the service says of itself
 *
 * Returns: (transfer full): the address that is bound, and who can reach it
 */
char *
ctl_facts_dup_local_port (const SocksSnapshot *snapshot)
{
  g_autofree char *listening = socks_text_escape (snapshot->listening);

  if (*listening == '\0')
    return g_strdup (_ ("closed"));
  /* Translators: %s is an address */
  return g_strdup_printf (
      snapshot->is_open_to_others
          ? _ ("%s, open to other computers too, as the configuration says")
          : _ ("%s, for this computer only"),
      listening);
}

/**
 * ctl_facts_dup_search:
 * @snapshot: what the service says of itself
 *
 * Returns: (transfer full): how often proxies are looked for
 */
char *
ctl_facts_dup_search (const SocksSnapshot *snapshot)
{
  if (snapshot->probing)
    return g_strdup_printf (_ ("every %u s"), snapshot->probe_interval_s);
  return g_strdup (_ ("off"));
}
