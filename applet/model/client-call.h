/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/client.h"
#include "model/service-watch.h"

G_BEGIN_DECLS

/**
 * SocksClientCall:
 * @interface: of the method
 * @method: the method
 * @parameters: (owned) (nullable): its parameters
 * @reply_type: what it replies
 * @may_start: the service is started where it does not run
 * @is_starting: that is so, and its end is to be told
 *
 * One method call.
 */
typedef struct
{
  const char *interface;
  const char *method;
  GVariant *parameters;
  const char *reply_type;
  gboolean may_start;
  gboolean is_starting;
} SocksClientCall;

void socks_client_call_send (GTask *task, const SocksClientCall *call);

/* What the calls stand on: client.c. */
SocksBusLink *socks_client_get_link (SocksClient *self);
SocksServiceWatch *socks_client_get_watch (SocksClient *self);
void socks_client_add_start (SocksClient *self, GTask *task);

G_END_DECLS
