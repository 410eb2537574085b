/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The names under which clients see errors. */

#include "bus/error-name.h"

#include "core/error.h"

static void
expect_name (GQuark domain, int code, const char *expected)
{
  g_autoptr (GError) error = g_error_new (domain, code, "Something went wrong");
  g_autofree char *name = socks_error_name_of (error);

  g_assert_cmpstr (name, ==, expected);
  g_assert_true (g_dbus_is_error_name (name));
}

static void
test_each_error_has_its_name (void)
{
  expect_name (SOCKS_ERROR, SOCKS_ERROR_INVALID_REMOTE,
               "org.mycelium.Socks.Error.InvalidRemote");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_INVALID_TARGET,
               "org.mycelium.Socks.Error.InvalidTarget");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_REMOTE_NOT_ALLOWED,
               "org.mycelium.Socks.Error.RemoteNotAllowed");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_NO_VALID_PROXY,
               "org.mycelium.Socks.Error.NoValidProxy");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_ADDRESS_IN_USE,
               "org.mycelium.Socks.Error.AddressInUse");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_LISTEN_FAILED,
               "org.mycelium.Socks.Error.ListenFailed");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_CANCELLED, "org.mycelium.Socks.Error.Cancelled");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_FAILED, "org.mycelium.Socks.Error.Failed");
}

static void
test_what_has_no_name_of_its_own_is_failed (void)
{
  expect_name (SOCKS_ERROR, SOCKS_ERROR_SETTINGS, "org.mycelium.Socks.Error.Failed");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_NODE, "org.mycelium.Socks.Error.Failed");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_PROBE, "org.mycelium.Socks.Error.Failed");
  expect_name (SOCKS_ERROR, SOCKS_ERROR_PROBE + 1, "org.mycelium.Socks.Error.Failed");
  expect_name (SOCKS_ERROR, -1, "org.mycelium.Socks.Error.Failed");
  expect_name (G_IO_ERROR, G_IO_ERROR_FAILED, "org.mycelium.Socks.Error.Failed");
  expect_name (G_FILE_ERROR, G_FILE_ERROR_NOENT, "org.mycelium.Socks.Error.Failed");
}

static void
test_the_bus_has_names_for_some (void)
{
  expect_name (G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
               "org.freedesktop.DBus.Error.AccessDenied");
  expect_name (G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
               "org.freedesktop.DBus.Error.LimitsExceeded");
  expect_name (G_IO_ERROR, G_IO_ERROR_CANCELLED, "org.mycelium.Socks.Error.Cancelled");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/error-name/" #name, test_##name)
  ADD (each_error_has_its_name);
  ADD (what_has_no_name_of_its_own_is_failed);
  ADD (the_bus_has_names_for_some);
  return g_test_run ();
}
