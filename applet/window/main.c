/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mycelium-socks: the window. Sets the language and runs the application, which the bus
 * may have started with --gapplication-service. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "window/application.h"

int
main (int argc, char **argv)
{
  g_autoptr (SocksApplication) application = NULL;
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = socks_application_new (NULL /* the system bus */);
  status = g_application_run (G_APPLICATION (application), argc, argv);
  socks_application_settle (application);
  return status;
}
