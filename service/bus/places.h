/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksPlaces:
 *
 * How many calls wait for permission, and whether one more may.
 *
 * A caller is a connection to the bus, and any user may have hundreds of those; so users
 * are counted, too. Some places are kept for root, which never waits for a person and is
 * who puts an end to what the others do. Whose a call is has to be asked first; meanwhile
 * it is its caller's alone. Main thread.
 */
typedef struct
{
  /*< private >*/
  GHashTable *taken; /* (owned): name of a caller, or id of a user → number of places */
  guint n_taken;     /* by users */
} SocksPlaces;

void socks_places_init (SocksPlaces *places);
void socks_places_clear (SocksPlaces *places);
gboolean socks_places_take_as_caller (SocksPlaces *places, const char *caller);
void socks_places_return_as_caller (SocksPlaces *places, const char *caller);
gboolean socks_places_take_as_user (SocksPlaces *places, guint32 user);
void socks_places_return_as_user (SocksPlaces *places, guint32 user);

G_END_DECLS
