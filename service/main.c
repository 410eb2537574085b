/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mycelium-socksd: options, language, log and exit code. */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "daemon.h"

/* Wrong options or a wrong configuration: starting again would not help. */
#define EXIT_USAGE 2

/* From how many bytes on memory is given back to the system as soon as it is free: what
 * glibc begins with. */
#define MAPPED_BYTES (128 * 1024)

#define VERBOSE_DOMAINS "mycelium-socksd socks-bus socks-core socks-engine socks-relay"

typedef struct
{
  char *config_path; /* (owned) (nullable) */
  gboolean is_version_wanted;
  gboolean is_verbose;
} Options;

/* Leaves the program where an option is wrong. */
static void
parse_options (Options *options, int argc, char **argv)
{
  GOptionEntry entries[] = {
    { "config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config_path,
      N_ ("Read the configuration from FILE, which must exist"), N_ ("FILE") },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &options->is_verbose,
      N_ ("Log sweeps and single probes too"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->is_version_wanted,
      N_ ("Show the version and exit"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (
      context, _ ("Finds the SOCKS5 proxies of the Mycelium overlay and forwards a local "
                  "port to one of them. A D-Bus system service; it is started by the "
                  "system when it is called."));
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);

  if (g_option_context_parse (context, &argc, &argv, &error) && argc == 1)
    return;
  if (error != NULL)
    g_printerr ("mycelium-socksd: %s\n", error->message);
  else
    g_printerr (_ ("mycelium-socksd: “%s” is not an option\n"), argv[1]);
  g_printerr ("%s\n", _ ("Try --help."));
  exit (EXIT_USAGE);
}

int
main (int argc, char **argv)
{
  Options options = { 0 };
  g_autofree char *config_path = NULL;
  g_autoptr (SocksSettings) settings = NULL;
  g_autoptr (GError) error = NULL;

  /* splice() has no flag to keep a closed peer from raising it. */
  signal (SIGPIPE, SIG_IGN);
  umask (077);
  /* Else glibc, once something large was freed, keeps that much and more for the next
   * time, and anyone on the bus may send a message of 32 MiB. */
  mallopt (M_MMAP_THRESHOLD, MAPPED_BYTES);

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  parse_options (&options, argc, argv);
  config_path = g_steal_pointer (&options.config_path);
  if (options.is_version_wanted)
    {
      g_print ("mycelium-socksd %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }

  /* GLib writes structured fields where standard error is the journal. Our own domains
   * alone are verbose: GIO has much to say. No thread runs yet, so the environment may be
   * set. */
  g_log_writer_default_set_use_stderr (TRUE);
  if (options.is_verbose)
    g_setenv ("G_MESSAGES_DEBUG", VERBOSE_DOMAINS, FALSE /* overwrite */);

  settings = socks_settings_load (config_path != NULL ? config_path : DEFAULT_CONFIG_FILE,
                                  config_path == NULL /* may_be_missing */, &error);
  if (settings == NULL)
    {
      g_printerr ("mycelium-socksd: %s\n", error->message);
      return EXIT_USAGE;
    }

  return socks_daemon_run (settings);
}
