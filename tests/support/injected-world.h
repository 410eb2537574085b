/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "injected-calls.h"
#include "relay-world.h"

G_BEGIN_DECLS

/* A relay of which one call fails, and what there was before it. */
typedef struct
{
  World world;
  Holdings before;
  GThread *echo; /* (owned) (nullable) */
} InjectedWorld;

gboolean injected_world_init (InjectedWorld *self,
                              guint n_workers,
                              Call call,
                              int error_number,
                              int number);
void injected_world_clear (InjectedWorld *self);
void injected_world_echo (InjectedWorld *self);
gboolean injected_world_serves (InjectedWorld *self, gsize n_bytes);

G_END_DECLS
