/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A message bus of the test's own, on which nothing can be activated unless its
 * configuration says so. */
typedef struct
{
  GSubprocess *daemon; /* (owned) */
  char *address;       /* (owned) */
} PrivateBus;

PrivateBus *private_bus_new (void);
PrivateBus *private_bus_new_with (const char *config_path, const char *address);
void private_bus_free (PrivateBus *bus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PrivateBus, private_bus_free)

GDBusConnection *private_bus_connect (PrivateBus *bus);

/* A program that does not outlive this one, however this one ends. */
GSubprocess *spawn_bound_to_us (const char *const *argv, GSubprocessFlags flags);

G_END_DECLS
