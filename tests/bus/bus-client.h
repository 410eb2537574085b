/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "private-bus.h"

G_BEGIN_DECLS

/* A program on the bus that writes down what the service sends to it, in the order of the
 * wire:
 *
 *   "State='connecting'"                         properties, by name: one
 * PropertiesChanged "RemoteChanged ('', '[400::1]:1080', 'user')" "Connect →
 * ('[400::1]:1080',)"               the reply to a call "Connect →
 * org.mycelium.Socks.Error.Cancelled: …"
 */
typedef struct _BusClient BusClient;

BusClient *bus_client_new (PrivateBus *bus, const char *service);
void bus_client_free (BusClient *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BusClient, bus_client_free)

/* Proxies and PeerCounts come at their own pace; from now on they are written down too.
 */
void bus_client_hear_peers (BusClient *client);

void bus_client_call (BusClient *client, const char *method, GVariant *parameters);
void bus_client_call_interactively (BusClient *client,
                                    const char *method,
                                    GVariant *parameters);
void bus_client_connect (BusClient *client, const char *remote);

/* Its unique name on the bus. */
const char *bus_client_get_name (BusClient *client);

/* Closes the connection, with calls unanswered. */
void bus_client_leave (BusClient *client);

/* Waits for the next event and matches it with the glob @pattern. */
void bus_client_expect (BusClient *client, const char *pattern);

/* Drops what has come so far and is like @pattern, and returns how many that were. */
guint bus_client_drop (BusClient *client, const char *pattern);

/* Nothing is on its way to the client and nothing has come. */
void bus_client_expect_nothing (BusClient *client);

/* Questions whose answers are waited for. */
GVariant *bus_client_get (BusClient *client, const char *property);
void
bus_client_expect_property (BusClient *client, const char *property, const char *value);
GVariant *bus_client_ask (BusClient *client,
                          const char *interface,
                          const char *method,
                          GVariant *parameters);

G_END_DECLS
