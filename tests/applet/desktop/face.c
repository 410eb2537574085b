/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* “Use for this desktop” as the faces see it, with the program in the hands of the test;
 * and what is to be set when. */

#include "desktop-proxy/desktop-proxy.h"

#include <glib/gstdio.h>

#include "desktop-proxy-dbus.h"
#include "desktop-proxy/desktop-error.h"
#include "desktop-proxy/follower.h"
#include "private-bus.h"
#include "run-until.h"

#define NAME "org.mycelium.Socks.DesktopProxy"
#define PATH "/org/mycelium/Socks/DesktopProxy"

/* The program, and its name once it has it. */
typedef struct
{
  GDBusConnection *bus;          /* (owned) */
  SocksDBusDesktopProxy *object; /* (owned) */
  guint n_enables;
  guint n_disables;
  gboolean is_busy;
} Program;

typedef struct
{
  char *directory;          /* (owned): of the bus */
  PrivateBus *bus;          /* (owned): its program leaves the file “started” and fails */
  GDBusConnection *session; /* (owned): of the face */
  SocksDesktopProxy *proxy; /* (owned) */
  Program program;
  GError *error; /* (owned) (nullable): of the last call */
  gboolean is_over;
} Fixture;

static gboolean
enable_cb (SocksDBusDesktopProxy *object, GDBusMethodInvocation *invocation, gpointer data)
{
  Program *program = data;

  program->n_enables++;
  if (program->is_busy)
    {
      g_dbus_method_invocation_return_error (invocation, SOCKS_DESKTOP_ERROR,
                                             SOCKS_DESKTOP_ERROR_BUSY, "Another session");
      return TRUE;
    }
  socks_dbus_desktop_proxy_set_enabled (object, TRUE);
  socks_dbus_desktop_proxy_set_active (object, TRUE);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (object));
  socks_dbus_desktop_proxy_complete_enable (object, invocation);
  return TRUE;
}

static gboolean
disable_cb (SocksDBusDesktopProxy *object, GDBusMethodInvocation *invocation, gpointer data)
{
  Program *program = data;

  program->n_disables++;
  socks_dbus_desktop_proxy_set_enabled (object, FALSE);
  socks_dbus_desktop_proxy_set_active (object, FALSE);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (object));
  socks_dbus_desktop_proxy_complete_disable (object, invocation);
  return TRUE;
}

static void
start_program (Fixture *fixture)
{
  Program *program = &fixture->program;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  *program = (Program){ .bus = private_bus_connect (fixture->bus),
                        .object = socks_dbus_desktop_proxy_skeleton_new () };
  g_signal_connect (program->object, "handle-enable", G_CALLBACK (enable_cb), program);
  g_signal_connect (program->object, "handle-disable", G_CALLBACK (disable_cb), program);
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (program->object),
                                    program->bus, PATH, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (
      program->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName", g_variant_new ("(su)", NAME, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
      NULL, &error);
  g_assert_no_error (error);
}

static void
stop_program (Fixture *fixture)
{
  if (fixture->program.bus == NULL)
    return;
  g_dbus_interface_skeleton_unexport (
      G_DBUS_INTERFACE_SKELETON (fixture->program.object));
  g_dbus_connection_close_sync (fixture->program.bus, NULL, NULL);
  g_clear_object (&fixture->program.object);
  g_clear_object (&fixture->program.bus);
}

static char *
path_of (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

static void
write_file (Fixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = path_of (fixture, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static gboolean
was_started (Fixture *fixture)
{
  g_autofree char *path = path_of (fixture, "started");

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static PrivateBus *
new_bus (Fixture *fixture)
{
  g_autofree char *config_path = path_of (fixture, "bus.conf");
  g_autofree char *config = g_strdup_printf (
      "<busconfig><include>%s</include><servicedir>%s</servicedir></busconfig>",
      g_getenv ("PRIVATE_BUS_CONF"), fixture->directory);
  g_autofree char *service =
      g_strdup_printf ("[D-BUS Service]\nName=" NAME "\nExec=/bin/sh -c "
                       "\"touch %s/started; exit 1\"\n",
                       fixture->directory);

  write_file (fixture, "bus.conf", config);
  write_file (fixture, NAME ".service", service);
  return private_bus_new_with (config_path, NULL /* anywhere */);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("socks-face-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->bus = new_bus (fixture);
  fixture->session = private_bus_connect (fixture->bus);
  fixture->proxy = socks_desktop_proxy_new (fixture->session);
  g_assert_true (socks_desktop_proxy_get_supported (fixture->proxy));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  const char *const names[] = { "bus.conf", NAME ".service", "started" };

  g_object_unref (fixture->proxy);
  stop_program (fixture);
  g_dbus_connection_close_sync (fixture->session, NULL, NULL);
  g_object_unref (fixture->session);
  private_bus_free (fixture->bus);
  g_clear_error (&fixture->error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = path_of (fixture, names[i]);

      g_unlink (path);
    }
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->directory);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  socks_desktop_proxy_set_enabled_finish (SOCKS_DESKTOP_PROXY (source), result,
                                          &fixture->error);
  fixture->is_over = TRUE;
}

static void
switch_it (Fixture *fixture, gboolean enabled)
{
  g_clear_error (&fixture->error);
  fixture->is_over = FALSE;
  socks_desktop_proxy_set_enabled_async (fixture->proxy, enabled, NULL, done_cb, fixture);
  g_assert_false (fixture->is_over);
  RUN_UNTIL (fixture->is_over);
}

static void
test_it_shows_what_the_program_says (Fixture *fixture, gconstpointer data)
{
  start_program (fixture);
  switch_it (fixture, TRUE);
  g_assert_no_error (fixture->error);
  RUN_UNTIL (socks_desktop_proxy_get_enabled (fixture->proxy) &&
             socks_desktop_proxy_get_active (fixture->proxy));
  socks_dbus_desktop_proxy_set_active (fixture->program.object, FALSE);
  RUN_UNTIL (!socks_desktop_proxy_get_active (fixture->proxy));
  switch_it (fixture, FALSE);
  g_assert_no_error (fixture->error);
  RUN_UNTIL (!socks_desktop_proxy_get_enabled (fixture->proxy));
}

static void
test_nothing_is_started_to_switch_it_off (Fixture *fixture, gconstpointer data)
{
  switch_it (fixture, FALSE);
  g_assert_no_error (fixture->error);
  g_assert_false (was_started (fixture));
}

static void
test_an_error_is_a_sentence (Fixture *fixture, gconstpointer data)
{
  switch_it (fixture, TRUE);
  g_assert_cmpstr (socks_desktop_proxy_error_text (fixture->error), ==,
                   "The proxy of this desktop could not be changed. Log out and in again, "
                   "then try once more.");
  start_program (fixture);
  fixture->program.is_busy = TRUE;
  switch_it (fixture, TRUE);
  g_assert_error (fixture->error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_BUSY);
  for (int code = 0; code < SOCKS_N_DESKTOP_ERRORS; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SOCKS_DESKTOP_ERROR, code, "");

      g_assert_true (g_str_has_suffix (socks_desktop_proxy_error_text (error), "."));
    }
}

static void
test_a_program_that_died_is_started_again (Fixture *fixture, gconstpointer data)
{
  start_program (fixture);
  switch_it (fixture, TRUE);
  RUN_UNTIL (socks_desktop_proxy_get_enabled (fixture->proxy));
  g_assert_false (was_started (fixture));
  stop_program (fixture);
  RUN_UNTIL (was_started (fixture));
  g_assert_false (socks_desktop_proxy_get_enabled (fixture->proxy));
}

static void
test_without_a_bus_it_is_not_offered (void)
{
  g_autoptr (SocksDesktopProxy) proxy = socks_desktop_proxy_new (NULL);

  g_assert_false (socks_desktop_proxy_get_supported (proxy));
}

static void
test_it_is_set_while_the_port_is_open (void)
{
  const struct
  {
    SocksAvailability availability;
    SocksClientState state;
    const char *listening;
    guint16 port_if_new, port_if_set;
  } rows[] = {
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_CONNECTED, "[::]:1080", 1080, 1080 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_CONNECTED, "[::]:9050", 9050, 9050 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_FAILING, "[::]:1080", 0, 1080 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_CONNECTING, "[::]:1080", 0, 1080 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_FAILING, "[::]:9050", 0, 0 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_CONNECTING, "", 0, 0 },
    { SOCKS_AVAILABILITY_PRESENT, SOCKS_CLIENT_DISCONNECTED, "", 0, 0 },
    { SOCKS_AVAILABILITY_NOT_RUNNING, SOCKS_CLIENT_DISCONNECTED, "", 0, 0 },
    { SOCKS_AVAILABILITY_STARTING, SOCKS_CLIENT_CONNECTED, "[::]:1080", 0, 0 },
  };
  g_autoptr (SocksDesktopTarget) current = socks_desktop_target_new ("[::]:1080");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
      g_autoptr (SocksDesktopTarget) if_new = NULL;
      g_autoptr (SocksDesktopTarget) if_set = NULL;

      snapshot->availability = rows[i].availability;
      snapshot->state = rows[i].state;
      g_free (snapshot->listening);
      snapshot->listening = g_strdup (rows[i].listening);
      if_new = socks_desktop_follower_choose (snapshot, NULL);
      if_set = socks_desktop_follower_choose (snapshot, current);
      g_assert_cmpuint (if_new != NULL ? if_new->port : 0, ==, rows[i].port_if_new);
      g_assert_cmpuint (if_set != NULL ? if_set->port : 0, ==, rows[i].port_if_set);
    }
}

#define ADD(name, function)                                                              \
  g_test_add ("/desktop-proxy/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  /* A desktop that is known, wherever this runs. */
  g_setenv ("XDG_CURRENT_DESKTOP", "KDE", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_test_init (&argc, &argv, NULL);

  ADD ("it-shows-what-the-program-says", test_it_shows_what_the_program_says);
  ADD ("nothing-is-started-to-switch-it-off", test_nothing_is_started_to_switch_it_off);
  ADD ("an-error-is-a-sentence", test_an_error_is_a_sentence);
  ADD ("a-program-that-died-is-started-again",
       test_a_program_that_died_is_started_again);
  g_test_add_func ("/desktop-proxy/without-a-bus-it-is-not-offered",
                   test_without_a_bus_it_is_not_offered);
  g_test_add_func ("/desktop-proxy/it-is-set-while-the-port-is-open",
                   test_it_is_set_while_the_port_is_open);
  return g_test_run ();
}
