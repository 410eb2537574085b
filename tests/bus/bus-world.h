/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus-client.h"
#include "bus/socks-object.h"
#include "engine-world.h"
#include "fake-authority.h"

G_BEGIN_DECLS

/* The service's object on a private bus, over an engine in the hands of the test. */
typedef struct
{
  EngineWorld *engine;         /* (owned) */
  FakeAuthority *authority;    /* (owned): allows */
  SocksChecker *checker;       /* (owned) */
  SocksGatekeeper *gatekeeper; /* (owned) */
  SocksObject *object;         /* (owned) */
  PrivateBus *daemon;          /* (owned) */
  GDBusConnection *bus;        /* (owned): the service's */
  gboolean is_closing;         /* the gatekeeper */
  gboolean is_closed;          /* and nobody waits any more */
} BusWorld;

BusWorld *bus_world_new (void);
BusWorld *bus_world_new_over (EngineWorld *engine);
void bus_world_free (BusWorld *world);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BusWorld, bus_world_free)

/* A client that hears what is sent from now on. */
BusClient *bus_world_add_client (BusWorld *world);

/* One whole sweep that finds @peers, and all that there is to tell of it is told. */
void bus_world_discover (BusWorld *world, const char *peers);

/* Seconds pass for the service. */
void bus_world_pass (BusWorld *world, guint seconds);

/* The authority was asked @question, the first that was not looked at yet; NULL: nothing.
 */
void bus_world_expect_question (BusWorld *world, const char *question);

/* Closes the gatekeeper, which is over when @is_closed is set. */
void bus_world_close (BusWorld *world);

void bus_world_wait_for_hanging (BusWorld *world, guint n_checks);

G_END_DECLS
