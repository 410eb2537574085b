/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Random walks: requests, peers that come, go and fall silent, sweeps, a local port that
 * others take, and time, in any order and several at once. Whatever happens, the engine
 * keeps its promises, see engine-witness.c, and when the world is well again so is the
 * connection. GLib tells the seed; --seed=… walks the same ways again. */

#include "engine/engine.h"

#include "engine-witness.h"
#include "relay-world.h"
#include "relay/listener.h"

#define N_WALKS PLAIN_OR_SANITIZED (20, 8)
#define N_STEPS 300

#define N_TICKETS 3

static const char *const peers[] = { "[400::1]:1080", "[400::2]:1080", "[400::3]:1080" };

#define ALL_PEERS "[400::1]:1080 [400::2]:1080 [400::3]:1080"

typedef struct
{
  EngineWorld *world;         /* (owned) */
  EngineWitness *witness;     /* (owned) */
  SocksListener *other;       /* (owned) (nullable): another program on the local port */
  guint64 tickets[N_TICKETS]; /* of requests that wait for their permission; 0: none */
} Walk;

static gboolean
chance (gint32 percent)
{
  return g_test_rand_int_range (0, 100) < percent;
}

static const char *
any_peer (void)
{
  return peers[g_test_rand_int_range (0, G_N_ELEMENTS (peers))];
}

/* A ticket of now, or of a request that had to wait for its permission. */
static guint64
choose_ticket (Walk *walk)
{
  guint64 *kept = &walk->tickets[g_test_rand_int_range (0, N_TICKETS)];
  guint64 ticket = *kept;

  if (ticket != 0 && chance (30))
    {
      *kept = 0;
      return ticket;
    }
  if (ticket == 0 && chance (10))
    *kept = socks_engine_take_ticket (walk->world->engine);
  return socks_engine_take_ticket (walk->world->engine);
}

static void
change_a_peer (Walk *walk)
{
  static const SocksStatus statuses[] = {
    SOCKS_STATUS_VALID,
    SOCKS_STATUS_VALID,
    SOCKS_STATUS_NOT_LISTENING,
    SOCKS_STATUS_NOT_LISTENING,
    SOCKS_STATUS_AUTHENTICATION_REQUIRED,
  };
  const char *peer = any_peer ();

  if (chance (20))
    fake_prober_hold (walk->world->prober, peer);
  else if (chance (10))
    fake_prober_fail (walk->world->prober, peer);
  else
    fake_prober_answer (walk->world->prober, peer,
                        statuses[g_test_rand_int_range (0, G_N_ELEMENTS (statuses))],
                        (guint32)g_test_rand_int_range (1, 1000));
}

static void
change_the_source (Walk *walk)
{
  if (chance (20))
    fake_source_hold (walk->world->source);
  else if (chance (20))
    fake_source_fail (walk->world->source);
  else
    {
      g_autoptr (GPtrArray) named = g_ptr_array_new ();
      g_autofree char *text = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
        if (chance (60))
          g_ptr_array_add (named, (gpointer)peers[i]);
      g_ptr_array_add (named, NULL);
      text = g_strjoinv (" ", (char **)named->pdata);
      fake_source_name (walk->world->source, text);
    }
}

static void
change_the_port (Walk *walk)
{
  SocksEndpoint local;

  if (walk->other != NULL)
    g_clear_pointer (&walk->other, socks_listener_unref);
  else if (!socks_relay_get_local (walk->world->relay, &local) && chance (50))
    g_assert_cmpint (socks_listener_open (PORT (walk->world), TRUE, &walk->other), ==, 0);
}

static void
do_something (gpointer data)
{
  Walk *walk = data;
  SocksEndpoint peer = endpoint_of (any_peer ());

  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
    case 1:
      witness_connect (walk->witness, choose_ticket (walk), NULL /* the fastest */);
      break;
    case 2:
      witness_connect (walk->witness, choose_ticket (walk), &peer);
      break;
    case 3:
      witness_disconnect (walk->witness, choose_ticket (walk));
      break;
    case 4:
      socks_sweeper_set_probing (walk->world->sweeper, TRUE);
      break;
    case 5:
      socks_sweeper_set_probing (walk->world->sweeper, FALSE);
      break;
    case 6:
      socks_sweeper_sweep_now (walk->world->sweeper);
      break;
    case 7:
      change_the_source (walk);
      break;
    case 8:
      change_the_port (walk);
      break;
    default:
      change_a_peer (walk);
      break;
    }
}

static void
check (Walk *walk)
{
  EngineWorld *world = walk->world;
  gboolean has_remote = socks_connection_get_remote (world->connection) != NULL;
  g_autoptr (GArray) known =
      socks_peer_table_list_all (socks_sweeper_get_table (world->sweeper));

  witness_check (walk->witness);
  g_assert_cmpuint (known->len, <=, G_N_ELEMENTS (peers));

  /* A sweep, a search with its race, the watch over the remote: each asks a peer once. */
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    g_assert_cmpuint (fake_prober_count_in_flight (world->prober, peers[i]), <=,
                      (guint)socks_sweeper_is_sweeping (world->sweeper) + 1 +
                          (guint)has_remote);
}

/* In the main loop, as it is in life, or before it is entered; then time may pass. */
static void
take_a_step (Walk *walk)
{
  for (gint32 i = g_test_rand_int_range (1, 4); i > 0; i--)
    if (chance (70))
      g_idle_add_once (do_something, walk);
    else
      do_something (walk);
  settle_main_loop ();
  check (walk);

  if (chance (50))
    {
      fake_clock_advance (
          walk->world->clock,
          g_test_rand_int_range (0, (chance (50) ? 2 : 20) * G_USEC_PER_SEC));
      settle_main_loop ();
      check (walk);
    }
}

static void
begin (Walk *walk)
{
  SocksSettings *settings = world_settings_new ();

  settings->failover = chance (80);
  walk->world = engine_world_new_with (settings);
  walk->witness = engine_witness_new (walk->world);
  fake_source_name (walk->world->source, ALL_PEERS);

  if (chance (30))
    change_the_port (walk);
  if (chance (50))
    {
      SocksEndpoint remote = endpoint_of (any_peer ());

      witness_restore (walk->witness,
                       chance (50) ? SOCKS_SELECTION_AUTOMATIC : SOCKS_SELECTION_MANUAL,
                       &remote);
    }
}

/* All peers are like that from now on, and named, and asked. */
static void
let_all_be (Walk *walk, SocksStatus status)
{
  for (guint i = 0; i < G_N_ELEMENTS (peers); i++)
    world_peer (walk->world, peers[i], status);
  fake_source_name (walk->world->source, ALL_PEERS);
  socks_sweeper_set_probing (walk->world->sweeper, TRUE);
  world_pass (walk->world, 65);
  check (walk);
  g_assert_cmpuint (walk->witness->waiting.length, ==, 0);
}

/* When nobody answers any more that is noticed, and when all is well again whatever is
 * wanted becomes so. */
static void
try_bad_times_and_good_ones (Walk *walk)
{
  const SocksConnectionStatus *status =
      socks_connection_get_status (walk->world->connection);
  gboolean has_remote = status->selection != SOCKS_SELECTION_NONE;
  gboolean is_wanted = has_remote || walk->witness->is_restoring;

  if (walk->other != NULL)
    change_the_port (walk);

  let_all_be (walk, SOCKS_STATUS_NOT_LISTENING);
  if (has_remote)
    g_assert_cmpint (status->state, ==, SOCKS_STATE_FAILING);
  let_all_be (walk, SOCKS_STATUS_VALID);
  if (is_wanted)
    g_assert_cmpint (status->state, ==, SOCKS_STATE_CONNECTED);
}

static void
end (Walk *walk)
{
  g_autofree char *remembered = socks_endpoint_format (&walk->witness->remembered_remote);

  witness_connect (walk->witness, choose_ticket (walk), NULL /* the fastest */);
  witness_shut_down (walk->witness);
  expect_remembered (walk->world, walk->witness->remembered, remembered);
  engine_witness_free (walk->witness);
  engine_world_free (walk->world);
  g_clear_pointer (&walk->other, socks_listener_unref);
}

static void
test_whatever_happens_in_whatever_order (void)
{
  for (guint i = 0; i < N_WALKS; i++)
    {
      Walk walk = { 0 };

      begin (&walk);
      for (guint step = 0; step < N_STEPS; step++)
        {
          take_a_step (&walk);
          if (chance (10))
            try_bad_times_and_good_ones (&walk);
        }
      end (&walk);
    }
}

/* Proxies are lost all the time here, and each time that is a warning. */
static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) == 0)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_cb, NULL, NULL);

  g_test_add_func ("/engine/walk/whatever_happens_in_whatever_order",
                   test_whatever_happens_in_whatever_order);
  return g_test_run ();
}
