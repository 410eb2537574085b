/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/error.h"
#include "engine/engine.h"
#include "fake-clock.h"
#include "fake-prober.h"
#include "fake-source.h"
#include "run-until.h"

G_BEGIN_DECLS

/* The engine and all that it stands on: time, network and peers in the hands of the test,
 * the relay and the file of the memory real. */
typedef struct
{
  SocksSettings *settings;     /* (owned) */
  FakeClock *clock;            /* (owned) */
  FakeProber *prober;          /* (owned) */
  FakeSource *source;          /* (owned): answers with nobody */
  SocksNodeClient *node;       /* (owned): not asked yet, and it does not run */
  SocksSweeper *sweeper;       /* (owned): not probing */
  SocksRelay *relay;           /* (owned) */
  SocksMemory *memory;         /* (owned) */
  char *memory_path;           /* (owned) */
  SocksConnection *connection; /* (owned) */
  SocksEngine *engine;         /* (owned): has had no request */

  GQueue events;    /* of (owned) char: what the connection told, see expect_event() */
  char *last_event; /* (owned): of its status */
} EngineWorld;

SocksSettings *world_settings_new (void);
EngineWorld *engine_world_new (void);
EngineWorld *engine_world_new_with (SocksSettings *settings);
void engine_world_free (EngineWorld *world);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EngineWorld, engine_world_free)

#define ONE "[400::1]:1080"
#define TWO "[400::2]:1080"
#define PORT(world) (&(world)->settings->listen_address)

/* A world in which ONE is known and silent. */
EngineWorld *world_with_silent_one (void);

/* Peers. */
void world_peer (EngineWorld *world, const char *peer, SocksStatus status);
void world_discover (EngineWorld *world, const char *peers);
void world_pass (EngineWorld *world, guint seconds);

/* What the connection told, one by one: "connecting", "connected automatic
 * [400::1]:1080", "failing manual [400::1]:1080 (Failed)" for a status that differs from
 * the last, and
 * "[400::1]:1080 → [400::2]:1080 failover" for a change of the remote. */
void expect_event (EngineWorld *world, const char *event);
void expect_no_event (EngineWorld *world);

/* The text of the last error is like @pattern, a glob. */
void expect_last_error (EngineWorld *world, const char *pattern);

void expect_remembered (EngineWorld *world, SocksSelection selection, const char *remote);

/* The connection without the engine, and the relay below it: waits until that has done
 * all that it was told. */
void adopt (EngineWorld *world,
            SocksSelection selection,
            const char *remote,
            SocksChangeReason reason);
void adopt_manual (EngineWorld *world, const char *remote);
void adopt_automatic (EngineWorld *world, const char *remote);
SocksRelayCounters get_counters (EngineWorld *world);
void wait_for_relay (EngineWorld *world);

/* One Connect. */
typedef struct
{
  gboolean is_over;
  SocksEndpoint remote;
  GError *error; /* (owned) (nullable) */
} Request;

Request *ask_to_connect (EngineWorld *world, const char *remote);
Request *ask_to_connect_with (EngineWorld *world, guint64 ticket, const char *remote);
void expect_waiting (Request *request);
void expect_chosen (Request *request, const char *remote);
void expect_failure (Request *request, SocksError code, const char *pattern);

/* Has connected, and the events of it are gone. */
void world_connect (EngineWorld *world, const char *remote);
void world_disconnect (EngineWorld *world);

G_END_DECLS
