/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands at the top of the window: the state in large, the remote below it, and what
 * there is to know beyond that. Pure functions of the snapshot, any thread. */

#include "config.h"

#include "window/headline.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/state-text.h"

/**
 * socks_headline_title:
 * @snapshot: a snapshot of a service that is present
 *
 * Returns: the state in a word or two
 */
const char *
socks_headline_title (const SocksSnapshot *snapshot)
{
  if (snapshot->state == SOCKS_CLIENT_CONNECTING)
    return _ ("Connecting…");
  return socks_state_text_word (snapshot);
}

static char *
detail_of_remote (const SocksSnapshot *snapshot)
{
  g_autofree char *remote = socks_state_text_remote (snapshot);
  g_autofree char *latency = socks_latency_text (snapshot->remote_latency_us);

  if (*latency == '\0')
    return g_steal_pointer (&remote);
  /* Translators: the name of a proxy or an address, and how long its answers take, as in
   * "42 ms" */
  return g_strdup_printf (_ ("%s — %s"), remote, latency);
}

/**
 * socks_headline_detail:
 * @snapshot: a snapshot of a service that is present
 *
 * Returns: (transfer full): the remote, or what there is to choose from; "" for nothing
 */
char *
socks_headline_detail (const SocksSnapshot *snapshot)
{
  guint n_proxies = socks_snapshot_count_proxies (snapshot);

  if (*snapshot->remote != '\0')
    return detail_of_remote (snapshot);
  if (snapshot->state != SOCKS_CLIENT_DISCONNECTED || n_proxies == 0)
    return g_strdup ("");
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u proxy to choose from",
                                       "%u proxies to choose from", n_proxies),
                          n_proxies);
}

/**
 * socks_headline_note:
 * @snapshot: a snapshot of a service that is present
 *
 * Returns: what else a person has to know now; "" for nothing
 */
const char *
socks_headline_note (const SocksSnapshot *snapshot)
{
  if (snapshot->state == SOCKS_CLIENT_FAILING)
    return snapshot->selection == SOCKS_CLIENT_SELECTION_MANUAL
               ? _ ("It is asked again every few seconds. Wait, or choose another one.")
               : _ ("Another one is being looked for. Until then nothing gets through.");
  if (snapshot->state == SOCKS_CLIENT_CONNECTED &&
      snapshot->remote_status == SOCKS_PROXY_AUTHENTICATION_REQUIRED)
    return _ ("Your applications must log in to this proxy themselves.");
  if (snapshot->state == SOCKS_CLIENT_CONNECTED)
    return "";
  return socks_state_text_problem (snapshot);
}

/**
 * socks_headline_button:
 * @snapshot: a snapshot of a service that is present
 *
 * Returns: what the big button does
 */
SocksHeadlineButton
socks_headline_button (const SocksSnapshot *snapshot)
{
  switch (snapshot->state)
    {
    case SOCKS_CLIENT_CONNECTING:
      return (SocksHeadlineButton){ "app.disconnect", _ ("Cancel"), FALSE };
    case SOCKS_CLIENT_CONNECTED:
    case SOCKS_CLIENT_FAILING:
      return (SocksHeadlineButton){ "app.disconnect", _ ("Disconnect"), FALSE };
    case SOCKS_CLIENT_DISCONNECTED:
    default:
      /* Where there are none, the page below says what to do next. */
      return (SocksHeadlineButton){ "app.connect-fastest", _ ("Connect to the Fastest"),
                                    socks_snapshot_count_proxies (snapshot) > 0 };
    }
}
