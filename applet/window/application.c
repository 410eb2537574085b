/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The application: one for each session, started from the menu of applications or by the
 * bus. It lives as long as its window does, or a call that an action has made; what is
 * still to be written then is written when nobody can reach it any more, so that the next
 * one may start meanwhile. What the actions do is in actions.c and its like. Main
 * thread. */

#include "config.h"

#include "window/application.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "window/actions.h"
#include "window/desktop-action.h"

/* A little longer than a change waits for a file that somebody else keeps locked. */
#define PATIENCE_MS (12 * 1000)

struct _SocksApplication
{
  AdwApplication parent_instance;

  char *bus_address;          /* (owned) (nullable) */
  SocksClient *client;        /* (owned) (nullable): NULL before the start */
  SocksDesktopProxy *desktop; /* (owned) (nullable): as above */
};

G_DEFINE_FINAL_TYPE (SocksApplication, socks_application, ADW_TYPE_APPLICATION)

/* Needs no display. */
static int
socks_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (!g_variant_dict_contains (options, "version"))
    return -1;
  g_print ("mycelium-socks %s\n", PACKAGE_VERSION);
  return EXIT_SUCCESS;
}

static void
socks_application_startup (GApplication *application)
{
  SocksApplication *self = SOCKS_APPLICATION (application);
  g_autoptr (SocksAddressBook) book = NULL;

  G_APPLICATION_CLASS (socks_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (SOCKS_APPLICATION_ID);
  book = socks_address_book_new ();
  self->client = socks_client_new (self->bus_address);
  socks_client_set_book (self->client, book);
  self->desktop =
      socks_desktop_proxy_new (g_application_get_dbus_connection (application));
  socks_actions_add (self);
  socks_desktop_action_add (self, self->desktop);
}

/* Who opens the window wants to see proxies, so the service is started where it does not
 * run. Where that can't be done the window says so: nothing else is to be reported. */
static void
socks_application_activate (GApplication *application)
{
  SocksApplication *self = SOCKS_APPLICATION (application);

  socks_application_show_window (self);
  socks_client_start_async (self->client, NULL /* cancellable */, NULL /* callback */,
                            NULL);
}

/* GTK would leave them on the screen until the program ends. */
static void
socks_application_shutdown (GApplication *application)
{
  GList *windows;

  while ((windows = gtk_application_get_windows (GTK_APPLICATION (application))) != NULL)
    gtk_window_destroy (GTK_WINDOW (windows->data));
  G_APPLICATION_CLASS (socks_application_parent_class)->shutdown (application);
}

static void
socks_application_finalize (GObject *object)
{
  SocksApplication *self = SOCKS_APPLICATION (object);

  g_clear_object (&self->desktop);
  g_clear_object (&self->client);
  g_free (self->bus_address);

  G_OBJECT_CLASS (socks_application_parent_class)->finalize (object);
}

static void
socks_application_class_init (SocksApplicationClass *klass)
{
  G_APPLICATION_CLASS (klass)->handle_local_options =
      socks_application_handle_local_options;
  G_APPLICATION_CLASS (klass)->startup = socks_application_startup;
  G_APPLICATION_CLASS (klass)->activate = socks_application_activate;
  G_APPLICATION_CLASS (klass)->shutdown = socks_application_shutdown;
  G_OBJECT_CLASS (klass)->finalize = socks_application_finalize;
}

static void
socks_application_init (SocksApplication *self)
{
  const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version and exit"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  GApplication *application = G_APPLICATION (self);

  g_application_set_option_context_summary (
      application, _ ("Find and use SOCKS5 proxies of the Mycelium network"));
  g_application_add_main_option_entries (application, options);
}

/**
 * socks_application_new:
 * @bus_address: (nullable): the D-Bus address of the service's bus, %NULL for the system's
 *
 * Returns: (transfer full): the application, which does nothing before it runs
 */
SocksApplication *
socks_application_new (const char *bus_address)
{
  SocksApplication *self =
      g_object_new (SOCKS_TYPE_APPLICATION, "application-id", SOCKS_APPLICATION_ID,
                    "resource-base-path", "/org/mycelium/Socks/Applet", NULL);

  self->bus_address = g_strdup (bus_address);
  return self;
}

/**
 * socks_application_settle:
 * @self: the application, which has run
 *
 * Waits until what somebody has just named or pinned is written, also where they quit at
 * once. The application has neither its name on the bus nor windows by now.
 */
void
socks_application_settle (SocksApplication *self)
{
  if (self->client == NULL)
    return;
  if (!socks_address_book_settle (socks_client_get_book (self->client), PATIENCE_MS))
    g_warning ("The disk does not answer: the last names and pins may not be written");
  g_object_run_dispose (G_OBJECT (self->client));
}

/**
 * socks_application_get_client:
 * @self: the application, started
 *
 * Returns: (transfer none): its client
 */
SocksClient *
socks_application_get_client (SocksApplication *self)
{
  return self->client;
}

/**
 * socks_application_get_window:
 * @self: the application
 *
 * Returns: (transfer none) (nullable): its window, if there is one now
 */
SocksWindow *
socks_application_get_window (SocksApplication *self)
{
  for (GList *window = gtk_application_get_windows (GTK_APPLICATION (self));
       window != NULL; window = window->next)
    if (SOCKS_IS_WINDOW (window->data))
      return window->data;
  return NULL;
}

/**
 * socks_application_show_window:
 * @self: the application, started
 *
 * Returns: (transfer none): its window, in front of the others
 */
SocksWindow *
socks_application_show_window (SocksApplication *self)
{
  SocksWindow *window = socks_application_get_window (self);

  if (window == NULL)
    window = socks_window_new (GTK_APPLICATION (self), self->client);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/**
 * socks_application_report:
 * @self: the application
 * @sentence: what went wrong, and what to do
 * @details: what more is known of it
 * @remote: (nullable): the proxy that it is about, which can be checked
 *
 * Tells it in the window, or in the log where there is none.
 */
void
socks_application_report (SocksApplication *self,
                          const char *sentence,
                          const char *details,
                          const char *remote)
{
  SocksWindow *window = socks_application_get_window (self);

  if (window != NULL)
    socks_window_tell_error (window, sentence, details, remote);
  else
    g_warning ("%s", details);
}
