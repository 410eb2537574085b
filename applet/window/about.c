/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The window about the program. Main thread. */

#include "config.h"

#include "window/about.h"

#include <glib/gi18n-lib.h>

#include "window/application.h"

/**
 * socks_about_show:
 * @parent: the window that it belongs to
 */
void
socks_about_show (GtkWindow *parent)
{
  adw_show_about_window (
      parent, "application-name", _ ("Mycelium Socks"), "application-icon",
      SOCKS_APPLICATION_ID, "version", PACKAGE_VERSION, "developer-name",
      _ ("The mycelium-socks authors"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
      _ ("Finds SOCKS5 proxies on the Mycelium network and lets the applications of this "
         "computer use one of them by a local port."),
      /* Translators: your names, one on each line, to be shown as the translators */
      "translator-credits", _ ("translator-credits"), NULL);
}
