/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Counts the calls that take their time, see #SocksPlaces. */

#include "bus/places.h"

static guint
count (SocksPlaces *places, const char *who)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (places->taken, who));
}

static void
set (SocksPlaces *places, const char *who, guint number)
{
  if (number == 0)
    g_hash_table_remove (places->taken, who);
  else
    g_hash_table_insert (places->taken, g_strdup (who), GUINT_TO_POINTER (number));
}

/* Callers' names begin with a colon. */
static char *
name_user (guint32 user)
{
  return g_strdup_printf ("%u", user);
}

/**
 * socks_places_init:
 * @places: (out caller-allocates): places, all free
 * @limits: how many there are; must outlive @places
 */
void
socks_places_init (SocksPlaces *places, const SocksPlacesLimits *limits)
{
  *places = (SocksPlaces){
    .limits = limits,
    .taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
  };
}

/**
 * socks_places_clear:
 * @places: places that were initialised
 */
void
socks_places_clear (SocksPlaces *places)
{
  g_clear_pointer (&places->taken, g_hash_table_unref);
}

/**
 * socks_places_take_as_caller:
 * @places: the places
 * @caller: a unique bus name
 *
 * Takes one of the caller's places for a call.
 *
 * Returns: whether there was one
 */
gboolean
socks_places_take_as_caller (SocksPlaces *places, const char *caller)
{
  guint number = count (places, caller);

  if (number >= places->limits->per_caller)
    return FALSE;
  set (places, caller, number + 1);
  return TRUE;
}

/**
 * socks_places_return_as_caller:
 * @places: the places
 * @caller: who has taken one
 */
void
socks_places_return_as_caller (SocksPlaces *places, const char *caller)
{
  set (places, caller, count (places, caller) - 1);
}

/**
 * socks_places_take_as_user:
 * @places: the places
 * @user: a user's id
 *
 * Takes one of the user's places, and of all, for a call that has one of its caller's.
 *
 * Returns: whether there was one
 */
gboolean
socks_places_take_as_user (SocksPlaces *places, guint32 user)
{
  g_autofree char *name = name_user (user);
  guint number = count (places, name);
  const SocksPlacesLimits *limits = places->limits;
  gboolean is_root = user == 0;

  if (places->n_taken >= limits->in_all - (is_root ? 0 : limits->kept_for_root) ||
      (!is_root && number >= limits->per_user))
    return FALSE;
  set (places, name, number + 1);
  places->n_taken++;
  return TRUE;
}

/**
 * socks_places_return_as_user:
 * @places: the places
 * @user: who has taken one
 */
void
socks_places_return_as_user (SocksPlaces *places, guint32 user)
{
  g_autofree char *name = name_user (user);

  set (places, name, count (places, name) - 1);
  places->n_taken--;
}
