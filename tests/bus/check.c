/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The method Check: what it answers, whom it asks, how many may run, and what ends one.
 */

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus-world.h"
#include "relay-world.h"

#define ERROR "org.mycelium.Socks.Error."
#define DENIED "org.freedesktop.DBus.Error.AccessDenied: "
#define TOO_MANY "org.freedesktop.DBus.Error.LimitsExceeded: "

#define ROOT 0

/* A peer that takes connections and says what the test says, on the loopback: where it
 * listens is no matter. */
typedef struct
{
  int listener;
  char *address; /* (owned) */
} Peer;

/* Neither waits, for the service runs in this thread. */
static int
try_to_accept (int listener)
{
  struct pollfd ready = { .fd = listener, .events = POLLIN };

  return poll (&ready, 1, 0) == 1 ? accept (listener, NULL, NULL) : -1;
}

/* The other side has hung up; what it had said is thrown away. */
static gboolean
is_at_end (int fd)
{
  char bytes[64];
  ssize_t n;

  do
    n = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);
  while (n > 0);
  return n == 0;
}

static Peer
peer_open (void)
{
  SocksEndpoint endpoint;
  Peer peer = { .listener = listen_on ("[::1]", 64, &endpoint) };

  peer.address = socks_endpoint_format (&endpoint);
  return peer;
}

static void
peer_close (Peer *peer)
{
  close (peer->listener);
  g_free (peer->address);
}

static void
call_check (BusClient *client, const char *remote, const char *target)
{
  bus_client_call (client, "Check", g_variant_new ("(ss)", remote, target));
}

static void
test_the_steps_come_in_their_order (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  Peer peer = peer_open ();
  int fd;

  call_check (client, peer.address, "");
  RUN_UNTIL ((fd = try_to_accept (peer.listener)) >= 0);
  send_all (fd, "\x05\x00", 2);
  bus_client_expect (
      client,
      "Check → ([{'Step': <'node'>, 'Result': <'skipped'>, 'Reason': "
      "<'outside-overlay'>}, "
      "{'Step': <'route'>, 'Result': <'skipped'>, 'Reason': <'outside-overlay'>}, "
      "{'Step': <'tcp'>, 'Result': <'passed'>, 'Duration': <int64 0>}, "
      "{'Step': <'greeting'>, 'Result': <'passed'>, 'Duration': <int64 0>}, "
      "{'Step': <'login'>, 'Result': <'passed'>, 'Duration': <int64 0>}, "
      "{'Step': <'forwarding'>, 'Result': <'skipped'>, 'Reason': <'no-target'>}, "
      "{'Step': <'local-port'>, 'Result': <'passed'>, 'Reason': <'free'>, "
      "'Duration': <int64 0>}],)");
  close (fd);
  peer_close (&peer);
}

static void
test_what_is_no_remote_or_no_target_is_told_to_everyone (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_DENIES);
  call_check (client, "", "");
  bus_client_expect (client, "Check → " ERROR "InvalidRemote: *");
  call_check (client, "example.com:1080", "");
  bus_client_expect (client, "Check → " ERROR "InvalidRemote: *");
  call_check (client, "[::]:1080", "");
  bus_client_expect (client, "Check → " ERROR "RemoteNotAllowed: *");
  call_check (client, "127.0.0.1:1080", "");
  bus_client_expect (client, "Check → " ERROR "RemoteNotAllowed: *");
  call_check (client, ONE, "example.com");
  bus_client_expect (client, "Check → " ERROR "InvalidTarget: *host:port*");
  bus_world_expect_question (world, NULL);
}

static void
test_inside_the_overlay_it_is_a_probe_and_elsewhere_more (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  const char *const rows[][2] = {
    { ONE, "probe" },
    { "[5ff:ffff::1]:22", "probe" },
    { "[600::1]:1080", "connect-elsewhere" },
    { "192.0.2.7:1080", "connect-elsewhere" },
    { "127.0.0.1:22", "connect-elsewhere" },
  };

  fake_authority_set_mood (world->authority, FAKE_AUTHORITY_DENIES);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      call_check (client, rows[i][0], "example.com:80");
      bus_client_expect (client, "Check → " DENIED "*");
      bus_world_expect_question (world, rows[i][1]);
      bus_world_expect_question (world, NULL);
    }
}

static void
wait_for_connections (Peer *peer, int *fds, guint n_fds)
{
  for (guint i = 0; i < n_fds; i++)
    RUN_UNTIL ((fds[i] = try_to_accept (peer->listener)) >= 0);
}

static void
close_all (int *fds, guint n_fds)
{
  for (guint i = 0; i < n_fds; i++)
    close (fds[i]);
}

static void
test_so_many_of_a_caller_of_a_user_and_in_all_run_at_once (void)
{
  static const guint32 users[] = { 1000, 1000, 1001, ROOT };
  g_autoptr (BusWorld) world = bus_world_new ();
  BusClient *clients[5];
  Peer peer = peer_open ();
  int fds[16];

  for (guint i = 0; i < 5; i++)
    clients[i] = bus_world_add_client (world);
  for (guint i = 0; i < 4; i++)
    {
      fake_authority_set_user (world->authority, users[i]);
      for (guint k = 0; k < 4; k++)
        call_check (clients[i], peer.address, "");
      wait_for_connections (&peer, fds + i * 4, 4);
      call_check (clients[i], peer.address, "");
      bus_client_expect (clients[i], "Check → " TOO_MANY "*");
      if (i == 0)
        continue;
      /* Of the two of 1000 none may more; beside them and 1001 root alone; then nobody. */
      fake_authority_set_user (world->authority, i == 1 ? 1000 : i == 2 ? 1002 : ROOT);
      call_check (clients[4], peer.address, "");
      bus_client_expect (clients[4], "Check → " TOO_MANY "*");
    }

  /* Whoever is done makes room. */
  send_all (fds[0], "\x05\x00", 2);
  bus_client_expect (clients[0], "Check → ([*");
  call_check (clients[4], peer.address, "");
  close (fds[0]);
  wait_for_connections (&peer, fds, 1);

  for (guint i = 0; i < 5; i++)
    {
      bus_client_leave (clients[i]);
      bus_client_free (clients[i]);
    }
  for (guint i = 0; i < 16; i++)
    RUN_UNTIL (is_at_end (fds[i]));
  close_all (fds, 16);
  peer_close (&peer);
}

static void
test_it_ends_when_its_caller_leaves (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  BusClient *client = bus_world_add_client (world);
  Peer peer = peer_open ();
  int fd;

  call_check (client, peer.address, "");
  wait_for_connections (&peer, &fd, 1);
  bus_client_leave (client);
  bus_client_free (client);
  RUN_UNTIL (is_at_end (fd));
  close (fd);
  peer_close (&peer);
}

static void
test_it_ends_when_the_service_stops (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  Peer peer = peer_open ();
  int fd;

  call_check (client, peer.address, "");
  wait_for_connections (&peer, &fd, 1);
  bus_world_close (world);
  bus_client_expect (client, "Check → " ERROR "Cancelled: *");
  RUN_UNTIL (is_at_end (fd));
  close (fd);
  peer_close (&peer);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/check/" #name, test_##name)
  ADD (the_steps_come_in_their_order);
  ADD (what_is_no_remote_or_no_target_is_told_to_everyone);
  ADD (inside_the_overlay_it_is_a_probe_and_elsewhere_more);
  ADD (so_many_of_a_caller_of_a_user_and_in_all_run_at_once);
  ADD (it_ends_when_its_caller_leaves);
  ADD (it_ends_when_the_service_stops);
  return g_test_run ();
}
