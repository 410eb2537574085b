/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A conversation with a peer that goes wrong at any point of it, on real sockets whose
 * other end is in the hands of the test; the time is too. And so are the system calls that
 * begin it: the linker puts the functions below in front of the C library's (see
 * meson.build). */

#include "engine/proxy-talk.h"

#include "core/error.h"
#include "fake-clock.h"
#include "probe-world.h"
#include "relay-world.h"
#include "report-text.h"
#include "run-until.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NO_LOGIN "\x05\x00"
#define LOGIN "\x05\xff"
#define REQUEST "\x05\x01\x00\x03\x0b" "example.com\x01\xbb"
#define CONNECTED "\x05\x00\x00\x01\0\0\0\0\0\0"

#define SEND(talk, text) send_all ((talk)->fd, text, sizeof text - 1)
#define EXPECT(talk, text)                                                               \
  expect_report (&(talk)->report, SOCKS_CHECK_TCP, SOCKS_CHECK_FORWARDING, text)

typedef enum
{
  NONE,
  CONNECT,
  SETSOCKOPT,
  SOCKET,
} Call;

typedef struct
{
  Call call;
  int error_number;
} Failure;

static Failure failure;

static gboolean
fails (Call call)
{
  if (call != failure.call)
    return FALSE;
  errno = failure.error_number;
  return TRUE;
}

/* int __wrap_NAME (parameters) in front of int __real_NAME (parameters). */
#define WRAP(call, name, parameters, arguments)                                          \
  int __real_##name parameters;                                                          \
  int __wrap_##name parameters;                                                          \
  int __wrap_##name parameters { return fails (call) ? -1 : __real_##name arguments; }

WRAP (CONNECT, connect, (int fd, const struct sockaddr *peer, socklen_t n_bytes),
      (fd, peer, n_bytes))
WRAP (SETSOCKOPT, setsockopt,
      (int fd, int level, int name, const void *value, socklen_t n_bytes),
      (fd, level, name, value, n_bytes))
WRAP (SOCKET, socket, (int family, int type, int protocol), (family, type, protocol))

typedef struct
{
  FakeClock *clock; /* (owned) */
  int listener;
  int fd; /* -1: none */
  SocksEndpoint peer;
  gint64 greeting_timeout_us;
  GCancellable *cancellable; /* (owned) */
  SocksCheckReport report;
  gboolean is_over;
  GError *error; /* (owned) (nullable) */
  guint n_descriptors;
} Talk;

static void
set_up (Talk *talk, gconstpointer data)
{
  talk->n_descriptors = count_descriptors ();
  talk->clock = fake_clock_new ();
  talk->listener = listen_on ("[::1]", 4, &talk->peer);
  talk->fd = -1;
  talk->greeting_timeout_us = 5 * G_USEC_PER_SEC;
  talk->cancellable = g_cancellable_new ();
  socks_check_report_init (&talk->report);
}

static void
tear_down (Talk *talk, gconstpointer data)
{
  g_clear_error (&talk->error);
  g_assert_finalize_object (talk->clock);
  g_object_unref (talk->cancellable);
  if (talk->fd >= 0)
    close (talk->fd);
  close (talk->listener);
  g_assert_cmpuint (count_descriptors (), ==, talk->n_descriptors);
}

static void
over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Talk *talk = data;

  g_assert_false (talk->is_over);
  talk->is_over = TRUE;
  g_assert_true (socks_proxy_talk_finish (SOCKS_CLOCK (source), result, &talk->error) ==
                 (talk->error == NULL));
}

static void
begin (Talk *talk, const char *target_text)
{
  SocksTarget target;

  if (target_text != NULL)
    g_assert_true (socks_target_parse (target_text, &target, NULL));
  socks_proxy_talk_async (SOCKS_CLOCK (talk->clock), &talk->peer, talk->greeting_timeout_us,
                          target_text != NULL ? &target : NULL, &talk->report,
                          talk->cancellable, over_cb, talk);
  g_assert_false (talk->is_over);
}

/* Up to the greeting, which is heard. */
static void
begin_and_greet (Talk *talk, const char *target_text)
{
  begin (talk, target_text);
  talk->fd = accept_from (talk->listener);
  expect_greeting (talk->fd);
}

/* Up to the request, which is heard. */
static void
begin_and_request (Talk *talk)
{
  begin_and_greet (talk, "example.com:443");
  SEND (talk, NO_LOGIN);
  RUN_UNTIL (talk->report.steps[SOCKS_CHECK_LOGIN].result == SOCKS_CHECK_PASSED);
  expect_bytes (talk->fd, REQUEST, sizeof REQUEST - 1);
}

static void
wait_for_end (Talk *talk)
{
  RUN_UNTIL (talk->is_over);
  g_assert_no_error (talk->error);
}

static void
pass (Talk *talk, gint64 ms)
{
  fake_clock_advance (talk->clock, ms * 1000);
  settle_main_loop ();
}

static void
test_all_is_well (Talk *talk, gconstpointer data)
{
  begin_and_request (talk);
  SEND (talk, CONNECTED "what the target says");
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, forwarding passed");
}

static void
test_nothing_is_asked_for_without_a_target (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, NULL);
  SEND (talk, NO_LOGIN);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed");
  expect_end (talk->fd);
}

static void
test_bytes_may_come_one_by_one (Talk *talk, gconstpointer data)
{
  static const char reply[] = "\x05\x00\x00\x03\x04host\x04\x38";

  begin_and_greet (talk, "example.com:443");
  SEND (talk, "\x05");
  settle_main_loop ();
  SEND (talk, "\x00");
  RUN_UNTIL (talk->report.steps[SOCKS_CHECK_LOGIN].result == SOCKS_CHECK_PASSED);
  for (gsize i = 0; i < sizeof reply - 1; i++)
    {
      g_assert_false (talk->is_over);
      send_all (talk->fd, reply + i, 1);
      settle_main_loop ();
    }
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, forwarding passed");
}

static void
test_a_peer_that_does_not_listen_refuses (Talk *talk, gconstpointer data)
{
  close (talk->listener);
  talk->listener = bind_to ("[::1]", &talk->peer);
  begin (talk, "example.com:443");
  wait_for_end (talk);
  EXPECT (talk, "tcp failed refused");
}

static void
test_a_peer_without_a_way_to_it_is_unreachable (Talk *talk, gconstpointer data)
{
  /* A port of a multicast address takes no connection. */
  g_assert_true (socks_endpoint_parse ("[ff02::1]:1080", &talk->peer, NULL));
  begin (talk, NULL);
  wait_for_end (talk);
  EXPECT (talk, "tcp failed unreachable");
}

static void
test_a_want_of_this_machine_is_no_verdict (Talk *talk, gconstpointer data)
{
  static const Failure wants[] = {
    { SOCKET, EMFILE },  { SOCKET, ENFILE },  { SOCKET, ENOBUFS },     { SOCKET, ENOMEM },
    { CONNECT, ENOBUFS }, { CONNECT, ENOMEM }, { SETSOCKOPT, ENOBUFS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wants); i++)
    {
      failure = wants[i];
      begin (talk, NULL);
      failure.call = NONE;
      RUN_UNTIL (talk->is_over);
      g_assert_error (talk->error, SOCKS_ERROR, SOCKS_ERROR_FAILED);
      EXPECT (talk, "");
      g_clear_error (&talk->error);
      talk->is_over = FALSE;
    }
}

static void
test_a_login_is_a_warning (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, "example.com:443");
  SEND (talk, LOGIN);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login warning login-required, "
                "forwarding skipped login-required");
}

static void
test_what_is_not_socks5_fails_the_greeting (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, NULL);
  SEND (talk, "HTTP/1.1 400 Bad Request\r\n\r\n");
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed not-socks5");
}

static void
test_a_method_that_was_not_offered_fails_it (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, NULL);
  SEND (talk, "\x05\x02");
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed bad-method");
}

static void
test_so_does_an_end_or_a_reset (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, NULL);
  SEND (talk, "\x05");
  close (talk->fd);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed closed");

  talk->is_over = FALSE;
  begin_and_greet (talk, NULL);
  reset (talk->fd);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed reset");
  talk->fd = -1;
}

static void
test_the_reply_says_why_it_does_not_forward (Talk *talk, gconstpointer data)
{
  begin_and_request (talk);
  SEND (talk, "\x05\x02\x00\x01\0\0\0\0\0\0");
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, "
                "forwarding failed not-allowed");
}

static void
test_who_greets_and_then_closes_does_not_forward (Talk *talk, gconstpointer data)
{
  begin_and_request (talk);
  SEND (talk, "\x05");
  close (talk->fd);
  talk->fd = -1;
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, forwarding failed closed");
}

static void
test_who_greets_and_then_echoes_does_not_forward (Talk *talk, gconstpointer data)
{
  begin_and_request (talk);
  SEND (talk, REQUEST);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, "
                "forwarding failed general-failure");
}

static void
test_the_greeting_has_its_time (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, "example.com:443");
  pass (talk, 4999);
  g_assert_false (talk->is_over);
  pass (talk, 1);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed timed-out");
  g_assert_cmpint (talk->report.steps[SOCKS_CHECK_GREETING].duration_us, ==, 5000000);
}

static void
test_the_greeting_has_ten_seconds_at_most (Talk *talk, gconstpointer data)
{
  talk->greeting_timeout_us = 60 * G_USEC_PER_SEC;
  begin_and_greet (talk, NULL);
  pass (talk, 9999);
  g_assert_false (talk->is_over);
  pass (talk, 1);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting failed timed-out");
}

static void
test_all_of_it_has_ten_seconds (Talk *talk, gconstpointer data)
{
  begin_and_greet (talk, "example.com:443");
  pass (talk, 3000);
  SEND (talk, NO_LOGIN);
  RUN_UNTIL (talk->report.steps[SOCKS_CHECK_LOGIN].result == SOCKS_CHECK_PASSED);
  SEND (talk, "\x05\x00");
  pass (talk, 6999);
  g_assert_false (talk->is_over);
  pass (talk, 1);
  wait_for_end (talk);
  EXPECT (talk, "tcp passed, greeting passed, login passed, "
                "forwarding failed timed-out");
  g_assert_cmpint (talk->report.steps[SOCKS_CHECK_GREETING].duration_us, ==, 3000000);
  g_assert_cmpint (talk->report.steps[SOCKS_CHECK_FORWARDING].duration_us, ==, 7000000);
}

static void
test_it_can_be_cancelled_at_any_time (Talk *talk, gconstpointer data)
{
  begin_and_request (talk);
  g_cancellable_cancel (talk->cancellable);
  RUN_UNTIL (talk->is_over);
  g_assert_error (talk->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_end (talk->fd);

  g_clear_error (&talk->error);
  talk->is_over = FALSE;
  begin (talk, NULL);
  RUN_UNTIL (talk->is_over);
  g_assert_error (talk->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  probe_world_init ();

#define ADD(name)                                                                        \
  g_test_add ("/proxy-talk/" #name, Talk, NULL, set_up, test_##name, tear_down)
  ADD (all_is_well);
  ADD (nothing_is_asked_for_without_a_target);
  ADD (bytes_may_come_one_by_one);
  ADD (a_peer_that_does_not_listen_refuses);
  ADD (a_peer_without_a_way_to_it_is_unreachable);
  ADD (a_want_of_this_machine_is_no_verdict);
  ADD (a_login_is_a_warning);
  ADD (what_is_not_socks5_fails_the_greeting);
  ADD (a_method_that_was_not_offered_fails_it);
  ADD (so_does_an_end_or_a_reset);
  ADD (the_reply_says_why_it_does_not_forward);
  ADD (who_greets_and_then_closes_does_not_forward);
  ADD (who_greets_and_then_echoes_does_not_forward);
  ADD (the_greeting_has_its_time);
  ADD (the_greeting_has_ten_seconds_at_most);
  ADD (all_of_it_has_ten_seconds);
  ADD (it_can_be_cancelled_at_any_time);
  return g_test_run ();
}
