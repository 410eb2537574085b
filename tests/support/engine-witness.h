/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine-world.h"

G_BEGIN_DECLS

/* Makes requests of the engine in a test's place, and holds it to its promises: whatever
 * was asked, and whatever happens around. */
typedef struct
{
  EngineWorld *world;         /* (unowned) */
  gboolean is_restoring;      /* the choice of a former run is still to come */
  guint64 newest_ticket;      /* of the requests carried out */
  GQueue waiting;             /* of (unowned) Ask: a Connect without an answer */
  SocksConnectionStatus told; /* by the last ::changed, but for the error */
  gboolean is_error_told;
  char *told_remote;         /* (owned): by the last ::remote-changed */
  SocksSelection remembered; /* what a next run is to find */
  SocksEndpoint remembered_remote;
} EngineWitness;

EngineWitness *engine_witness_new (EngineWorld *world);
void engine_witness_free (EngineWitness *witness);

void witness_restore (EngineWitness *witness,
                      SocksSelection selection,
                      const SocksEndpoint *remote);
void witness_connect (EngineWitness *witness,
                      guint64 ticket,
                      const SocksEndpoint *remote);
void witness_disconnect (EngineWitness *witness, guint64 ticket);
void witness_shut_down (EngineWitness *witness);

/* When the main loop has nothing left to do. */
void witness_check (EngineWitness *witness);

G_END_DECLS
