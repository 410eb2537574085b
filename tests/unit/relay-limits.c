/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What happens at the limits, and what thousands of idle streams cost. */

#include "relay-world.h"

#include "relay/listener.h"
#include "relay/relay-internal.h"
#include "relay/socket.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static void
test_more_than_the_limit_are_closed_at_once (void)
{
  SocksRelayOptions options = ordinary_options ();
  World world;
  Pair pairs[3], another;
  int refused;

  options.max_streams = G_N_ELEMENTS (pairs);
  world_init (&world, &options);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    world_open_pair (&world, &pairs[i]);
  for (guint i = 0; i < 10; i++)
    {
      refused = connect_to (&world.local);
      expect_end (refused);
      close (refused);
    }
  g_assert_cmpuint (world_get_counters (&world).refused_streams, ==, 10);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, 3);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, 3);

  pair_clear (&pairs[0]);
  world_wait_for_streams (&world, 2);
  world_open_pair (&world, &another);
  send_all (another.client, "x", 1);
  expect_bytes (another.remote, "x", 1);
  pair_clear (&another);
  pair_clear (&pairs[1]);
  pair_clear (&pairs[2]);
  world_clear (&world);
}

/* With no descriptors to be had the port rests, and goes on when there are some. */
static void
test_it_recovers_from_the_descriptor_limit (void)
{
  SocksRelayOptions options = ordinary_options ();
  struct rlimit before, low;
  World world;
  Pair pair;
  guint64 n_turns = 0;
  guint n_times = 0;
  int client;

  options.n_workers = 1;
  world_init (&world, &options);
  client = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (client);
  close (client);

  /* The limit is about the number of a new descriptor, and the lowest free one is taken:
   * the client's is the last. */
  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  low = before;
  low.rlim_cur = (rlim_t) client + 1;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &low));
  pair.client = connect_to (&world.local);
  g_assert_cmpint (pair.client, ==, client);
  /* It tries again and again, but rests in between. */
  for (guint i = 0; i < 3; i++)
    {
      WAIT_UNTIL (socks_relay_count_turns (world.relay) != n_turns);
      WAIT_UNTIL (({
        guint64 now = socks_relay_count_turns (world.relay);

        n_times = now == n_turns ? n_times + 1 : 0;
        n_turns = now;
        n_times == 20;
      }));
    }
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &before));

  pair.remote = accept_from (world.remote_listener);
  send_all (pair.client, "x", 1);
  expect_bytes (pair.remote, "x", 1);
  g_assert_cmpuint (relay_warnings_take (), ==, 1);
  pair_clear (&pair);
  world_clear (&world);
}

static void
expect_answer (Pair *pair)
{
  send_all (pair->client, "?", 1);
  expect_bytes (pair->remote, "?", 1);
  send_all (pair->remote, "!", 1);
  expect_bytes (pair->client, "!", 1);
}

static int
get_option (int fd, int level, int name)
{
  int value = 0;
  socklen_t n_bytes = sizeof value;

  g_assert_no_errno (getsockopt (fd, level, name, &value, &n_bytes));
  return value;
}

static gboolean
is_kept_alive (int dialled)
{
  return get_option (dialled, SOL_SOCKET, SO_KEEPALIVE) == 1 &&
         get_option (dialled, IPPROTO_TCP, TCP_KEEPIDLE) == 60 &&
         get_option (dialled, IPPROTO_TCP, TCP_KEEPINTVL) == 15 &&
         get_option (dialled, IPPROTO_TCP, TCP_KEEPCNT) == 4 &&
         get_option (dialled, IPPROTO_TCP, TCP_USER_TIMEOUT) == 120 * 1000;
}

/* They cost two descriptors each and no turns of the loop, while a thousand others come
 * and go; and after that all of them still work. */
static void
test_thousands_of_streams_are_held_for_nothing (void)
{
  const guint n_pairs = 4096;
  const guint n_others = PLAIN_OR_SANITIZED (1000, 100);
  g_autofree Pair *pairs = g_new (Pair, n_pairs);
  World world;
  Pair other;
  guint n_descriptors;
  guint64 n_turns;
  int newest;

  /* Four descriptors each in this process: two of the relay's, two of the test's. */
  g_assert_cmpuint (raise_descriptor_limit (), >=, 4 * n_pairs + 300);
  world_init (&world, NULL);
  n_descriptors = count_descriptors ();
  for (guint i = 0; i < n_pairs; i++)
    {
      world_open_pair (&world, &pairs[i]);
      expect_answer (&pairs[i]);
    }
  newest = pair_find_dialled (&pairs[n_pairs - 1]);
  /* The end of the first second is the last that happens to them by itself. */
  WAIT_UNTIL (is_kept_alive (newest));
  world_wait_until_quiet (&world);
  g_assert_cmpuint (count_descriptors () - n_descriptors, ==, 4 * n_pairs);

  n_turns = socks_relay_count_turns (world.relay);
  for (guint i = 0; i < n_others; i++)
    {
      world_open_pair (&world, &other);
      expect_answer (&other);
      pair_clear (&other);
      world_wait_for_streams (&world, n_pairs);
    }
  /* The accept, the dial, each byte and each end; some take a turn of each worker. */
  g_assert_cmpuint (socks_relay_count_turns (world.relay) - n_turns, <=, 12 * n_others);

  n_turns = socks_relay_count_turns (world.relay);
  for (guint i = 0; i < n_pairs; i++)
    expect_answer (&pairs[i]);
  world_wait_until_quiet (&world);
  /* A worker's alarm may go off in vain, once, for one of those that have gone. */
  g_assert_cmpuint (socks_relay_count_turns (world.relay) - n_turns, <=,
                    2 * n_pairs + ordinary_options ().n_workers);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, n_pairs);
  g_assert_cmpuint (count_descriptors () - n_descriptors, ==, 4 * n_pairs);

  for (guint i = 0; i < n_pairs; i++)
    pair_clear (&pairs[i]);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

/* Clients that come one by one, each when all workers sleep. */
static void
test_workers_share_the_streams (void)
{
  SocksRelayOptions options = ordinary_options ();
  SocksRelayCounters counters;
  World world;
  Pair pairs[12];

  options.n_workers = 3;
  world_init (&world, &options);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      world_open_pair (&world, &pairs[i]);
      world_wait_until_quiet (&world);
    }
  for (guint i = 0; i < options.n_workers; i++)
    {
      socks_relay_get_counters_of (world.relay, i, &counters);
      g_assert_cmpuint (counters.total_streams, >=, 3);
      g_assert_cmpuint (counters.total_streams, <=, 5);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    pair_clear (&pairs[i]);
  world_clear (&world);
}

/* Streams that come while the workers are busy: whoever is awake would take them all. */
static void
test_busy_workers_share_the_streams (void)
{
  SocksRelayOptions options = ordinary_options ();
  SocksRelayCounters counters;
  World world;
  Pair pairs[64];

  options.n_workers = 2;
  world_init (&world, &options);
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      world_open_pair (&world, &pairs[i]);
      pattern_send_until_full (pairs[i].client, 1, 0, G_MAXUINT64);
    }
  for (guint i = 0; i < options.n_workers; i++)
    {
      socks_relay_get_counters_of (world.relay, i, &counters);
      g_assert_cmpuint (counters.total_streams, >=, 28);
      g_assert_cmpuint (counters.total_streams, <=, 36);
    }
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    pair_clear (&pairs[i]);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

/* The kernel wakes one worker for a client. If that one has enough, because streams of the
 * others ended while it slept, another has to take him, though no one told it of him. */
static void
test_a_client_is_served_whoever_was_woken (gconstpointer data)
{
  SocksRelayOptions options = ordinary_options ();
  World world;
  Pair pairs[4], newest;

  options.n_workers = GPOINTER_TO_UINT (data);
  world_init (&world, &options);
  for (guint i = 0; i < options.n_workers; i++)
    {
      world_open_pair (&world, &pairs[i]);
      world_wait_until_quiet (&world);
    }
  for (guint i = 0; i < options.n_workers; i++)
    pair_wait_until_grown_up (&pairs[i]);

  for (guint i = 0; i + 1 < options.n_workers; i++)
    {
      pair_clear (&pairs[i]);
      world_wait_for_streams (&world, options.n_workers - 1);
      world_wait_until_quiet (&world);
      world_open_pair (&world, &newest);
      pair_clear (&newest);
      world_wait_for_streams (&world, options.n_workers - 1);
      world_wait_until_quiet (&world);
      world_open_pair (&world, &pairs[i]);
      world_wait_until_quiet (&world);
      pair_wait_until_grown_up (&pairs[i]);
    }

  for (guint i = 0; i < options.n_workers; i++)
    pair_clear (&pairs[i]);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

static void
test_accepted_sockets_inherit_the_options_of_the_port (void)
{
  static const char *const addresses[] = { "[::]:0", "127.0.0.1:0" };

  for (guint i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      SocksListener *listener;
      SocksEndpoint any;
      int client, accepted;

      g_assert_true (socks_endpoint_parse (addresses[i], &any, NULL));
      g_assert_cmpint (socks_listener_open (&any, TRUE, &listener), ==, 0);
      client = connect_to (&listener->bound);
      accepted = accept_from (listener->fd);
      g_assert_cmpint (get_option (accepted, IPPROTO_TCP, TCP_NODELAY), ==, 1);
      g_assert_cmpint (get_option (accepted, SOL_SOCKET, SO_OOBINLINE), ==, 1);
      g_assert_cmpint (get_option (accepted, SOL_SOCKET, SO_KEEPALIVE), ==, 1);
      g_assert_cmpint (get_option (accepted, IPPROTO_TCP, TCP_KEEPIDLE), ==, 60);
      g_assert_cmpint (get_option (accepted, IPPROTO_TCP, TCP_KEEPINTVL), ==, 15);
      g_assert_cmpint (get_option (accepted, IPPROTO_TCP, TCP_KEEPCNT), ==, 4);
      g_assert_cmpint (get_option (accepted, IPPROTO_TCP, TCP_USER_TIMEOUT), ==, 0);
      close (accepted);
      close (client);
      socks_listener_unref (listener);
    }
}

/* That of a client is the listener's, which has no limit for silence. */
static void
test_a_remote_that_lasts_may_not_be_silent_for_ever (void)
{
  World world;
  Pair pair;
  int dialled;

  world_init (&world, NULL);
  world_open_pair (&world, &pair);
  dialled = pair_find_dialled (&pair);
  g_assert_cmpint (get_option (dialled, IPPROTO_TCP, TCP_NODELAY), ==, 1);
  g_assert_cmpint (get_option (dialled, SOL_SOCKET, SO_OOBINLINE), ==, 1);
  WAIT_UNTIL (is_kept_alive (dialled));
  pair_clear (&pair);
  world_wait_for_streams (&world, 0);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  relay_warnings_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/limits/more-than-the-limit-are-closed-at-once",
                   test_more_than_the_limit_are_closed_at_once);
  g_test_add_func ("/relay/limits/it-recovers-from-the-descriptor-limit",
                   test_it_recovers_from_the_descriptor_limit);
  g_test_add_func ("/relay/limits/thousands-of-streams-are-held-for-nothing",
                   test_thousands_of_streams_are_held_for_nothing);
  g_test_add_func ("/relay/limits/workers-share-the-streams",
                   test_workers_share_the_streams);
  g_test_add_func ("/relay/limits/busy-workers-share-the-streams",
                   test_busy_workers_share_the_streams);
  g_test_add_data_func ("/relay/limits/a-client-is-served-whoever-of-two-was-woken",
                        GUINT_TO_POINTER (2), test_a_client_is_served_whoever_was_woken);
  g_test_add_data_func ("/relay/limits/a-client-is-served-whoever-of-four-was-woken",
                        GUINT_TO_POINTER (4), test_a_client_is_served_whoever_was_woken);
  g_test_add_func ("/relay/limits/accepted-sockets-inherit-the-options-of-the-port",
                   test_accepted_sockets_inherit_the_options_of_the_port);
  g_test_add_func ("/relay/limits/a-remote-that-lasts-may-not-be-silent-for-ever",
                   test_a_remote_that_lasts_may_not_be_silent_for_ever);
  return g_test_run ();
}
