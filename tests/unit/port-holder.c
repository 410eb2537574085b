/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who holds a port: found by real sockets of this process. */

#include "relay/port-holder.h"

#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
listen_at (const char *address, SocksEndpoint *out_endpoint)
{
  g_autofree char *text = g_strconcat (address, ":0", NULL);
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes;
  int fd;

  g_assert_true (socks_endpoint_parse (text, out_endpoint, NULL));
  n_bytes = socks_endpoint_to_sockaddr (out_endpoint, &sockaddr);
  fd = socket (sockaddr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_no_errno (fd);
  g_assert_no_errno (bind (fd, (struct sockaddr *) &sockaddr, n_bytes));
  g_assert_no_errno (listen (fd, 1));
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes));
  socks_endpoint_from_sockaddr (&sockaddr, out_endpoint);
  return fd;
}

static char *
describe (const char *address, guint16 port)
{
  g_autofree char *text = g_strdup_printf ("%s:%u", address, port);
  SocksEndpoint endpoint;

  g_assert_true (socks_endpoint_parse (text, &endpoint, NULL));
  return socks_port_holder_describe (&endpoint);
}

/* Where sockets listen, and for which addresses they stand in the way. */
static void
test_the_holder_is_found_where_addresses_overlap (void)
{
  static const struct
  {
    const char *listens;
    const char *wanted;
    gboolean is_in_the_way;
  } rows[] = {
    { "127.0.0.1", "127.0.0.1", TRUE },
    { "127.0.0.1", "0.0.0.0", TRUE },
    { "127.0.0.1", "[::]", TRUE },
    { "127.0.0.1", "127.0.0.2", FALSE },
    { "127.0.0.1", "[::1]", FALSE },
    { "0.0.0.0", "127.0.0.1", TRUE },
    { "0.0.0.0", "0.0.0.0", TRUE },
    { "0.0.0.0", "[::]", TRUE },
    { "0.0.0.0", "[::1]", FALSE },
    { "[::1]", "[::1]", TRUE },
    { "[::1]", "[::]", TRUE },
    { "[::1]", "127.0.0.1", FALSE },
    { "[::]", "[::]", TRUE },
    { "[::]", "127.0.0.1", TRUE },
    { "[::]", "[::1]", TRUE },
  };
  char name[16];
  g_autofree char *expected = NULL;

  g_assert_no_errno (prctl (PR_GET_NAME, name));
  expected = g_strdup_printf ("“%s” (process %d)", name, getpid ());

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SocksEndpoint endpoint;
      int fd = listen_at (rows[i].listens, &endpoint);
      g_autofree char *found = describe (rows[i].wanted, endpoint.port);

      g_test_message ("%s against %s", rows[i].wanted, rows[i].listens);
      g_assert_cmpstr (found, ==, rows[i].is_in_the_way ? expected : NULL);
      close (fd);
    }
}

static void
test_a_port_that_is_free_or_only_in_use_has_no_holder (void)
{
  SocksEndpoint endpoint;
  struct sockaddr_storage sockaddr;
  socklen_t n_bytes;
  int listener = listen_at ("127.0.0.1", &endpoint);
  int client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_no_errno (client);
  n_bytes = socks_endpoint_to_sockaddr (&endpoint, &sockaddr);
  g_assert_no_errno (connect (client, (struct sockaddr *) &sockaddr, n_bytes));
  g_assert_no_errno (getsockname (client, (struct sockaddr *) &sockaddr, &n_bytes));
  socks_endpoint_from_sockaddr (&sockaddr, &endpoint);
  g_assert_null (socks_port_holder_describe (&endpoint));
  close (client);
  close (listener);
}

/* A program may call itself what it likes; that ends in a log or a dialog. */
static void
test_a_wicked_name_is_made_harmless (void)
{
  SocksEndpoint endpoint;
  int fd = listen_at ("[::1]", &endpoint);
  g_autofree char *found = NULL;
  char before[16];

  g_assert_no_errno (prctl (PR_GET_NAME, before));
  g_assert_no_errno (prctl (PR_SET_NAME, "a\033[31m\xc2\x9b\xff)"));
  found = socks_port_holder_describe (&endpoint);
  g_assert_no_errno (prctl (PR_SET_NAME, before));

  g_assert_true (g_str_has_prefix (found, "“a?[31m?\357\277\275)” (process "));
  g_assert_true (g_utf8_validate (found, -1, NULL));
  close (fd);
}

/* A socket that no process of this /proc holds: one that is on its way in a message. */
static void
test_without_a_process_the_user_is_named (void)
{
  SocksEndpoint endpoint;
  int fd = listen_at ("[::1]", &endpoint);
  g_autofree char *found = NULL;
  int pair[2];
  char byte = 0, control[CMSG_SPACE (sizeof (int))] = { 0 };
  struct iovec part = { &byte, 1 };
  struct msghdr message = { .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN (sizeof fd);
  memcpy (CMSG_DATA (header), &fd, sizeof fd);
  g_assert_cmpint (sendmsg (pair[0], &message, 0), ==, 1);
  close (fd);

  found = socks_port_holder_describe (&endpoint);
  g_assert_true (g_str_has_prefix (found, "a program of "));
  if (getuid () == 0)
    g_assert_cmpstr (found, ==, "a program of user “root”");
  close (pair[0]);
  close (pair[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/port-holder/the-holder-is-found-where-addresses-overlap",
                   test_the_holder_is_found_where_addresses_overlap);
  g_test_add_func ("/port-holder/a-port-that-is-free-or-only-in-use-has-no-holder",
                   test_a_port_that_is_free_or_only_in_use_has_no_holder);
  g_test_add_func ("/port-holder/a-wicked-name-is-made-harmless",
                   test_a_wicked_name_is_made_harmless);
  g_test_add_func ("/port-holder/without-a-process-the-user-is-named",
                   test_without_a_process_the_user_is_named);
  return g_test_run ();
}
