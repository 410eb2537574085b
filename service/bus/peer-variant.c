/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Peers as D-Bus clients see them. A key that is unknown is absent. Any thread. */

#include "bus/peer-variant.h"

static void
add (GVariantBuilder *dictionary, const char *key, GVariant *value)
{
  g_variant_builder_open (dictionary, G_VARIANT_TYPE ("{sv}"));
  g_variant_builder_add_value (dictionary, g_variant_new_string (key));
  g_variant_builder_add_value (dictionary, g_variant_new_variant (value));
  g_variant_builder_close (dictionary);
}

static void
add_peer (GVariantBuilder *list, const SocksPeer *peer, gboolean is_selected)
{
  char text[SOCKS_ENDPOINT_TEXT_BYTES];
  const SocksVerdict *verdict = &peer->verdict;

  g_variant_builder_open (list, G_VARIANT_TYPE_VARDICT);
  add (list, "Address",
       g_variant_new_string (socks_endpoint_write (&peer->endpoint, text)));
  if (verdict->status != SOCKS_STATUS_UNPROBED)
    {
      add (list, "Status",
           g_variant_new_string (socks_status_to_string (verdict->status)));
      add (list, "LastProbed", g_variant_new_int64 (peer->last_probed_us));
    }
  if (verdict->reason != SOCKS_REASON_NONE)
    add (list, "Reason", g_variant_new_string (socks_reason_to_string (verdict->reason)));
  if (verdict->latency_us != 0)
    add (list, "Latency", g_variant_new_uint32 (verdict->latency_us));
  if (peer->last_seen_us != 0)
    add (list, "LastSeen", g_variant_new_int64 (peer->last_seen_us));
  add (list, "Selected", g_variant_new_boolean (is_selected));
  g_variant_builder_close (list);
}

/**
 * socks_peer_variant_new_list:
 * @peers: (element-type SocksPeer): peers, in the order to be shown
 * @selected: (nullable): the remote
 *
 * Returns: (transfer floating): an `aa{sv}`
 */
GVariant *
socks_peer_variant_new_list (GArray *peers, const SocksEndpoint *selected)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < peers->len; i++)
    {
      const SocksPeer *peer = &g_array_index (peers, SocksPeer, i);

      add_peer (&list, peer,
                selected != NULL && socks_endpoint_equal (&peer->endpoint, selected));
    }
  return g_variant_builder_end (&list);
}

/**
 * socks_peer_variant_new_counts:
 * @counts: how many peers have each status
 *
 * Returns: (transfer floating): an `a{su}` of every status and its number
 */
GVariant *
socks_peer_variant_new_counts (const guint counts[static SOCKS_N_STATUSES])
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{su}"));
  for (SocksStatus status = 0; status < SOCKS_N_STATUSES; status++)
    g_variant_builder_add (&builder, "{su}", socks_status_to_string (status),
                           counts[status]);
  return g_variant_builder_end (&builder);
}
