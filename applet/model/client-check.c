/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The method Check, which changes nothing, but which somebody has to be allowed to call,
 * and starts the service where it does not run. Main thread. */

#include "model/client-call.h"

/**
 * socks_client_check_async:
 * @self: a client
 * @remote: a socket address
 * @target: what it is to be asked for as a proxy, or "" for nothing
 * @cancellable: (nullable): a way not to wait
 * @callback: called when the service has answered
 * @user_data: for @callback
 *
 * Has the service find out why a proxy can't be used.
 */
void
socks_client_check_async (SocksClient *self,
                          const char *remote,
                          const char *target,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  const SocksClientCall call = {
    .interface = SOCKS_SERVICE_INTERFACE,
    .method = "Check",
    .parameters = g_variant_new ("(ss)", remote, target),
    .reply_type = "(aa{sv})",
    .may_start = TRUE,
  };

  g_task_set_source_tag (task, socks_client_check_async);
  socks_client_call_send (task, &call);
}

/**
 * socks_client_check_finish:
 * @self: a client
 * @result: what the callback was given
 * @error: return location for an error, see socks_error_text()
 *
 * Returns: (transfer full) (nullable) (element-type SocksFinding): what was found
 */
GArray *
socks_client_check_finish (SocksClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);
  g_autoptr (GVariant) steps = NULL;

  if (reply == NULL)
    return NULL;
  steps = g_variant_get_child_value (reply, 0);
  return socks_findings_read (steps);
}
