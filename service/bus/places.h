/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksPlacesLimits:
 * @per_caller: how many places one caller may take
 * @per_user: how many one user other than root may take
 * @in_all: how many there are
 * @kept_for_root: how many of those nobody but root may take
 */
typedef struct
{
  guint per_caller;
  guint per_user;
  guint in_all;
  guint kept_for_root;
} SocksPlacesLimits;

/**
 * SocksPlaces:
 *
 * How many calls take their time, to wait for permission or to be carried out, and whether
 * one more may.
 *
 * A caller is a connection to the bus, and any user may have hundreds of those; so users
 * are counted, too. Some places are kept for root, which never waits for a person and is
 * who puts an end to what the others do. Whose a call is has to be asked first; meanwhile
 * it is its caller's alone. Main thread.
 */
typedef struct
{
  /*< private >*/
  const SocksPlacesLimits *limits; /* (unowned) */
  GHashTable *taken; /* (owned): name of a caller, or id of a user → number of places */
  guint n_taken;     /* by users */
} SocksPlaces;

void socks_places_init (SocksPlaces *places, const SocksPlacesLimits *limits);
void socks_places_clear (SocksPlaces *places);
gboolean socks_places_take_as_caller (SocksPlaces *places, const char *caller);
void socks_places_return_as_caller (SocksPlaces *places, const char *caller);
gboolean socks_places_take_as_user (SocksPlaces *places, guint32 user);
void socks_places_return_as_user (SocksPlaces *places, guint32 user);

G_END_DECLS
