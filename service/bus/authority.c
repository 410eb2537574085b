/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface of what knows who callers are and what they may do. */

#include "bus/authority.h"

G_DEFINE_INTERFACE (SocksAuthority, socks_authority, G_TYPE_OBJECT)

static void
socks_authority_default_init (SocksAuthorityInterface *iface)
{
}

/**
 * socks_authority_identify_async:
 * @self: an authority
 * @sender: the caller's unique bus name
 * @cancellable: (nullable): ends the question
 * @callback: called with the answer, never before this function has returned
 * @user_data: for @callback
 *
 * Asks whose program the caller is.
 */
void
socks_authority_identify_async (SocksAuthority *self,
                                const char *sender,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  SOCKS_AUTHORITY_GET_IFACE (self)->identify_async (self, sender, cancellable, callback,
                                                    user_data);
}

/**
 * socks_authority_identify_finish:
 * @self: an authority
 * @result: what the callback was given
 * @out_user: (out): the id of the user
 * @error: return location for a %G_DBUS_ERROR_ACCESS_DENIED, most likely since the caller
 *   has left, or a %G_IO_ERROR_CANCELLED
 *
 * Returns: whether it is known
 */
gboolean
socks_authority_identify_finish (SocksAuthority *self,
                                 GAsyncResult *result,
                                 guint32 *out_user,
                                 GError **error)
{
  return SOCKS_AUTHORITY_GET_IFACE (self)->identify_finish (self, result, out_user,
                                                            error);
}

/**
 * socks_authority_check_async:
 * @self: an authority
 * @sender: the caller's unique bus name
 * @user: whose program the caller is
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
                             guint32 user,
                             const char *action,
                             gboolean may_interact,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  SOCKS_AUTHORITY_GET_IFACE (self)->check_async (self, sender, user, action, may_interact,
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
