/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Which D-Bus error each of our errors is: the one table of their names. Any thread. */

#include "bus/error-name.h"

#include "core/error.h"

#define PREFIX "org.mycelium.Socks.Error."

/* The last three happen inside the service and reach nobody by a call; should one do so
 * nevertheless, it has no name of its own. */
static const char *const names[] = {
  [SOCKS_ERROR_INVALID_REMOTE] = PREFIX "InvalidRemote",
  [SOCKS_ERROR_INVALID_TARGET] = PREFIX "InvalidTarget",
  [SOCKS_ERROR_REMOTE_NOT_ALLOWED] = PREFIX "RemoteNotAllowed",
  [SOCKS_ERROR_NO_VALID_PROXY] = PREFIX "NoValidProxy",
  [SOCKS_ERROR_ADDRESS_IN_USE] = PREFIX "AddressInUse",
  [SOCKS_ERROR_LISTEN_FAILED] = PREFIX "ListenFailed",
  [SOCKS_ERROR_CANCELLED] = PREFIX "Cancelled",
  [SOCKS_ERROR_FAILED] = PREFIX "Failed",
  [SOCKS_ERROR_SETTINGS] = PREFIX "Failed",
  [SOCKS_ERROR_NODE] = PREFIX "Failed",
  [SOCKS_ERROR_PROBE] = PREFIX "Failed",
};

G_STATIC_ASSERT (G_N_ELEMENTS (names) == SOCKS_ERROR_PROBE + 1);

/**
 * socks_error_name_of:
 * @error: an error
 *
 * Returns: (transfer full): its D-Bus name
 */
char *
socks_error_name_of (const GError *error)
{
  if (error->domain == SOCKS_ERROR && (gsize) error->code < G_N_ELEMENTS (names))
    return g_strdup (names[error->code]);
  if (error->domain == G_DBUS_ERROR)
    return g_dbus_error_encode_gerror (error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_strdup (names[SOCKS_ERROR_CANCELLED]);
  return g_strdup (names[SOCKS_ERROR_FAILED]);
}

/**
 * socks_error_name_return:
 * @invocation: (transfer full): the call to answer
 * @error: the answer
 *
 * Answers a call with an error.
 */
void
socks_error_name_return (GDBusMethodInvocation *invocation, const GError *error)
{
  g_autofree char *name = socks_error_name_of (error);

  g_dbus_method_invocation_return_dbus_error (invocation, name, error->message);
}
