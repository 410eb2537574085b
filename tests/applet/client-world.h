/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "fake-service.h"
#include "model/client.h"
#include "private-bus.h"
#include "run-until.h"

G_BEGIN_DECLS

/* A client on a bus of its own, and what it tells. */
typedef struct
{
  char *directory;     /* (owned): temporary */
  char *address;       /* (owned): of the bus, also when it was restarted */
  PrivateBus *bus;     /* (owned) (nullable) */
  SocksClient *client; /* (owned) (nullable) */
  GString *events;     /* (owned): "availability state remote", by property */
  GError *error;       /* (owned) (nullable): of the last call */
  char *chosen;        /* (owned) (nullable): by the last Connect */
  gboolean is_over;    /* the last call */
} ClientWorld;

/* On a bus that does not know the service; that would start it by @exec; or there is no
 * bus yet. */
ClientWorld *client_world_new (void);
ClientWorld *client_world_new_with (const char *exec);
ClientWorld *client_world_new_without_bus (void);
void client_world_free (ClientWorld *world);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ClientWorld, client_world_free)

/* The command line of a program that is the service. */
char *client_world_service_command (void);

void client_world_start_bus (ClientWorld *world);
void client_world_stop_bus (ClientWorld *world);

/* Waits for it. */
void client_world_expect (ClientWorld *world, SocksAvailability availability);

/* Notifications since the last time: names of properties with a value each, and "|" for
 * each “changed”. */
void client_world_expect_events (ClientWorld *world, const char *events);

/* All that was sent to the client has come to it. */
void client_world_settle (ClientWorld *world);

/* Calls, one at a time; the answer is waited for by the expectations. */
void client_world_start (ClientWorld *world);
void client_world_connect (ClientWorld *world, const char *remote, GCancellable *cancel);
void client_world_expect_success (ClientWorld *world);
void client_world_expect_chosen (ClientWorld *world, const char *remote);
void client_world_expect_failure (ClientWorld *world, const char *text);

G_END_DECLS
