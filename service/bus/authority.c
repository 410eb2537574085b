/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface of what knows who may do what. */

#include "bus/authority.h"

G_DEFINE_INTERFACE (SocksAuthority, socks_authority, G_TYPE_OBJECT)

static void
socks_authority_default_init (SocksAuthorityInterface *iface)
{
}

/**
 * socks_authority_check_async:
 * @self: an authority
 * @sender: the caller's unique bus name
 * @action: one of the `SOCKS_ACTION_`s
 * @may_interact: whether a person may be asked for a password
 * @cancellable: (nullable): ends the check
 * @callback: called with the answer, never before this function has returned
 * @user_data: for @callback
 *
 * Asks whether the caller may do this. May take as long as a person takes; when the caller
 * leaves the bus, it ends soon.
 */
void
socks_authority_check_async (SocksAuthority *self,
                             const char *sender,
                             const char *action,
                             gboolean may_interact,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  SOCKS_AUTHORITY_GET_IFACE (self)->check_async (self, sender, action, may_interact,
                                                 cancellable, callback, user_data);
}

/**
 * socks_authority_check_finish:
 * @self: an authority
 * @result: what the callback was given
 * @error: return location for a %G_DBUS_ERROR_ACCESS_DENIED or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether the caller may; any failure of the check is a no
 */
gboolean
socks_authority_check_finish (SocksAuthority *self, GAsyncResult *result, GError **error)
{
  return SOCKS_AUTHORITY_GET_IFACE (self)->check_finish (self, result, error);
}
