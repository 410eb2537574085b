/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mycelium-socks-tray: one in each session, by its name on the session bus. Options,
 * locale, display and exit code; the rest is the tray's. */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <gtk/gtk.h>
#include <locale.h>
#include <signal.h>

#include "tray/tray.h"

#define APPLICATION_ID "org.mycelium.Socks.Tray"

static void
startup_cb (GApplication *application, SocksTray **tray)
{
  /* Connected from now on, which libayatana-appindicator needs: see the indicator. */
  GDBusConnection *session_bus = g_application_get_dbus_connection (application);

  if (session_bus == NULL)
    {
      g_printerr ("%s\n", _ ("There is no session bus, and so no tray."));
      exit (EXIT_FAILURE);
    }
  *tray = socks_tray_new (session_bus);
  g_signal_connect_object (*tray, "quit", G_CALLBACK (g_application_quit), application,
                           G_CONNECT_SWAPPED);
  g_application_hold (application);
}

static gboolean
terminated_cb (gpointer application)
{
  g_application_quit (application);
  return G_SOURCE_CONTINUE;
}

static int
handle_local_options_cb (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("mycelium-socks-tray %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  if (!gtk_init_check (NULL /* argc */, NULL /* argv */))
    {
      g_printerr ("%s\n", _ ("There is no display that a tray could be on."));
      return EXIT_FAILURE;
    }
  return -1;
}

int
main (int argc, char *argv[])
{
  const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GApplication) application = NULL;
  g_autoptr (SocksTray) tray = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* The panel speaks for the menu. What this program draws, nobody sees or hears. */
  g_setenv ("NO_AT_BRIDGE", "1", TRUE /* overwrite */);

  application = g_application_new (APPLICATION_ID, G_APPLICATION_DEFAULT_FLAGS);
  g_application_set_option_context_summary (application,
                                            _ ("Shows Mycelium Socks in the tray."));
  g_application_add_main_option_entries (application, options);
  g_signal_connect (application, "handle-local-options",
                    G_CALLBACK (handle_local_options_cb), NULL);
  g_signal_connect (application, "startup", G_CALLBACK (startup_cb), &tray);
  /* Who starts it twice has it already. */
  g_signal_connect (application, "activate", G_CALLBACK (gtk_false), NULL);
  g_unix_signal_add (SIGINT, terminated_cb, application);
  g_unix_signal_add (SIGTERM, terminated_cb, application);
  return g_application_run (application, argc, argv);
}
