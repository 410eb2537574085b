/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A gibibyte each way, in several flows at once: remotes send back what they hear, and
 * the SHA-256 of what comes back is that of what was sent. */

#include "relay-world.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#define MIB (1024 * 1024)
#define PIECE_BYTES (256 * 1024)
#define N_FLOWS 4

typedef struct
{
  Pair pair;
  guint64 seed;
  guint64 n_bytes;
  GChecksum *sent;     /* (owned) */
  GChecksum *returned; /* (owned) */
  GThread *threads[3]; /* (owned) */
} Flow;

static gpointer
send_bytes (gpointer data)
{
  Flow *flow = data;
  g_autofree guint8 *bytes = g_malloc (PIECE_BYTES);

  for (guint64 offset = 0; offset < flow->n_bytes; offset += PIECE_BYTES)
    {
      pattern_fill (flow->seed, offset, bytes, PIECE_BYTES);
      g_checksum_update (flow->sent, bytes, PIECE_BYTES);
      send_all (flow->pair.client, bytes, PIECE_BYTES);
    }
  g_assert_no_errno (shutdown (flow->pair.client, SHUT_WR));
  return NULL;
}

static gpointer
send_back (gpointer data)
{
  Flow *flow = data;
  g_autofree guint8 *bytes = g_malloc (PIECE_BYTES);
  ssize_t n_read;

  while ((n_read = recv (flow->pair.remote, bytes, PIECE_BYTES, 0)) > 0)
    send_all (flow->pair.remote, bytes, (gsize) n_read);
  g_assert_no_errno (n_read);
  g_assert_no_errno (shutdown (flow->pair.remote, SHUT_WR));
  return NULL;
}

static gpointer
receive_bytes (gpointer data)
{
  Flow *flow = data;
  g_autofree guint8 *bytes = g_malloc (PIECE_BYTES);
  guint64 n_bytes = 0;
  ssize_t n_read;

  while ((n_read = recv (flow->pair.client, bytes, PIECE_BYTES, 0)) > 0)
    {
      g_checksum_update (flow->returned, bytes, n_read);
      n_bytes += (guint64) n_read;
    }
  g_assert_no_errno (n_read);
  g_assert_cmpuint (n_bytes, ==, flow->n_bytes);
  return NULL;
}

static void
flow_start (Flow *flow, World *world, guint64 n_bytes)
{
  flow->seed = pattern_choose_seed ();
  flow->n_bytes = n_bytes;
  flow->sent = g_checksum_new (G_CHECKSUM_SHA256);
  flow->returned = g_checksum_new (G_CHECKSUM_SHA256);
  world_open_pair (world, &flow->pair);
  flow->threads[0] = g_thread_new ("sending", send_bytes, flow);
  flow->threads[1] = g_thread_new ("echo", send_back, flow);
  flow->threads[2] = g_thread_new ("receiving", receive_bytes, flow);
}

static void
flow_finish (Flow *flow)
{
  for (guint i = 0; i < G_N_ELEMENTS (flow->threads); i++)
    g_thread_join (flow->threads[i]);
  g_assert_cmpstr (g_checksum_get_string (flow->returned), ==,
                   g_checksum_get_string (flow->sent));
  g_test_message ("SHA-256 %s", g_checksum_get_string (flow->sent));
  g_checksum_free (flow->sent);
  g_checksum_free (flow->returned);
  pair_clear (&flow->pair);
}

static void
test_a_gibibyte_each_way_has_the_same_sum (void)
{
  const guint64 n_bytes = PLAIN_OR_SANITIZED (1024, 64) * (guint64) MIB;
  World world;
  Flow flows[N_FLOWS];

  world_init (&world, NULL);
  for (guint i = 0; i < N_FLOWS; i++)
    flow_start (&flows[i], &world, n_bytes / N_FLOWS);
  for (guint i = 0; i < N_FLOWS; i++)
    flow_finish (&flows[i]);

  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==, n_bytes);
  g_assert_cmpuint (world_get_counters (&world).bytes_received, ==, n_bytes);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/volume/a-gibibyte-each-way-has-the-same-sum",
                   test_a_gibibyte_each_way_has_the_same_sum);
  return g_test_run ();
}
