/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mycelium-socksctl: the service for people at a terminal and for scripts. Options, the
 * table of commands, locale, SIGPIPE and exit code; what a command does is in a file of
 * its own. */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/command.h"
#include "model/escape.h"

/* GLib counts milliseconds in an unsigned integer. */
#define TIMEOUT_MAX_S (G_MAXUINT / 1000)

static const CtlCommand *const commands[] = {
  &ctl_status_command,     &ctl_list_command,  &ctl_connect_command,
  &ctl_disconnect_command, &ctl_probe_command, &ctl_monitor_command,
  &ctl_check_command,      &ctl_run_command,   &ctl_env_command,
  &ctl_name_command,
};

static CtlSession session;
static gboolean shows_version;

static const GOptionEntry json_entries[] = {
  { "json", 'j', 0, G_OPTION_ARG_NONE, &session.as_json,
    N_ ("Print JSON, described by mycelium-socksctl.schema.json"), NULL },
  { NULL },
};

static const GOptionEntry timeout_entries[] = {
  { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &session.timeout_s,
    N_ ("Give up after so long"), N_ ("SECONDS") },
  { NULL },
};

static const GOptionEntry main_entries[] = {
  { "version", 0, 0, G_OPTION_ARG_NONE, &shows_version, N_ ("Print the version"), NULL },
  { NULL },
};

static char *
describe_commands (void)
{
  GString *text = g_string_new (_ ("Commands:"));

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "\n  %-12s %s%s", commands[i]->name,
                            _ (commands[i]->summary), i == 0 ? _ (" (default)") : "");
  return g_string_free (text, FALSE);
}

static char *
describe_exit_codes (void)
{
  return g_strconcat (_ ("Exit codes:"), "\n  0  ", _ ("it is done"), "\n  1  ",
                      _ ("it failed for another reason"), "\n  2  ",
                      _ ("the command line is wrong"), "\n  3  ",
                      _ ("the service is not running"), "\n  4  ", _ ("not allowed"),
                      "\n  5  ", _ ("no proxy"), "\n  6  ", _ ("not in time"), "\n  7  ",
                      _ ("the local port can’t be opened"), "\n  8  ",
                      _ ("a check found a problem"), NULL);
}

/* What the model warns of is a line like all others: a file that is not as it should be.
 */
static GLogWriterOutput
log_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if (level == G_LOG_LEVEL_WARNING)
    for (gsize i = 0; i < n_fields; i++)
      if (g_str_equal (fields[i].key, "MESSAGE"))
        {
          g_autofree char *shown = socks_text_escape (fields[i].value);

          g_printerr ("%s: %s.\n", g_get_prgname (), shown);
          return G_LOG_WRITER_HANDLED;
        }
  return g_log_writer_default (level, fields, n_fields, data);
}

/* GSocket has the whole program ignore SIGPIPE from its first use on, though it sends
 * with MSG_NOSIGNAL. A command that is run would inherit that, and "monitor" would
 * outlive who reads it. So its first use is here, and what was so before is so again. */
static void
keep_sigpipe (void)
{
  struct sigaction before;

  sigaction (SIGPIPE, NULL, &before);
  g_type_class_unref (g_type_class_ref (G_TYPE_SOCKET));
  sigaction (SIGPIPE, &before, NULL);
}

/* g_print() drops what can't be written. At the very end, so that it is true of --help,
 * which ends the program. */
static void
check_output_cb (void)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return;
  ctl_fail (CTL_EXIT_FAILED, _ ("Not everything could be written to standard output. "
                                "Check where it goes."));
  _exit (CTL_EXIT_FAILED);
}

static const CtlCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i]->name, name))
      return commands[i];
  return NULL;
}

/* @is_strict: what comes behind the first word is not looked at. */
static gboolean
parse (GOptionContext *context, gboolean is_strict, char ***arguments)
{
  g_autoptr (GError) error = NULL;

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_strict_posix (context, is_strict);
  if (g_option_context_parse_strv (context, arguments, &error))
    return TRUE;
  /* Translators: what is wrong with the command line, and one that helps */
  ctl_fail (CTL_EXIT_USAGE, _ ("%s. “%s” says what can be."), error->message,
            "mycelium-socksctl --help");
  return FALSE;
}

static gboolean
parse_main (char ***arguments)
{
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("[COMMAND]"));
  g_autofree char *summary = describe_commands ();
  g_autofree char *description = describe_exit_codes ();

  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, main_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, json_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, timeout_entries, GETTEXT_PACKAGE);
  return parse (context, TRUE /* is_strict */, arguments);
}

/* @arguments begin with the command's name. */
static gboolean
parse_command (const CtlCommand *command, char ***arguments)
{
  g_autofree char *usage =
      g_strconcat (command->name, *command->arguments != '\0' ? " " : "",
                   *command->arguments != '\0' ? _ (command->arguments) : "", NULL);
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  gboolean is_run = command == &ctl_run_command;

  g_option_context_set_summary (context, _ (command->summary));
  if (command->options != NULL)
    g_option_context_add_main_entries (context, command->options, GETTEXT_PACKAGE);
  /* What is printed there is the other program's. */
  if (!is_run)
    g_option_context_add_main_entries (context, json_entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, timeout_entries, GETTEXT_PACKAGE);
  return parse (context, is_run, arguments);
}

/* What stands behind the options, without the "--" before it. */
static char **
skip_options (char **arguments)
{
  char **rest = arguments[0] != NULL ? arguments + 1 : arguments;

  return *rest != NULL && g_str_equal (*rest, "--") ? rest + 1 : rest;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = g_strdupv (argv);
  const CtlCommand *command;
  CtlExit code;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("mycelium-socksctl");
  g_log_set_writer_func (log_cb, NULL, NULL);
  keep_sigpipe ();
  atexit (check_output_cb);

  if (!parse_main (&arguments))
    return CTL_EXIT_USAGE;
  if (shows_version)
    {
      g_print ("mycelium-socksctl %s\n", PACKAGE_VERSION);
      return CTL_EXIT_DONE;
    }
  command = arguments[1] != NULL ? find_command (arguments[1]) : &ctl_status_command;
  if (command == NULL)
    return ctl_fail_usage (NULL);

  /* The command is to its options what the program is to its own. */
  if (arguments[1] != NULL)
    {
      g_free (arguments[0]);
      memmove (arguments, arguments + 1, g_strv_length (arguments) * sizeof *arguments);
    }
  if (!parse_command (command, &arguments))
    return CTL_EXIT_USAGE;
  /* What is no number is in no order with others. */
  if (!(session.timeout_s >= 0 && session.timeout_s <= TIMEOUT_MAX_S))
    return ctl_fail (CTL_EXIT_USAGE,
                     _ ("--timeout can be from 0 to %u seconds, and 0 is no limit."),
                     TIMEOUT_MAX_S);

  ctl_session_open (&session);
  code = command->run (&session, skip_options (arguments));
  ctl_session_close (&session);
  return (int) code;
}
