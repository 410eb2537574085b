/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "env": the lines by which a shell has its programs use the local port. */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/environment.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "model/port-text.h"

static void
print_as_json (const char *url)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  ctl_json_add_string (builder, "proxy_url", url);
  json_builder_set_member_name (builder, "variables");
  json_builder_begin_object (builder);
  for (guint i = 0; ctl_environment_names[i] != NULL; i++)
    ctl_json_add_string (builder, ctl_environment_names[i], url);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "unset");
  json_builder_begin_array (builder);
  for (guint i = 0; socks_port_text_rivals[i] != NULL; i++)
    json_builder_add_string_value (builder, socks_port_text_rivals[i]);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  ctl_json_print (builder, FALSE /* on_one_line */);
}

/* What fish keeps for all its shells, as universal variables, is not this one's to erase.
 */
static void
print_as_text (const char *url, gboolean is_fish)
{
  g_autofree char *rivals = g_strjoinv (" ", (char **) socks_port_text_rivals);

  g_print (is_fish ? "set --erase --global %s\n" : "unset %s\n", rivals);
  for (guint i = 0; ctl_environment_names[i] != NULL; i++)
    g_print (is_fish ? "set --global --export %s '%s'\n" : "export %s='%s'\n",
             ctl_environment_names[i], url);
}

/* The shell that this is called from, as far as that can be told. */
static const char *
guess_shell (void)
{
  const char *shell = g_getenv ("SHELL");

  return shell != NULL && g_str_has_suffix (shell, "/fish") ? "fish" : "sh";
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  const char *shell = arguments[0] != NULL ? arguments[0] : guess_shell ();
  gboolean is_fish = g_str_equal (shell, "fish");
  g_autofree char *url = NULL;
  CtlExit code;

  if ((!is_fish && !g_str_equal (shell, "sh")) ||
      (arguments[0] != NULL && arguments[1] != NULL))
    return ctl_fail_usage ("env");
  code = ctl_session_look (session);
  if (code == CTL_EXIT_TIMED_OUT)
    return code;
  if (code != CTL_EXIT_DONE)
    return ctl_session_fail_for_absence (session);
  url = ctl_remote_get_proxy_url (socks_client_get_snapshot (session->client));
  if (url == NULL)
    return ctl_fail (CTL_EXIT_NO_PROXY,
                     /* Translators: %s is a command line */
                     _ ("The local port is closed. “%s” opens it."),
                     "mycelium-socksctl connect");

  if (session->as_json)
    print_as_json (url);
  else
    print_as_text (url, is_fish);
  return CTL_EXIT_DONE;
}

const CtlCommand ctl_env_command = {
  .name = "env",
  .arguments = "[sh|fish]",
  .summary = N_ ("Print the lines that make a shell’s programs use the proxy"),
  .run = run,
};
