/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Peers that need no node. */

#include "engine/static-peers.h"

#include "pending-fetch.h"

static void
test_the_peers_are_those_named_each_once (void)
{
  static const char *const texts[] = { "[400::2]:1080", "192.0.2.7:9050",
                                       "[400::2]:1080", "[400::2]:1081",
                                       "127.0.0.1:1080" /* the service itself */ };
  g_autoptr (GArray) endpoints = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));
  g_autoptr (SocksStaticPeers) source = NULL;
  g_autoptr (GString) shown = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      SocksEndpoint endpoint;

      g_assert_true (socks_endpoint_parse (texts[i], &endpoint, NULL));
      g_array_append_val (endpoints, endpoint);
    }
  source = socks_static_peers_new (endpoints, 1080);
  g_array_set_size (endpoints, 0);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PendingFetch) fetch = fetch_from (SOCKS_PEER_SOURCE (source));

      g_assert_no_error (fetch->error);
      g_string_truncate (shown, 0);
      for (guint peer = 0; peer < fetch->peers->len; peer++)
        {
          g_autofree char *text = socks_endpoint_format (
              &g_array_index (fetch->peers, SocksEndpoint, peer));

          g_string_append_printf (shown, " %s", text);
        }
      g_assert_cmpstr (shown->str, ==, " 192.0.2.7:9050 [400::2]:1080 [400::2]:1081");

      /* The answer is the asker's own. */
      g_array_set_size (fetch->peers, 0);
    }
}

static void
test_a_fetch_can_be_cancelled (void)
{
  g_autoptr (GArray) endpoints = g_array_new (FALSE, FALSE, sizeof (SocksEndpoint));
  g_autoptr (SocksStaticPeers) source = socks_static_peers_new (endpoints, 1080);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (PendingFetch) fetch =
      pending_fetch_new (SOCKS_PEER_SOURCE (source), cancellable);

  g_cancellable_cancel (cancellable);
  pending_fetch_wait (fetch);
  g_assert_error (fetch->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/static-peers/the-peers-are-those-named-each-once",
                   test_the_peers_are_those_named_each_once);
  g_test_add_func ("/static-peers/a-fetch-can-be-cancelled",
                   test_a_fetch_can_be_cancelled);
  return g_test_run ();
}
