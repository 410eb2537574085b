/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a dbus-daemon. GTestDBus would do that too, but when a test fails its helper lives
 * on, with the daemon and our standard output, and whoever reads that waits for ever.
 * Main thread. */

#include "private-bus.h"

#include <signal.h>
#include <sys/prctl.h>

/* In the child, between fork() and exec(). */
static void
bind_to_us_cb (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *
spawn_bound_to_us (const char *const *argv, GSubprocessFlags flags)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, bind_to_us_cb, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  return process;
}

PrivateBus *
private_bus_new (void)
{
  return private_bus_new_with (g_getenv ("PRIVATE_BUS_CONF"), NULL /* anywhere */);
}

/* A bus of another configuration, and at @address if that is given. */
PrivateBus *
private_bus_new_with (const char *config_path, const char *address)
{
  PrivateBus *bus = g_new0 (PrivateBus, 1);
  g_autofree char *config = g_strconcat ("--config-file=", config_path, NULL);
  g_autofree char *listen = g_strconcat ("--address=", address, NULL);
  const char *argv[] = {
    "dbus-daemon", config, "--nofork", "--print-address", address != NULL ? listen : NULL,
    NULL,
  };
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;

  /* What the daemon has to say is that it can't raise its limit of descriptors. */
  bus->daemon = spawn_bound_to_us (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                             G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (bus->daemon));
  bus->address = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (bus->address);
  return bus;
}

void
private_bus_free (PrivateBus *bus)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_send_signal (bus->daemon, SIGTERM);
  g_subprocess_wait (bus->daemon, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (bus->daemon);
  g_free (bus->address);
  g_free (bus);
}

/* A connection of its own, that does not end the program with the bus. */
GDBusConnection *
private_bus_connect (PrivateBus *bus)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      bus->address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL /* observer */, NULL /* cancellable */, &error);

  g_assert_no_error (error);
  return connection;
}
