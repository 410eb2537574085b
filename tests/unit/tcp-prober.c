/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A peer is judged by its first two bytes or by how it fails, on real sockets whose other
 * end is in the hands of the test. */

#include "engine/tcp-prober.h"

#include "fake-clock.h"
#include "probe-world.h"
#include "relay-world.h"

#include <string.h>
#include <unistd.h>

typedef struct
{
  SocksProber *prober; /* (owned) */
  int listener;
  SocksEndpoint peer;
  guint n_descriptors; /* before there was a prober */
} Fixture;

/* More than any test takes, and less than anybody wants to wait. */
static const guint patient_ms = PATIENCE_SEC * 1000;
static const guint hasty_ms = 100;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const guint *timeout_ms = data;

  fixture->n_descriptors = count_descriptors ();
  fixture->prober = probe_world_new_prober (*timeout_ms);
  fixture->listener = listen_on ("[::1]", 16, &fixture->peer);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->prober);
  close (fixture->listener);
  g_assert_cmpuint (count_descriptors (), ==, fixture->n_descriptors);
}

static PendingProbe *
start (Fixture *fixture)
{
  return pending_probe_new (fixture->prober, &fixture->peer, SOCKS_PROBE_GREETING,
                            NULL /* cancellable */);
}

/* Starts a probe and receives its greeting. */
static PendingProbe *
start_and_accept (Fixture *fixture, int *out_fd)
{
  PendingProbe *probe = start (fixture);

  *out_fd = accept_from (fixture->listener);
  expect_greeting (*out_fd);
  g_assert_false (probe->is_over);
  return probe;
}

static void
test_a_proxy_is_valid (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05\x00", 2);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  /* The greeting was all, and after it comes the end. */
  expect_end (fd);
  close (fd);
}

static void
test_a_proxy_with_a_login_requires_authentication (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05\xff", 2);
  pending_probe_assert (probe, SOCKS_STATUS_AUTHENTICATION_REQUIRED, SOCKS_REASON_NONE);
  expect_end (fd);
  close (fd);
}

static void
test_a_web_server_is_not_a_proxy (Fixture *fixture, gconstpointer data)
{
  static const char answer[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, answer, strlen (answer));
  close (fd);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5);
}

static void
test_a_method_that_was_not_offered_is_not_a_proxy (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05\x02", 2);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_BAD_METHOD);
  close (fd);
}

/* An SSH server speaks first. */
static void
test_a_banner_that_was_there_first_counts (Fixture *fixture, gconstpointer data)
{
  static const char banner[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
  g_autoptr (PendingProbe) probe = start (fixture);
  int fd = accept_from (fixture->listener);

  send_all (fd, banner, strlen (banner));
  pending_probe_assert (probe, SOCKS_STATUS_NOT_A_PROXY, SOCKS_REASON_NOT_SOCKS5);
  close (fd);
}

static void
test_a_reply_that_came_before_the_greeting_counts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = start (fixture);
  int fd = accept_from (fixture->listener);

  send_all (fd, "\x05\x00", 2);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  expect_bytes (fd, "\x05\x01\x00", 3);
  expect_end (fd);
  close (fd);
}

static void
test_a_reply_may_come_in_two_pieces (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05", 1);
  settle_main_loop ();
  g_assert_false (probe->is_over);
  send_all (fd, "\x00", 1);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  close (fd);
}

static void
test_what_comes_after_the_reply_is_not_read (Fixture *fixture, gconstpointer data)
{
  g_autofree char *flood = g_malloc0 (1 << 20);
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);
  ssize_t n_sent;

  memcpy (flood, "\x05\x00", 2);
  n_sent = send (fd, flood, 1 << 20, MSG_DONTWAIT);
  g_assert_cmpint (n_sent, >, 2);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  expect_reset (fd);
  close (fd);
}

static void
test_a_reply_counts_though_a_reset_follows (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05\x00", 2);
  reset (fd);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
}

static void
test_who_closes_at_once_is_closed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = start (fixture);

  close (accept_from (fixture->listener));
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_CLOSED);
}

static void
test_who_closes_after_the_greeting_is_closed (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  close (fd);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_CLOSED);
}

static void
test_who_closes_after_one_byte_is_closed (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05", 1);
  close (fd);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_CLOSED);
}

static void
test_who_resets_is_reset (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) early = start (fixture);
  g_autoptr (PendingProbe) late = NULL;

  reset (accept_from (fixture->listener));
  pending_probe_assert (early, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_RESET);

  late = start_and_accept (fixture, &fd);
  reset (fd);
  pending_probe_assert (late, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_RESET);
}

static void
test_who_resets_after_one_byte_is_reset (Fixture *fixture, gconstpointer data)
{
  int fd;
  g_autoptr (PendingProbe) probe = start_and_accept (fixture, &fd);

  send_all (fd, "\x05", 1);
  settle_main_loop ();
  reset (fd);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_RESET);
}

static void
test_a_port_that_nobody_listens_on_is_refused (Fixture *fixture, gconstpointer data)
{
  static const char *const addresses[] = { "[::1]", "127.0.0.1" };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (PendingProbe) probe = NULL;
      SocksEndpoint nobody;
      int fd = bind_to (addresses[i], &nobody);

      probe = pending_probe_new (fixture->prober, &nobody, SOCKS_PROBE_GREETING,
                                 NULL /* cancellable */);
      pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_REFUSED);
      close (fd);
    }
}

/* No TCP connection leads to a group of hosts, whatever routes this machine has. */
static void
test_where_no_way_leads_is_unreachable (Fixture *fixture, gconstpointer data)
{
  static const char *const texts[] = { "[ff0e::1]:1080", "224.0.0.1:1080",
                                       "255.255.255.255:1080" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (PendingProbe) probe = NULL;
      SocksEndpoint nowhere;

      g_test_message ("%s", texts[i]);
      g_assert_true (socks_endpoint_parse (texts[i], &nowhere, NULL));
      probe = pending_probe_new (fixture->prober, &nowhere, SOCKS_PROBE_GREETING,
                                 NULL /* cancellable */);
      pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_UNREACHABLE);
    }
}

static void
test_ipv4_is_as_good (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = NULL;
  int fd;

  close (fixture->listener);
  fixture->listener = listen_on ("127.0.0.1", 1, &fixture->peer);
  probe = start_and_accept (fixture, &fd);
  send_all (fd, "\x05\x00", 2);
  pending_probe_assert (probe, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  close (fd);
}

static void
test_who_is_silent_times_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = start (fixture);
  int fd = accept_from (fixture->listener);

  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_TIMED_OUT);
  expect_bytes (fd, "\x05\x01\x00", 3);
  expect_end (fd);
  close (fd);
}

static void
test_who_is_silent_after_one_byte_times_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = start (fixture);
  int fd = accept_from (fixture->listener);

  send_all (fd, "\x05", 1);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_TIMED_OUT);
  close (fd);
}

static void
test_reaching_sends_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = pending_probe_new (
      fixture->prober, &fixture->peer, SOCKS_PROBE_REACH, NULL /* cancellable */);
  int fd = accept_from (fixture->listener);

  pending_probe_assert (probe, SOCKS_STATUS_UNPROBED, SOCKS_REASON_NONE);
  expect_end (fd);
  close (fd);
}

static void
test_reaching_fails_as_a_greeting_does (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PendingProbe) probe = NULL;
  SocksEndpoint nobody;
  int fd = bind_to ("[::1]", &nobody);

  probe = pending_probe_new (fixture->prober, &nobody, SOCKS_PROBE_REACH,
                             NULL /* cancellable */);
  pending_probe_assert (probe, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_REFUSED);
  close (fd);
}

#define ADD(name, function) \
  g_test_add ("/tcp-prober/" name, Fixture, &patient_ms, set_up, function, tear_down)
#define ADD_HASTY(name, function) \
  g_test_add ("/tcp-prober/" name, Fixture, &hasty_ms, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  probe_world_init ();

  ADD ("a-proxy-is-valid", test_a_proxy_is_valid);
  ADD ("a-proxy-with-a-login-requires-authentication",
       test_a_proxy_with_a_login_requires_authentication);
  ADD ("a-web-server-is-not-a-proxy", test_a_web_server_is_not_a_proxy);
  ADD ("a-method-that-was-not-offered-is-not-a-proxy",
       test_a_method_that_was_not_offered_is_not_a_proxy);
  ADD ("a-banner-that-was-there-first-counts", test_a_banner_that_was_there_first_counts);
  ADD ("a-reply-that-came-before-the-greeting-counts",
       test_a_reply_that_came_before_the_greeting_counts);
  ADD ("a-reply-may-come-in-two-pieces", test_a_reply_may_come_in_two_pieces);
  ADD ("what-comes-after-the-reply-is-not-read",
       test_what_comes_after_the_reply_is_not_read);
  ADD ("a-reply-counts-though-a-reset-follows",
       test_a_reply_counts_though_a_reset_follows);
  ADD ("who-closes-at-once-is-closed", test_who_closes_at_once_is_closed);
  ADD ("who-closes-after-the-greeting-is-closed",
       test_who_closes_after_the_greeting_is_closed);
  ADD ("who-closes-after-one-byte-is-closed", test_who_closes_after_one_byte_is_closed);
  ADD ("who-resets-is-reset", test_who_resets_is_reset);
  ADD ("who-resets-after-one-byte-is-reset", test_who_resets_after_one_byte_is_reset);
  ADD ("a-port-that-nobody-listens-on-is-refused",
       test_a_port_that_nobody_listens_on_is_refused);
  ADD ("where-no-way-leads-is-unreachable", test_where_no_way_leads_is_unreachable);
  ADD ("ipv4-is-as-good", test_ipv4_is_as_good);
  ADD_HASTY ("who-is-silent-times-out", test_who_is_silent_times_out);
  ADD_HASTY ("who-is-silent-after-one-byte-times-out",
             test_who_is_silent_after_one_byte_times_out);
  ADD ("reaching-sends-nothing", test_reaching_sends_nothing);
  ADD ("reaching-fails-as-a-greeting-does", test_reaching_fails_as_a_greeting_does);
  return g_test_run ();
}
