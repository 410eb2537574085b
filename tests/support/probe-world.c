/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Probes over the network, as seen by whoever started them. Main thread. */

#include "probe-world.h"

#include "engine/tcp-prober.h"
#include "relay-world.h"

#include <poll.h>
#include <sys/socket.h>

/* Call once, at the start of main(). Has GLib open its own descriptors, which stay open,
 * so that those of a test can be counted. */
void
probe_world_init (void)
{
  g_type_class_unref (g_type_class_ref (G_TYPE_TASK));
  g_main_context_iteration (NULL, FALSE);
}

SocksProber *
probe_world_new_prober (guint timeout_ms)
{
  g_autoptr (GError) error = NULL;
  SocksProber *prober = socks_tcp_prober_new ((gint64) timeout_ms * 1000, &error);

  g_assert_no_error (error);
  return prober;
}

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  PendingProbe *probe = data;
  gboolean is_judged;

  g_assert_false (probe->is_over);
  probe->is_over = TRUE;
  is_judged = socks_prober_probe_finish (SOCKS_PROBER (source), result, &probe->verdict,
                                         &probe->error);
  g_assert_true (is_judged == (probe->error == NULL));
}

/* Starts a probe, and sees that the answer does not come before the call returned. */
PendingProbe *
pending_probe_new (SocksProber *prober,
                   const SocksEndpoint *endpoint,
                   SocksProbeKind kind,
                   GCancellable *cancellable)
{
  PendingProbe *probe = g_new0 (PendingProbe, 1);

  socks_prober_probe_async (prober, endpoint, kind, cancellable, probed_cb, probe);
  g_assert_false (probe->is_over);
  return probe;
}

/* The probe must be over. */
void
pending_probe_free (PendingProbe *probe)
{
  g_assert_true (probe->is_over);
  g_clear_error (&probe->error);
  g_free (probe);
}

void
pending_probe_wait (PendingProbe *probe)
{
  WAIT_UNTIL (({
    g_main_context_iteration (NULL, FALSE);
    probe->is_over;
  }));
}

/* The probe ends with this verdict, and with a latency where the peer has spoken. */
void
pending_probe_assert (PendingProbe *probe, SocksStatus status, SocksReason reason)
{
  gboolean has_reply =
      status != SOCKS_STATUS_UNPROBED && status != SOCKS_STATUS_NOT_LISTENING;

  pending_probe_wait (probe);
  g_assert_no_error (probe->error);
  g_assert_cmpstr (socks_status_to_string (probe->verdict.status), ==,
                   socks_status_to_string (status));
  g_assert_cmpstr (socks_reason_to_string (probe->verdict.reason), ==,
                   socks_reason_to_string (reason));
  g_assert_true ((probe->verdict.latency_us > 0) == has_reply);
}

void
pending_probe_assert_cancelled (PendingProbe *probe)
{
  pending_probe_wait (probe);
  g_assert_error (probe->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A port that nobody listens on and nobody else can have: @address is as in "[::1]". */
int
bind_to (const char *address, SocksEndpoint *out_endpoint)
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
  g_assert_no_errno (getsockname (fd, (struct sockaddr *) &sockaddr, &n_bytes));
  socks_endpoint_from_sockaddr (&sockaddr, out_endpoint);
  return fd;
}

/* Waits for what a probe sends, while the prober runs. */
void
expect_greeting (int fd)
{
  struct pollfd readable = { .fd = fd, .events = POLLIN };

  WAIT_UNTIL (({
    g_main_context_iteration (NULL, FALSE);
    poll (&readable, 1, 0) == 1;
  }));
  expect_bytes (fd, "\x05\x01\x00", 3);
}
