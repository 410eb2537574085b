/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "run": a command that uses the proxy. It takes the place of this program, and so its
 * signals, its exit code and its death are the command's own. */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/environment.h"
#include "ctl/remote.h"
#include "model/escape.h"

/* As shells have them, for what is there and can't be run, and for what is not. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127

/* Whoever listens to the local port is or will be connected. */
static CtlExit
connect_if_needed (CtlSession *session, char **out_chosen)
{
  g_autoptr (GError) error = NULL;
  CtlExit code = ctl_session_start (session);

  if (code != CTL_EXIT_DONE ||
      *socks_client_get_snapshot (session->client)->listening != '\0')
    return code;
  *out_chosen = ctl_session_connect (session, "", &error);
  return *out_chosen != NULL ? CTL_EXIT_DONE : ctl_session_fail (session, error);
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  g_autofree char *chosen = NULL;
  g_autofree char *url = NULL;
  g_autofree char *shown = NULL;
  g_auto (GStrv) environment = NULL;
  CtlExit code;
  int error_number;

  if (arguments[0] == NULL || session->as_json)
    return ctl_fail_usage ("run");
  code = connect_if_needed (session, &chosen);
  if (code != CTL_EXIT_DONE)
    return code;

  url = ctl_remote_get_proxy_url (socks_client_get_snapshot (session->client));
  if (url == NULL)
    return ctl_fail (CTL_EXIT_NO_PROXY, _ ("The local port is closed. “%s” opens it."),
                     "mycelium-socksctl connect");
  if (chosen != NULL)
    ctl_session_remember_use (session, chosen);
  environment = ctl_environment_add (g_get_environ (), url);
  execvpe (arguments[0], arguments, environment);

  error_number = errno;
  shown = socks_text_escape (arguments[0]);
  /* Translators: a command, and what the system says of it */
  ctl_fail (CTL_EXIT_FAILED, _ ("%s: %s. Check the command."), shown,
            g_strerror (error_number));
  return error_number == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

const CtlCommand ctl_run_command = {
  .name = "run",
  .arguments = N_ ("[--] COMMAND…"),
  .summary = N_ ("Run a command that uses the proxy, and connect first if need be"),
  .run = run,
};
