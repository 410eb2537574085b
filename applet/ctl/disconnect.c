/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "disconnect". */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"

static CtlExit
run (CtlSession *session, char **arguments)
{
  g_autoptr (GError) error = NULL;

  if (arguments[0] != NULL)
    return ctl_fail_usage ("disconnect");
  socks_client_disconnect_async (session->client, session->cancellable,
                                 ctl_session_answered_cb, session);
  if (!socks_client_disconnect_finish (session->client, ctl_session_await (session),
                                       &error))
    return ctl_session_fail (session, error);
  return CTL_EXIT_DONE;
}

const CtlCommand ctl_disconnect_command = {
  .name = "disconnect",
  .arguments = "",
  .summary = N_ ("Close the local port and every connection through it"),
  .run = run,
};
