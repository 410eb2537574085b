/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is so, in words for people: pure functions of the snapshot, the same in the tray's
 * title, in the window and on the command line. Any thread. */

#include "config.h"

#include "model/state-text.h"

#include <glib/gi18n-lib.h>

#include "model/address-text.h"
#include "model/error-text.h"
#include "model/name-text.h"

typedef struct
{
  const char *title;
  const char *advice;
} Situation;

static const Situation situations[] = {
  [SOCKS_SITUATION_UNKNOWN] = { N_ ("One moment…"), "" },
  [SOCKS_SITUATION_NO_BUS] = { N_ ("The system bus can’t be reached"),
                               N_ ("The attempt is repeated by itself. If this lasts, "
                                   "restart the computer.") },
  [SOCKS_SITUATION_NOT_INSTALLED] = { N_ ("The service is not installed"),
                                      N_ ("Install Mycelium Socks together with its "
                                          "system service.") },
  [SOCKS_SITUATION_NOT_RUNNING] = { N_ ("The service is not running"),
                                    N_ ("Start it to look for proxies.") },
  [SOCKS_SITUATION_STARTING] = { N_ ("The service is starting…"),
                                 N_ ("This takes a moment.") },
  [SOCKS_SITUATION_NOT_ANSWERING] = { N_ ("The service does not answer"),
                                      N_ ("Wait a moment. If this lasts, restart the "
                                          "computer.") },
  [SOCKS_SITUATION_NODE_DOWN] = { N_ ("Mycelium is not running"),
                                  N_ ("Start Mycelium on this computer: the proxies are "
                                      "on its network.") },
  [SOCKS_SITUATION_LOOKING] = { N_ ("Looking for proxies…"),
                                N_ ("The first ones appear within seconds.") },
  [SOCKS_SITUATION_NOT_LOOKING] = { N_ ("The search for proxies is off"),
                                    N_ ("Switch it on, or look once.") },
  [SOCKS_SITUATION_NONE_FOUND] = { N_ ("No proxies found"),
                                   N_ ("Nobody on the Mycelium network offers one at "
                                       "the moment. Look again later, or enter an "
                                       "address.") },
  [SOCKS_SITUATION_PROXIES] = { N_ ("Proxies"), "" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (situations) == SOCKS_N_SITUATIONS);

static const char *const statuses[] = {
  [SOCKS_PROXY_UNPROBED] = NC_ ("proxy", "Not asked yet"),
  [SOCKS_PROXY_VALID] = NC_ ("proxy", "Open"),
  [SOCKS_PROXY_AUTHENTICATION_REQUIRED] = NC_ ("proxy", "Login required"),
  [SOCKS_PROXY_NOT_A_PROXY] = NC_ ("proxy", "Not a proxy"),
  [SOCKS_PROXY_NOT_LISTENING] = NC_ ("proxy", "No answer"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (statuses) == SOCKS_N_PROXY_STATUSES);

static const char *const reasons[] = {
  [SOCKS_PROXY_REASON_NONE] = "",
  [SOCKS_PROXY_REASON_REFUSED] = N_ ("Refused the connection"),
  [SOCKS_PROXY_REASON_UNREACHABLE] = N_ ("Can’t be reached"),
  [SOCKS_PROXY_REASON_TIMED_OUT] = N_ ("Did not answer in time"),
  [SOCKS_PROXY_REASON_RESET] = N_ ("Broke the connection off"),
  [SOCKS_PROXY_REASON_CLOSED] = N_ ("Closed the connection"),
  [SOCKS_PROXY_REASON_NOT_SOCKS5] = N_ ("Does not speak SOCKS5"),
  [SOCKS_PROXY_REASON_BAD_METHOD] = N_ ("Answered the greeting wrongly"),
};

G_STATIC_ASSERT (G_N_ELEMENTS (reasons) == SOCKS_N_PROXY_REASONS);

/* gettext has the header of the catalogue for "". */
static const char *
translate (const char *text)
{
  return *text != '\0' ? _ (text) : "";
}

/**
 * socks_situation_text_title:
 * @situation: a situation
 *
 * Returns: what it is, without a full stop
 */
const char *
socks_situation_text_title (SocksSituation situation)
{
  return translate (situations[situation].title);
}

/**
 * socks_situation_text_advice:
 * @situation: a situation
 *
 * Returns: what to do about it; "" where there is nothing to do
 */
const char *
socks_situation_text_advice (SocksSituation situation)
{
  return translate (situations[situation].advice);
}

/**
 * socks_status_text:
 * @status: a status
 *
 * Returns: a word or two for it
 */
const char *
socks_status_text (SocksProxyStatus status)
{
  return g_dpgettext2 (GETTEXT_PACKAGE, "proxy", statuses[status]);
}

/**
 * socks_reason_text:
 * @reason: a reason
 *
 * Returns: a few words for it, "" for none
 */
const char *
socks_reason_text (SocksProxyReason reason)
{
  return translate (reasons[reason]);
}

/**
 * socks_state_text_remote:
 * @snapshot: a snapshot with a remote
 *
 * Returns: (transfer full): what to call it: its name, or a short form of its address
 */
char *
socks_state_text_remote (const SocksSnapshot *snapshot)
{
  return *snapshot->remote_name != '\0' ? socks_name_text (snapshot->remote_name)
                                        : socks_address_text_short (snapshot->remote);
}

static char *
text_of_connected (const SocksSnapshot *snapshot)
{
  g_autofree char *remote = socks_state_text_remote (snapshot);
  g_autofree char *latency = socks_latency_text (snapshot->remote_latency_us);

  if (*latency == '\0')
    /* Translators: %s is the name of a proxy, or an address */
    return g_strdup_printf (_ ("Connected to %s"), remote);
  /* Translators: an address, and how long its answers take, as in "42 ms" */
  return g_strdup_printf (_ ("Connected to %s — %s"), remote, latency);
}

static char *
text_of_failing (const SocksSnapshot *snapshot)
{
  g_autofree char *remote = socks_state_text_remote (snapshot);

  /* Translators: %s is an address */
  return g_strdup_printf (_ ("%s does not answer"), remote);
}

static char *
text_of_disconnected (const SocksSnapshot *snapshot)
{
  guint n_proxies = socks_snapshot_count_proxies (snapshot);

  if (snapshot->node == SOCKS_CLIENT_NODE_DOWN)
    return g_strdup (socks_situation_text_title (SOCKS_SITUATION_NODE_DOWN));
  if (n_proxies == 0)
    return g_strdup (_ ("Not connected"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "Not connected — %u proxy found",
                                       "Not connected — %u proxies found", n_proxies),
                          n_proxies);
}

/**
 * socks_state_text:
 * @snapshot: a snapshot
 *
 * Returns: (transfer full): the status line: "Connected to 407:1f…9ab2 — 42 ms",
 *   "Mycelium is not running"
 */
char *
socks_state_text (const SocksSnapshot *snapshot)
{
  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return g_strdup (
        socks_situation_text_title (socks_snapshot_get_situation (snapshot)));

  switch (snapshot->state)
    {
    case SOCKS_CLIENT_CONNECTING:
      return g_strdup (_ ("Connecting…"));
    case SOCKS_CLIENT_CONNECTED:
      return text_of_connected (snapshot);
    case SOCKS_CLIENT_FAILING:
      return text_of_failing (snapshot);
    case SOCKS_CLIENT_DISCONNECTED:
    default:
      return text_of_disconnected (snapshot);
    }
}

/**
 * socks_state_text_word:
 * @snapshot: a snapshot
 *
 * Returns: the state in a word or two, as the icon shows it, for screen readers
 */
const char *
socks_state_text_word (const SocksSnapshot *snapshot)
{
  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return _ ("No service");

  switch (snapshot->state)
    {
    case SOCKS_CLIENT_CONNECTING:
      return _ ("Connecting");
    case SOCKS_CLIENT_CONNECTED:
      return _ ("Connected");
    case SOCKS_CLIENT_FAILING:
      return _ ("Proxy does not answer");
    case SOCKS_CLIENT_DISCONNECTED:
    default:
      return _ ("Not connected");
    }
}

/**
 * socks_state_text_progress:
 * @snapshot: a snapshot
 *
 * Returns: (transfer full): how far the running sweep is, "" while there is none
 */
char *
socks_state_text_progress (const SocksSnapshot *snapshot)
{
  if (!snapshot->sweeping)
    return g_strdup ("");
  if (snapshot->n_to_sweep == 0)
    return g_strdup (socks_situation_text_title (SOCKS_SITUATION_LOOKING));
  /* Translators: how many addresses were asked, and how many there are */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u of %u address asked",
                                       "%u of %u addresses asked", snapshot->n_to_sweep),
                          snapshot->n_swept, snapshot->n_to_sweep);
}

/**
 * socks_state_text_problem:
 * @snapshot: a snapshot
 *
 * Returns: a sentence on what last went wrong, "" if nothing did since the last success
 */
const char *
socks_state_text_problem (const SocksSnapshot *snapshot)
{
  return *snapshot->last_error_name != '\0'
             ? socks_error_text_of_name (snapshot->last_error_name)
             : "";
}
