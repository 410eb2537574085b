/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine promises whatever happens: each Connect is answered once, in time, and
 * with what is so; ::changed tells all that is so, before anything is answered; each
 * ::remote-changed follows the one before; what is chosen is remembered; and who is
 * disconnected has nothing running. Main thread. */

#include "engine-witness.h"

/* One Connect. */
typedef struct
{
  EngineWitness *witness;
  guint64 ticket;
  gboolean is_automatic;
  gint64 latest_us; /* when it has to be answered */
} Ask;

static gint64
now_us (EngineWitness *witness)
{
  return socks_clock_get_monotonic_us (SOCKS_CLOCK (witness->world->clock));
}

static gboolean
is_told (EngineWitness *witness)
{
  const SocksConnectionStatus *status =
      socks_connection_get_status (witness->world->connection);

  return witness->told.state == status->state &&
         witness->told.selection == status->selection &&
         (status->selection == SOCKS_SELECTION_NONE ||
          socks_endpoint_equal (&witness->told.remote, &status->remote)) &&
         witness->is_error_told == (status->last_error != NULL);
}

static void
changed_cb (SocksConnection *connection, gpointer data)
{
  EngineWitness *witness = data;
  const SocksConnectionStatus *status = socks_connection_get_status (connection);
  gboolean has_remote = status->selection != SOCKS_SELECTION_NONE;
  SocksEndpoint local;

  witness->told = *status;
  witness->is_error_told = g_steal_pointer (&witness->told.last_error) != NULL;
  g_assert_true (has_remote == (socks_connection_get_remote (connection) != NULL));
  g_assert_true (has_remote == socks_relay_get_local (witness->world->relay, &local));
  g_assert_true (has_remote == (status->state == SOCKS_STATE_CONNECTED ||
                                status->state == SOCKS_STATE_FAILING));
  if (status->state == SOCKS_STATE_FAILING)
    g_assert_nonnull (status->last_error);
  if (has_remote)
    {
      witness->is_restoring = FALSE;
      witness->remembered = status->selection;
      witness->remembered_remote = status->remote;
    }
}

static void
remote_changed_cb (SocksConnection *connection,
                   const char *old_remote,
                   const char *new_remote,
                   guint reason,
                   gpointer data)
{
  EngineWitness *witness = data;
  const SocksEndpoint *remote = socks_connection_get_remote (connection);
  g_autofree char *text = remote != NULL ? socks_endpoint_format (remote) : g_strdup ("");
  gboolean is_first = *old_remote == '\0';

  g_assert_cmpstr (old_remote, ==, witness->told_remote);
  g_assert_cmpstr (new_remote, !=, old_remote);
  g_assert_cmpstr (new_remote, ==, text);
  g_assert_true (is_told (witness));
  g_free (witness->told_remote);
  witness->told_remote = g_steal_pointer (&text);

  switch ((SocksChangeReason)reason)
    {
    case SOCKS_CHANGE_AUTOMATIC:
      g_assert_cmpint (witness->told.selection, ==, SOCKS_SELECTION_AUTOMATIC);
      g_assert_cmpuint (witness->waiting.length, >, 0);
      break;
    case SOCKS_CHANGE_USER:
      g_assert_cmpint (witness->told.selection, !=, SOCKS_SELECTION_AUTOMATIC);
      break;
    case SOCKS_CHANGE_FAILOVER:
      g_assert_false (is_first);
      g_assert_cmpint (witness->told.selection, ==, SOCKS_SELECTION_AUTOMATIC);
      g_assert_true (witness->world->settings->failover);
      g_assert_cmpuint (witness->waiting.length, ==, 0);
      break;
    case SOCKS_CHANGE_RESTORED:
      g_assert_true (is_first);
      break;
    case SOCKS_CHANGE_SHUTDOWN:
      g_assert_cmpstr (new_remote, ==, "");
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Ask *ask = data;
  EngineWitness *witness = ask->witness;
  const SocksConnectionStatus *status =
      socks_connection_get_status (witness->world->connection);
  g_autoptr (GError) error = NULL;
  SocksEndpoint remote;
  gboolean is_newest = ask->ticket == witness->newest_ticket;

  g_assert_true (g_queue_remove (&witness->waiting, ask));
  g_assert_cmpint (now_us (witness), <=, ask->latest_us);

  if (socks_engine_connect_finish (SOCKS_ENGINE (source), result, &remote, &error))
    {
      if (!is_newest)
        return;
      g_assert_cmpint (status->state, ==, SOCKS_STATE_CONNECTED);
      g_assert_cmpint (status->selection, ==,
                       ask->is_automatic ? SOCKS_SELECTION_AUTOMATIC
                                         : SOCKS_SELECTION_MANUAL);
      g_assert_true (socks_endpoint_equal (&status->remote, &remote));
      g_assert_no_error (status->last_error);
      return;
    }

  g_assert_true (error->domain == SOCKS_ERROR);
  switch ((SocksError)error->code)
    {
    case SOCKS_ERROR_CANCELLED:
      g_assert_cmpuint (ask->ticket, <, witness->newest_ticket);
      break;
    case SOCKS_ERROR_NO_VALID_PROXY:
      g_assert_true (ask->is_automatic);
      break;
    case SOCKS_ERROR_ADDRESS_IN_USE:
      if (is_newest)
        g_assert_cmpint (status->selection, ==, SOCKS_SELECTION_NONE);
      break;
    default:
      g_error ("%s", error->message);
    }
  if (is_newest && !witness->is_restoring)
    g_assert_error (status->last_error, SOCKS_ERROR, error->code);
}

/* On the connection of @world, which has told nothing yet. */
EngineWitness *
engine_witness_new (EngineWorld *world)
{
  EngineWitness *witness = g_new0 (EngineWitness, 1);

  witness->world = world;
  witness->told_remote = g_strdup ("");
  g_signal_connect (world->connection, "changed", G_CALLBACK (changed_cb), witness);
  g_signal_connect (world->connection, "remote-changed", G_CALLBACK (remote_changed_cb),
                    witness);
  return witness;
}

void
engine_witness_free (EngineWitness *witness)
{
  g_signal_handlers_disconnect_by_data (witness->world->connection, witness);
  g_free (witness->told_remote);
  g_free (witness);
}

/* A former run had chosen that. */
void
witness_restore (EngineWitness *witness,
                 SocksSelection selection,
                 const SocksEndpoint *remote)
{
  witness->remembered = selection;
  witness->remembered_remote = *remote;
  witness->is_restoring = TRUE;
  socks_memory_save (witness->world->memory, selection, remote);
  socks_engine_restore (witness->world->engine, selection, remote);
}

/* @remote is NULL for the fastest. */
void
witness_connect (EngineWitness *witness, guint64 ticket, const SocksEndpoint *remote)
{
  Ask *ask = g_new0 (Ask, 1);
  /* Somebody may begin to probe meanwhile. */
  gboolean may_wait_for_a_sweep =
      socks_sweeper_get_last_sweep_us (witness->world->sweeper) == 0;

  ask->witness = witness;
  ask->ticket = ticket;
  ask->is_automatic = remote == NULL;
  ask->latest_us = now_us (witness) + (may_wait_for_a_sweep ? 10 : 5) * G_USEC_PER_SEC;
  g_queue_push_tail (&witness->waiting, ask);
  witness->newest_ticket = MAX (witness->newest_ticket, ticket);
  socks_engine_connect_async (witness->world->engine, ticket, remote, answered_cb, ask);
}

void
witness_disconnect (EngineWitness *witness, guint64 ticket)
{
  if (ticket >= witness->newest_ticket)
    {
      witness->newest_ticket = ticket;
      witness->is_restoring = FALSE;
      witness->remembered = SOCKS_SELECTION_NONE;
    }
  socks_engine_disconnect (witness->world->engine, ticket);
}

void
witness_shut_down (EngineWitness *witness)
{
  witness->newest_ticket = G_MAXUINT64;
  witness->is_restoring = FALSE;
  socks_engine_shut_down (witness->world->engine);
  settle_main_loop ();
  witness_check (witness);
  g_assert_cmpint (witness->told.state, ==, SOCKS_STATE_DISCONNECTED);
  g_assert_cmpuint (witness->waiting.length, ==, 0);
}

void
witness_check (EngineWitness *witness)
{
  EngineWorld *world = witness->world;
  const SocksConnectionStatus *status = socks_connection_get_status (world->connection);
  Ask *waiting = g_queue_peek_head (&witness->waiting);
  gboolean is_sweeping = socks_sweeper_is_sweeping (world->sweeper);

  /* Those are for tests that know what comes. */
  g_queue_clear_full (&world->events, g_free);

  g_assert_true (is_told (witness));
  g_assert_cmpuint (witness->waiting.length, <=, 1);
  if (waiting != NULL)
    {
      g_assert_cmpuint (waiting->ticket, ==, witness->newest_ticket);
      g_assert_cmpint (now_us (witness), <, waiting->latest_us);
    }
  if (status->selection == SOCKS_SELECTION_NONE)
    g_assert_cmpint (status->state, ==,
                     waiting != NULL || witness->is_restoring ? SOCKS_STATE_CONNECTING
                                                              : SOCKS_STATE_DISCONNECTED);
  if (status->state == SOCKS_STATE_DISCONNECTED)
    {
      g_assert_cmpuint (fake_clock_count_timers (world->clock), ==,
                        (guint)socks_sweeper_is_probing (world->sweeper));
      if (!is_sweeping)
        g_assert_cmpuint (fake_prober_count_in_flight (world->prober, NULL), ==, 0);
    }
}
