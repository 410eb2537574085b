/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Two thousand bulk streams of an unprivileged user, who may have pipes of 64 MiB in all:
 * for most there is no pipe but such as are not worth having, and nothing is lost by that.
 * To be refused a larger pipe is how the relay finds the limit; that no other call is
 * refused is seen by the functions below, which the linker puts in front of the C
 * library's (see meson.build). */

#include "relay-world.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define KIB 1024
#define MIB (1024 * 1024)

#define N_STREAMS PLAIN_OR_SANITIZED (2000, 400)

/* Each worker would have 64 pipes of 1 MiB: this is four times what the user may have. */
#define N_WORKERS 4

/* So many keep the pipes that there are. More would fill the memory that the kernel has
 * for TCP, and then everything becomes slow. */
#define N_STALLED 150
#define N_AT_ONCE 50

/* For each direction of a stream. */
#define N_BYTES (384 * KIB)

typedef struct
{
  int from;
  int to;
  guint64 seed;
  guint64 n_sent;
  guint64 n_received;
} Flow;

int __real_pipe2 (int fds[2], int flags);
int __wrap_pipe2 (int fds[2], int flags);
ssize_t __real_splice (int in, off64_t *in_offset, int out, off64_t *out_offset,
                       size_t n_bytes, unsigned flags);
ssize_t __wrap_splice (int in, off64_t *in_offset, int out, off64_t *out_offset,
                       size_t n_bytes, unsigned flags);

int
__wrap_pipe2 (int fds[2], int flags)
{
  int result = __real_pipe2 (fds, flags);

  g_assert_true (result == 0 || errno != EPERM);
  return result;
}

ssize_t
__wrap_splice (int in, off64_t *in_offset, int out, off64_t *out_offset, size_t n_bytes,
               unsigned flags)
{
  ssize_t n_moved = __real_splice (in, in_offset, out, out_offset, n_bytes, flags);

  g_assert_true (n_moved >= 0 || errno != EPERM);
  return n_moved;
}

static void
become_nobody (void)
{
  const struct passwd *nobody = getpwnam ("nobody");

  if (geteuid () != 0)
    return;
  g_assert_nonnull (nobody);
  g_assert_no_errno (setgroups (0, NULL));
  g_assert_no_errno (setresgid (nobody->pw_gid, nobody->pw_gid, nobody->pw_gid));
  g_assert_no_errno (setresuid (nobody->pw_uid, nobody->pw_uid, nobody->pw_uid));
  /* Else this process may not look at itself in /proc. */
  g_assert_no_errno (prctl (PR_SET_DUMPABLE, 1));
}

/* The user may not have one more large pipe. */
static void
check_that_limit_is_reached (void)
{
  int fds[2];

  g_assert_no_errno (__real_pipe2 (fds, O_CLOEXEC));
  g_assert_cmpint (fcntl (fds[1], F_SETPIPE_SZ, MIB), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  close (fds[0]);
  close (fds[1]);
}

/* Most of what is sent has to wait in the relay and before it: the window of the remote is
 * small, and the relay's own buffer is in proportion to the segments. */
static void
make_modest (int fd)
{
  int segment = 1400;
  int buffer = 16 * KIB;

  g_assert_no_errno (
      setsockopt (fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment));
  g_assert_no_errno (setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer));
}

static void
flow_send (Flow *self)
{
  self->n_sent += pattern_send_until_full (self->from, self->seed, self->n_sent,
                                           N_BYTES - self->n_sent);
}

/* Returns whether there is more to come. */
static gboolean
flow_go_on (Flow *self)
{
  guint64 n_bytes;

  flow_send (self);
  n_bytes = MIN (self->n_sent - self->n_received, 64 * KIB);
  pattern_expect (self->to, self->seed, self->n_received, n_bytes);
  self->n_received += n_bytes;
  return self->n_received < N_BYTES;
}

static void
go_on_to_the_end (Flow *flows, guint n_flows)
{
  gboolean is_more;

  do
    {
      is_more = FALSE;
      for (guint i = 0; i < n_flows; i++)
        is_more |= flow_go_on (&flows[i]);
    }
  while (is_more);
}

static void
end_all (Flow *flows, guint n_flows)
{
  for (guint i = 0; i < n_flows; i++)
    g_assert_no_errno (shutdown (flows[i].from, SHUT_WR));
  for (guint i = 0; i < n_flows; i++)
    expect_end (flows[i].to);
  for (guint i = 0; i < n_flows; i++)
    close (flows[i].from);
}

static void
test_thousands_of_bulk_streams_do_with_few_pipes (void)
{
  SocksRelayOptions options = ordinary_options ();
  const guint n_flows = 2 * N_STREAMS;
  g_autofree Flow *flows = g_new0 (Flow, n_flows);
  guint64 seed = pattern_choose_seed ();
  guint n_descriptors;
  World world;

  options.n_workers = N_WORKERS;
  world_init (&world, &options);
  make_modest (world.remote_listener);
  n_descriptors = count_descriptors ();
  for (guint i = 0; i < n_flows; i += 2)
    {
      Pair pair;

      world_open_pair (&world, &pair);
      flows[i] = (Flow){ pair.client, pair.remote, seed + i };
      flows[i + 1] = (Flow){ pair.remote, pair.client, seed + i + 1 };
    }

  for (guint i = 0; i < N_STALLED; i++)
    flow_send (&flows[2 * i]);
  world_wait_until_quiet (&world);
  g_test_message ("%u of %u streams have the %u pipes that there are", N_STALLED,
                  N_STREAMS, (count_descriptors () - n_descriptors - 4 * N_STREAMS) / 2);
  check_that_limit_is_reached ();

  for (guint i = 2 * N_STALLED; i < n_flows; i += 2 * N_AT_ONCE)
    go_on_to_the_end (&flows[i], 2 * N_AT_ONCE);
  check_that_limit_is_reached ();
  go_on_to_the_end (flows, 2 * N_STALLED);
  g_assert_cmpuint (world_get_counters (&world).active_streams, ==, N_STREAMS);

  end_all (flows, n_flows);
  world_wait_for_streams (&world, 0);
  g_assert_cmpuint (world_get_counters (&world).bytes_sent, ==,
                    (guint64) N_STREAMS * N_BYTES);
  g_assert_cmpuint (world_get_counters (&world).bytes_received, ==,
                    (guint64) N_STREAMS * N_BYTES);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  signal (SIGPIPE, SIG_IGN);
  g_assert_cmpuint (raise_descriptor_limit (), >=, 4 * N_STREAMS + 1000);
  become_nobody ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/pipes/thousands-of-bulk-streams-do-with-few-pipes",
                   test_thousands_of_bulk_streams_do_with_few_pipes);
  return g_test_run ();
}
