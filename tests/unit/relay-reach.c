/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may connect. To be run in a network namespace of its own, where other addresses
 * than the loopback ones can be given to this machine: see meson.build. */

#include "relay-world.h"

#include "core/prefix.h"

#include <errno.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Brings the loopback device up, with more addresses than it has by itself. */
static gboolean
can_be_used (const struct in6_addr *address)
{
  struct sockaddr_in6 sockaddr = { .sin6_family = AF_INET6, .sin6_addr = *address };
  int fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gboolean is_usable = bind (fd, (struct sockaddr *) &sockaddr, sizeof sockaddr) == 0;

  close (fd);
  return is_usable;
}

static void
furnish_namespace (void)
{
  static const char *const ipv6_addresses[] = { "400::7", "2001:db8::7" };
  struct ifreq request = { 0 };
  struct sockaddr_in *ipv4 = (struct sockaddr_in *) &request.ifr_addr;
  int ipv4_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int ipv6_fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (ipv4_fd);
  g_assert_no_errno (ipv6_fd);
  strcpy (request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (ioctl (ipv4_fd, SIOCSIFFLAGS, &request) < 0)
    g_error ("This test changes addresses; run it with: unshare --user --map-root-user "
             "--net");

  strcpy (request.ifr_name, "lo:1");
  *ipv4 = (struct sockaddr_in){ .sin_family = AF_INET,
                                .sin_addr.s_addr = htonl (0xc0000207) };
  g_assert_no_errno (ioctl (ipv4_fd, SIOCSIFADDR, &request));

  for (gsize i = 0; i < G_N_ELEMENTS (ipv6_addresses); i++)
    {
      struct in6_ifreq address = { .ifr6_prefixlen = 128,
                                   .ifr6_ifindex = (int) if_nametoindex ("lo") };

      g_assert_true (socks_address_parse (ipv6_addresses[i], &address.ifr6_addr));
      g_assert_no_errno (ioctl (ipv6_fd, SIOCSIFADDR, &address));
      /* The kernel takes a moment to find that nobody else has it. */
      WAIT_UNTIL (can_be_used (&address.ifr6_addr));
    }
  close (ipv4_fd);
  close (ipv6_fd);
}

/* Connects from the address @from to the address @to at the port of @local. */
static int
connect_between (const char *from, const char *to, const SocksEndpoint *local)
{
  SocksEndpoint source = { 0 }, target = *local;
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes;
  int fd;

  g_assert_true (socks_address_parse (from, &source.address));
  g_assert_true (socks_address_parse (to, &target.address));
  n_bytes = socks_endpoint_to_sockaddr (&source, &sockaddr);
  fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fd);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &sockaddr, n_bytes));
  socks_endpoint_to_sockaddr (&target, &sockaddr);
  g_assert_no_errno (connect (fd, (struct sockaddr *) &sockaddr, n_bytes));
  return fd;
}

static int
connect_from (const char *address, const SocksEndpoint *local)
{
  return connect_between (address, address, local);
}

static void
check_admission (const char *prefix_text, const char *address, gboolean is_admitted)
{
  SocksRelayOptions options = ordinary_options ();
  SocksPrefix prefix;
  World world;
  int client;

  g_test_message ("%s with AllowFrom=%s", address, prefix_text);
  g_assert_true (socks_prefix_parse (prefix_text, &prefix));
  options.local_only = FALSE;
  options.admitted = &prefix;
  options.n_admitted = 1;
  world_init (&world, &options);
  memset (&prefix, 0, sizeof prefix); /* was copied */

  client = connect_from (address, &world.local);
  if (is_admitted)
    {
      int remote = accept_from (world.remote_listener);

      send_all (client, "x", 1);
      expect_bytes (remote, "x", 1);
      close (remote);
    }
  else
    expect_end (client);
  g_assert_cmpuint (world_get_counters (&world).refused_streams, ==, !is_admitted);
  g_assert_cmpuint (world_get_counters (&world).total_streams, ==, is_admitted);
  close (client);
  world_clear (&world);
}

static void
test_only_who_is_admitted_is_served (void)
{
  static const struct
  {
    const char *prefix;
    const char *address;
    gboolean is_admitted;
  } rows[] = {
    { "192.0.2.0/24", "192.0.2.7", TRUE },
    { "198.51.100.0/24", "192.0.2.7", FALSE },
    { "0.0.0.0/0", "192.0.2.7", TRUE },
    { "::/0", "192.0.2.7", FALSE },
    { "2001:db8::/32", "2001:db8::7", TRUE },
    { "2001:db9::/32", "2001:db8::7", FALSE },
    { "::/0", "2001:db8::7", TRUE },
    { "::/0", "400::7", FALSE },
    { "400::/7", "400::7", TRUE },
    { "198.51.100.0/24", "127.0.0.1", TRUE },
    { "198.51.100.0/24", "::1", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    check_admission (rows[i].prefix, rows[i].address, rows[i].is_admitted);
}

/* Two nodes that chose each other would hand one client to and fro without end. */
static void
test_the_remote_itself_is_not_served (void)
{
  static const struct
  {
    const char *client;
    const char *by;
    const char *remote;
    gboolean is_served;
  } rows[] = {
    { "192.0.2.7", "127.0.0.1", "192.0.2.7", FALSE },
    { "2001:db8::7", "400::7", "2001:db8::7", FALSE },
    { "400::7", "2001:db8::7", "400::7", FALSE },
    { "400::7", "2001:db8::7", "2001:db8::7", TRUE },
    /* A program and a proxy of this machine. */
    { "192.0.2.7", "192.0.2.7", "192.0.2.7", TRUE },
    { "2001:db8::7", "2001:db8::7", "2001:db8::7", TRUE },
    { "127.0.0.1", "192.0.2.7", "127.0.0.1", TRUE },
    { "::1", "::1", "::1", TRUE },
  };
  SocksPrefix prefixes[3];
  SocksRelayOptions options = ordinary_options ();

  g_assert_true (socks_prefix_parse ("0.0.0.0/0", &prefixes[0]));
  g_assert_true (socks_prefix_parse ("::/0", &prefixes[1]));
  g_assert_true (socks_prefix_parse ("400::/7", &prefixes[2]));
  options.local_only = FALSE;
  options.admitted = prefixes;
  options.n_admitted = G_N_ELEMENTS (prefixes);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *bracketed = NULL;
      World world;
      SocksEndpoint remote;
      int client, listener;

      g_test_message ("from %s by %s to %s", rows[i].client, rows[i].by, rows[i].remote);
      world_init (&world, &options);
      bracketed = g_strdup_printf (strchr (rows[i].remote, ':') ? "[%s]" : "%s",
                                   rows[i].remote);
      listener = listen_on (bracketed, 16, &remote);
      socks_relay_forward_to (world.relay, &remote);
      client = connect_between (rows[i].client, rows[i].by, &world.local);
      if (rows[i].is_served)
        close (accept_from (listener));
      else
        expect_end (client);
      g_assert_cmpuint (world_get_counters (&world).refused_streams, ==,
                        !rows[i].is_served);
      close (client);
      close (listener);
      world_clear (&world);
    }
}

/* The device that this process's socket with @port is bound to. */
static char *
dup_bound_device (guint16 port)
{
  for (int fd = 0; fd < 1024; fd++)
    {
      struct sockaddr_storage sockaddr;
      socklen_t n_bytes = sizeof sockaddr;
      char device[IFNAMSIZ] = { 0 };
      socklen_t n_device_bytes = sizeof device;
      SocksEndpoint endpoint;

      if (getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes) < 0 ||
          (sockaddr.ss_family != AF_INET && sockaddr.ss_family != AF_INET6))
        continue;
      socks_endpoint_from_sockaddr (&sockaddr, &endpoint);
      if (endpoint.port != port)
        continue;
      g_assert_no_errno (
          getsockopt (fd, SOL_SOCKET, SO_BINDTODEVICE, device, &n_device_bytes));
      return g_strdup (device);
    }
  g_assert_not_reached ();
}

static void
test_a_local_port_is_bound_to_the_loopback_device (void)
{
  SocksRelayOptions options = ordinary_options ();

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *device = NULL;
      World world;

      options.local_only = i == 0;
      world_init (&world, &options);
      device = dup_bound_device (world.local.port);
      g_assert_cmpstr (device, ==, options.local_only ? "lo" : "");
      world_clear (&world);
    }
}

static void
test_a_local_port_answers_ipv4_and_ipv6 (void)
{
  static const char *const addresses[] = { "127.0.0.1", "127.5.5.5", "::1" };
  World world;

  world_init (&world, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      close (connect_from (addresses[i], &world.local));
      close (accept_from (world.remote_listener));
    }
  world_clear (&world);
}

/* Without the loopback device the port must stay shut rather than be open to all. */
static void
test_a_local_port_that_cannot_be_local_is_not_opened (void)
{
  SocksRelayOptions options = ordinary_options ();
  struct ifreq request = { .ifr_name = "lo", .ifr_newname = "elsewhere" };
  SocksEndpoint any, local;
  SocksRelay *relay;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (fd);
  request.ifr_flags = 0;
  g_assert_no_errno (ioctl (fd, SIOCSIFFLAGS, &request));
  strcpy (request.ifr_newname, "elsewhere");
  g_assert_no_errno (ioctl (fd, SIOCSIFNAME, &request));

  g_assert_true (socks_endpoint_parse ("[::]:0", &any, NULL));
  g_assert_cmpint (socks_relay_new (&options, &relay), ==, 0);
  g_assert_cmpint (socks_relay_listen (relay, &any), ==, -ENODEV);
  g_assert_false (socks_relay_get_local (relay, &local));
  socks_relay_free (relay);
  close (fd);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  furnish_namespace ();
  g_test_add_func ("/relay/reach/only-who-is-admitted-is-served",
                   test_only_who_is_admitted_is_served);
  g_test_add_func ("/relay/reach/the-remote-itself-is-not-served",
                   test_the_remote_itself_is_not_served);
  g_test_add_func ("/relay/reach/a-local-port-is-bound-to-the-loopback-device",
                   test_a_local_port_is_bound_to_the_loopback_device);
  g_test_add_func ("/relay/reach/a-local-port-answers-ipv4-and-ipv6",
                   test_a_local_port_answers_ipv4_and_ipv6);
  /* The last one: it takes the loopback device away. */
  g_test_add_func ("/relay/reach/a-local-port-that-cannot-be-local-is-not-opened",
                   test_a_local_port_that_cannot_be_local_is_not_opened);
  return g_test_run ();
}
