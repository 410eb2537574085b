/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* mycelium-socks-desktop-proxy: sets the desktop's proxy while it is switched on, and takes
 * that back. The session bus starts it for the first Enable; it ends by itself soon after it
 * was switched off, and when it is told to end it restores before it does. With --recover,
 * at login, it restores what a former session has left and ends. */

#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

#include "desktop-proxy/desktop-error.h"
#include "desktop-proxy/follower.h"
#include "desktop-proxy/gnome-backend.h"
#include "desktop-proxy/plasma-backend.h"
#include "desktop-proxy-dbus.h"

#define APPLICATION_ID "org.mycelium.Socks.DesktopProxy"

/* Long enough for one face to switch it off and another to switch it on. */
#define IDLE_MS 1000

typedef struct
{
  GApplication *application;          /* (owned) */
  SocksDBusDesktopProxy *object;      /* (owned) */
  SocksClient *client;                /* (owned) */
  SocksDesktopFollower *follower;     /* (owned) (nullable): else there is a refusal */
  GError *refusal;                    /* (owned) (nullable): what each Enable is told */
  gboolean is_held;                   /* it is switched on, and the program stays */
} Program;

static SocksDesktopSetter *
new_setter (GDBusConnection *session_bus, GError **error)
{
  g_autofree char *directory =
      g_build_filename (g_get_user_state_dir (), GETTEXT_PACKAGE, NULL);
  SocksJournal *journal = socks_journal_open (directory, error);
  GPtrArray *backends;

  if (journal == NULL)
    return NULL;
  backends = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (backends, socks_gnome_backend_new ());
  g_ptr_array_add (backends, socks_plasma_backend_new (session_bus));
  return socks_desktop_setter_new (journal, backends);
}

/* Whoever is switching it on in another session will restore, too. */
static int
recover (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr (SocksDesktopSetter) setter = new_setter (bus, &error);
  gboolean is_changed;

  if (g_error_matches (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_BUSY))
    return 0;
  if (setter != NULL && socks_desktop_setter_restore (setter, &is_changed, &error))
    return 0;
  g_warning ("The desktop's proxy can't be restored: %s", error->message);
  return 1;
}

static void
publish_cb (SocksDesktopFollower *follower, GParamSpec *spec, gpointer data)
{
  Program *program = data;
  gboolean is_enabled = socks_desktop_follower_get_enabled (follower);

  socks_dbus_desktop_proxy_set_enabled (program->object, is_enabled);
  socks_dbus_desktop_proxy_set_active (program->object,
                                       socks_desktop_follower_get_active (follower));
  /* Before any reply. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (program->object));

  if (is_enabled && !program->is_held)
    g_application_hold (program->application);
  else if (!is_enabled && program->is_held)
    g_application_release (program->application);
  program->is_held = is_enabled;
}

typedef struct
{
  Program *program;                  /* (unowned) */
  GDBusMethodInvocation *invocation; /* (owned) */
} Call;

static void
enabled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Call *call = data;
  g_autoptr (GError) error = NULL;

  if (socks_desktop_follower_enable_finish (SOCKS_DESKTOP_FOLLOWER (source), result,
                                            &error))
    socks_dbus_desktop_proxy_complete_enable (call->program->object, call->invocation);
  else
    g_dbus_method_invocation_take_error (call->invocation, g_steal_pointer (&error));
  g_application_release (call->program->application);
}

static gboolean
enable_cb (SocksDBusDesktopProxy *object, GDBusMethodInvocation *invocation, gpointer data)
{
  Program *program = data;
  Call *call;

  if (program->refusal != NULL)
    {
      g_dbus_method_invocation_return_gerror (invocation, program->refusal);
      return G_DBUS_METHOD_INVOCATION_HANDLED;
    }
  call = g_new0 (Call, 1);
  call->program = program;
  call->invocation = invocation;
  g_application_hold (program->application);
  socks_desktop_follower_enable_async (program->follower, enabled_cb, call);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static gboolean
disable_cb (SocksDBusDesktopProxy *object, GDBusMethodInvocation *invocation, gpointer data)
{
  Program *program = data;
  g_autoptr (GError) error = NULL;

  if (program->refusal != NULL || socks_desktop_follower_disable (program->follower, &error))
    socks_dbus_desktop_proxy_complete_disable (object, invocation);
  else
    g_dbus_method_invocation_take_error (invocation, g_steal_pointer (&error));
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* While it still has its name: a face that lost it in the midst would start it again. */
static gboolean
told_to_end_cb (gpointer data)
{
  Program *program = data;
  g_autoptr (GError) error = NULL;

  if (program->follower != NULL &&
      !socks_desktop_follower_disable (program->follower, &error))
    g_warning ("The desktop's proxy will be restored at the next login: %s",
               error->message);
  g_application_quit (program->application);
  return G_SOURCE_CONTINUE;
}

/* Without a journal there is nothing that it could do, but say why. */
static void
set_up_follower (Program *program, GDBusConnection *bus)
{
  SocksDesktopSetter *setter = new_setter (bus, &program->refusal);

  if (setter == NULL)
    return;
  program->client = socks_client_new (NULL /* the system bus */);
  program->follower = socks_desktop_follower_new (program->client, setter);
  g_signal_connect (program->follower, "notify", G_CALLBACK (publish_cb), program);
}

/* Returns 0 or an exit code. The object is on the bus before the name is. */
static int
set_up (Program *program, GError **error)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);

  if (bus == NULL)
    return 1;
  program->object = socks_dbus_desktop_proxy_skeleton_new ();
  g_signal_connect (program->object, "handle-enable", G_CALLBACK (enable_cb), program);
  g_signal_connect (program->object, "handle-disable", G_CALLBACK (disable_cb), program);
  set_up_follower (program, bus);
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (program->object), bus,
                                         "/org/mycelium/Socks/DesktopProxy", error))
    return 1;

  program->application = g_application_new (APPLICATION_ID, G_APPLICATION_IS_SERVICE);
  g_application_set_inactivity_timeout (program->application, IDLE_MS);
  return g_application_register (program->application, NULL, error) ? 0 : 1;
}

static void
tear_down (Program *program)
{
  g_clear_object (&program->follower);
  g_clear_object (&program->client);
  g_clear_error (&program->refusal);
  g_clear_object (&program->object);
  g_clear_object (&program->application);
}

static int
run (void)
{
  const int signals[] = { SIGTERM, SIGINT, SIGHUP };
  Program program = { 0 };
  g_autoptr (GError) error = NULL;
  guint sources[G_N_ELEMENTS (signals)];
  int exit_code;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sources[i] = g_unix_signal_add (signals[i], told_to_end_cb, &program);
  exit_code = set_up (&program, &error);
  if (exit_code == 0)
    exit_code = g_application_run (program.application, 0, NULL);
  else
    g_warning ("The desktop's proxy can't be looked after: %s", error->message);
  tear_down (&program);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_source_remove (sources[i]);
  return exit_code;
}

int
main (int argc, char **argv)
{
  gboolean is_recovery = FALSE, is_version = FALSE;
  const GOptionEntry entries[] = {
    { "recover", 0, 0, G_OPTION_ARG_NONE, &is_recovery,
      N_ ("Restore what a former session has left, and end"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &is_version, N_ ("Show the version and exit"), NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (is_version)
    {
      g_print ("%s\n", PACKAGE_VERSION);
      return 0;
    }
  return is_recovery ? recover () : run ();
}
