/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Thousands of probes at once, probes that are called off, and probes that can't be made:
 * each is answered once, and no descriptor is left behind. */

#include "core/error.h"
#include "engine/tcp-prober.h"
#include "fake-clock.h"
#include "probe-world.h"
#include "relay-world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define MANY 2000

typedef struct
{
  SocksProber *prober; /* (owned) */
  int listener;
  SocksEndpoint peer;
  GCancellable *cancellable; /* (owned): for all probes */
  GPtrArray *probes;         /* (owned): of PendingProbe */
  GArray *fds;               /* (owned): of int (owned): their other ends, accepted */
  guint n_descriptors;       /* before there was a prober */
} Fixture;

static const guint patient_ms = PATIENCE_SEC * 1000;
static const guint hasty_ms = 100;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const guint *timeout_ms = data;

  fixture->n_descriptors = count_descriptors ();
  fixture->prober = probe_world_new_prober (*timeout_ms);
  fixture->listener = listen_on ("[::1]", 4096, &fixture->peer);
  fixture->cancellable = g_cancellable_new ();
  fixture->probes = g_ptr_array_new_with_free_func ((GDestroyNotify) pending_probe_free);
  fixture->fds = g_array_new (FALSE, FALSE, sizeof (int));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_ptr_array_unref (fixture->probes);
  for (guint i = 0; i < fixture->fds->len; i++)
    close (g_array_index (fixture->fds, int, i));
  g_array_unref (fixture->fds);
  g_assert_finalize_object (fixture->cancellable);
  if (fixture->prober != NULL)
    g_assert_finalize_object (fixture->prober);
  close (fixture->listener);
  g_assert_cmpuint (count_descriptors (), ==, fixture->n_descriptors);
}

static PendingProbe *
start (Fixture *fixture)
{
  PendingProbe *probe = pending_probe_new (fixture->prober, &fixture->peer,
                                           SOCKS_PROBE_GREETING, fixture->cancellable);

  g_ptr_array_add (fixture->probes, probe);
  return probe;
}

/* Starts @n probes whose connections stand, and whose greetings are not sent yet. */
static void
start_many (Fixture *fixture, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      int fd;

      start (fixture);
      fd = accept_from (fixture->listener);
      g_array_append_val (fixture->fds, fd);
    }
}

static void
receive_greetings (Fixture *fixture)
{
  for (guint i = 0; i < fixture->fds->len; i++)
    expect_greeting (g_array_index (fixture->fds, int, i));
}

static void
reply_all (Fixture *fixture)
{
  for (guint i = 0; i < fixture->fds->len; i++)
    send_all (g_array_index (fixture->fds, int, i), "\x05\x00", 2);
}

static void
assert_all (Fixture *fixture, SocksStatus status, SocksReason reason)
{
  for (guint i = 0; i < fixture->probes->len; i++)
    pending_probe_assert (g_ptr_array_index (fixture->probes, i), status, reason);
}

static void
assert_all_cancelled (Fixture *fixture)
{
  for (guint i = 0; i < fixture->probes->len; i++)
    pending_probe_assert_cancelled (g_ptr_array_index (fixture->probes, i));
}

/* Returns the old limit. */
static struct rlimit
limit_descriptors (rlim_t limit)
{
  struct rlimit before, now;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &before));
  now = before;
  now.rlim_cur = limit;
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &now));
  return before;
}

/* From now on there is no descriptor to be had. Returns the old limit. */
static struct rlimit
use_up_descriptors (void)
{
  int next = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  g_assert_no_errno (next);
  close (next);
  return limit_descriptors ((rlim_t) next);
}

static void
restore_descriptors (const struct rlimit *before)
{
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, before));
}

static void
test_2000_answers_at_once_are_all_heard (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, MANY);
  receive_greetings (fixture);
  reply_all (fixture);
  assert_all (fixture, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
  for (guint i = 0; i < fixture->fds->len; i++)
    expect_end (g_array_index (fixture->fds, int, i));
}

static void
test_2000_silent_peers_all_time_out (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, MANY);
  assert_all (fixture, SOCKS_STATUS_NOT_LISTENING, SOCKS_REASON_TIMED_OUT);
}

/* Among those that are silent, whoever speaks is heard. */
static void
test_each_probe_gets_its_own_answer (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, 100);
  receive_greetings (fixture);
  for (guint i = 0; i < fixture->fds->len; i += 2)
    send_all (g_array_index (fixture->fds, int, i), i % 4 == 0 ? "\x05\x00" : "\x05\xff",
              2);
  for (guint i = 0; i < fixture->probes->len; i += 2)
    pending_probe_assert (g_ptr_array_index (fixture->probes, i),
                          i % 4 == 0 ? SOCKS_STATUS_VALID
                                     : SOCKS_STATUS_AUTHENTICATION_REQUIRED,
                          SOCKS_REASON_NONE);
  for (guint i = 1; i < fixture->probes->len; i += 2)
    g_assert_false (((PendingProbe *) g_ptr_array_index (fixture->probes, i))->is_over);

  g_cancellable_cancel (fixture->cancellable);
  for (guint i = 1; i < fixture->probes->len; i += 2)
    pending_probe_assert_cancelled (g_ptr_array_index (fixture->probes, i));
}

/* The process is stopped until after the deadline of what it has started. */
static void
be_stopped (void)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) hasty_ms * 1000;

  WAIT_UNTIL (g_get_monotonic_time () > end_us);
}

/* Of more answers than are looked at in one turn. */
static void
test_an_answer_wins_over_a_deadline (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, 300);
  reply_all (fixture);
  be_stopped ();
  assert_all (fixture, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
}

/* The greeting goes out in the same turn in which the answer is there already. */
static void
test_a_single_answer_wins_over_a_deadline (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, 1);
  reply_all (fixture);
  be_stopped ();
  assert_all (fixture, SOCKS_STATUS_VALID, SOCKS_REASON_NONE);
}

static void
test_a_probe_cancelled_before_it_starts_asks_nobody (Fixture *fixture, gconstpointer data)
{
  g_cancellable_cancel (fixture->cancellable);
  pending_probe_assert_cancelled (start (fixture));
  g_assert_no_errno (fcntl (fixture->listener, F_SETFL, O_NONBLOCK));
  g_assert_cmpint (accept4 (fixture->listener, NULL, NULL, SOCK_CLOEXEC), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
test_a_cancelled_probe_hangs_up_at_once (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, 100);
  receive_greetings (fixture);
  start_many (fixture, 100); /* whose greetings will never be sent */
  g_cancellable_cancel (fixture->cancellable);
  for (guint i = 0; i < fixture->fds->len; i++)
    expect_end (g_array_index (fixture->fds, int, i));
  for (guint i = 0; i < fixture->probes->len; i++)
    g_assert_false (((PendingProbe *) g_ptr_array_index (fixture->probes, i))->is_over);
  assert_all_cancelled (fixture);
}

static void
test_cancelling_beats_an_answer_of_the_same_turn (Fixture *fixture, gconstpointer data)
{
  start_many (fixture, 10);
  receive_greetings (fixture);
  reply_all (fixture);
  g_cancellable_cancel (fixture->cancellable);
  assert_all_cancelled (fixture);
}

typedef struct
{
  GCancellable *cancellable; /* (unowned) */
  guint n_judged;
  guint n_cancelled;
} Others;

static void
cancel_others_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Others *others = data;
  g_autoptr (GError) error = NULL;
  SocksVerdict verdict;

  if (socks_prober_probe_finish (SOCKS_PROBER (source), result, &verdict, &error))
    {
      others->n_judged++;
      g_cancellable_cancel (others->cancellable);
      return;
    }
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  others->n_cancelled++;
}

/* Whoever hears the first answer calls off the others, as a race does, though many have
 * come in together with it. */
static void
test_an_answer_may_cancel_the_other_probes (Fixture *fixture, gconstpointer data)
{
  Others others = { .cancellable = fixture->cancellable };

  for (guint i = 0; i < 300; i++)
    {
      int fd;

      socks_prober_probe_async (fixture->prober, &fixture->peer, SOCKS_PROBE_GREETING,
                                fixture->cancellable, cancel_others_cb, &others);
      fd = accept_from (fixture->listener);
      g_array_append_val (fixture->fds, fd);
    }
  reply_all (fixture);
  WAIT_UNTIL (({
    g_main_context_iteration (NULL, FALSE);
    others.n_judged + others.n_cancelled == 300;
  }));
  g_assert_cmpuint (others.n_judged, ==, 1);
}

static void
unref_prober_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;
  SocksVerdict verdict;

  g_assert_true (
      socks_prober_probe_finish (SOCKS_PROBER (source), result, &verdict, NULL));
  g_clear_object (&fixture->prober);
}

static void
test_an_answer_may_be_the_end_of_the_prober (Fixture *fixture, gconstpointer data)
{
  int fd;

  socks_prober_probe_async (fixture->prober, &fixture->peer, SOCKS_PROBE_GREETING,
                            NULL /* cancellable */, unref_prober_cb, fixture);
  fd = accept_from (fixture->listener);
  send_all (fd, "\x05\x00", 2);
  WAIT_UNTIL (({
    g_main_context_iteration (NULL, FALSE);
    fixture->prober == NULL;
  }));
  settle_main_loop ();
  close (fd);
}

static void
test_a_want_of_descriptors_is_no_verdict (Fixture *fixture, gconstpointer data)
{
  struct rlimit before = use_up_descriptors ();
  PendingProbe *probe = start (fixture);

  pending_probe_wait (probe);
  g_assert_error (probe->error, SOCKS_ERROR, SOCKS_ERROR_PROBE);

  restore_descriptors (&before);
  start_many (fixture, 1);
  reply_all (fixture);
  pending_probe_assert (g_ptr_array_index (fixture->probes, 1), SOCKS_STATUS_VALID,
                        SOCKS_REASON_NONE);
}

static void
test_there_is_no_prober_without_a_descriptor (Fixture *fixture, gconstpointer data)
{
  struct rlimit before = use_up_descriptors ();
  g_autoptr (GError) error = NULL;

  g_assert_null (socks_tcp_prober_new (1, &error));
  g_assert_error (error, SOCKS_ERROR, SOCKS_ERROR_FAILED);
  restore_descriptors (&before);
}

#define ADD(name, function) \
  g_test_add ("/tcp-prober-many/" name, Fixture, &patient_ms, set_up, function, tear_down)
#define ADD_HASTY(name, function) \
  g_test_add ("/tcp-prober-many/" name, Fixture, &hasty_ms, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  probe_world_init ();
  limit_descriptors (2 * MANY + 64);

  ADD ("2000-answers-at-once-are-all-heard", test_2000_answers_at_once_are_all_heard);
  ADD_HASTY ("2000-silent-peers-all-time-out", test_2000_silent_peers_all_time_out);
  ADD ("each-probe-gets-its-own-answer", test_each_probe_gets_its_own_answer);
  ADD_HASTY ("an-answer-wins-over-a-deadline", test_an_answer_wins_over_a_deadline);
  ADD_HASTY ("a-single-answer-wins-over-a-deadline",
             test_a_single_answer_wins_over_a_deadline);
  ADD ("a-probe-cancelled-before-it-starts-asks-nobody",
       test_a_probe_cancelled_before_it_starts_asks_nobody);
  ADD ("a-cancelled-probe-hangs-up-at-once", test_a_cancelled_probe_hangs_up_at_once);
  ADD ("cancelling-beats-an-answer-of-the-same-turn",
       test_cancelling_beats_an_answer_of_the_same_turn);
  ADD ("an-answer-may-cancel-the-other-probes",
       test_an_answer_may_cancel_the_other_probes);
  ADD ("an-answer-may-be-the-end-of-the-prober",
       test_an_answer_may_be_the_end_of_the_prober);
  ADD ("a-want-of-descriptors-is-no-verdict", test_a_want_of_descriptors_is_no_verdict);
  ADD ("there-is-no-prober-without-a-descriptor",
       test_there_is_no_prober_without_a_descriptor);
  return g_test_run ();
}
