/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The properties of the service as a plain value, and what a list has to show. */

#include "model/snapshot.h"

static SocksSnapshotField
update (SocksSnapshot *snapshot, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) properties =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);
  g_autoptr (SocksSnapshot) before = socks_snapshot_copy (snapshot);

  g_assert_no_error (error);
  socks_snapshot_update (snapshot, properties);
  return socks_snapshot_compare (before, snapshot);
}

#define ALL                                                                              \
  "{'State': <'failing'>, 'Remote': <'[400::1]:1080'>, 'Selection': <'manual'>,"         \
  " 'Listening': <'[::]:1080'>, 'ListenScope': <'any'>, 'Probing': <true>,"              \
  " 'Sweeping': <true>, 'SweepProgress': <(@u 1, @u 2)>, 'LastSweep': <@x 3>,"           \
  " 'ProbeInterval': <@u 60>, 'PeerCounts': <@a{su} {'Valid': 1, 'Unprobed': 2}>,"       \
  " 'NodeState': <'down'>, 'NodeAddress': <'400::9'>, 'LastError': <('a', 'b')>,"        \
  " 'Version': <'1'>}"

static void
test_each_property_is_read (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  g_assert_cmphex (update (snapshot, ALL), ==,
                   (SOCKS_SNAPSHOT_PROXIES - 1) &
                       ~(SOCKS_SNAPSHOT_AVAILABILITY | SOCKS_SNAPSHOT_REMOTE_LATENCY |
                         SOCKS_SNAPSHOT_REMOTE_STATUS));
  g_assert_cmpint (snapshot->state, ==, SOCKS_CLIENT_FAILING);
  g_assert_cmpstr (snapshot->remote, ==, "[400::1]:1080");
  g_assert_cmpint (snapshot->selection, ==, SOCKS_CLIENT_SELECTION_MANUAL);
  g_assert_cmpstr (snapshot->listening, ==, "[::]:1080");
  g_assert_true (snapshot->is_open_to_others);
  g_assert_true (snapshot->probing);
  g_assert_true (snapshot->sweeping);
  g_assert_cmpuint (snapshot->n_swept, ==, 1);
  g_assert_cmpuint (snapshot->n_to_sweep, ==, 2);
  g_assert_cmpint (snapshot->last_sweep_us, ==, 3);
  g_assert_cmpuint (snapshot->probe_interval_s, ==, 60);
  g_assert_cmpuint (snapshot->n_peers[SOCKS_PROXY_VALID], ==, 1);
  g_assert_cmpuint (snapshot->n_peers[SOCKS_PROXY_UNPROBED], ==, 2);
  g_assert_cmpint (snapshot->node, ==, SOCKS_CLIENT_NODE_DOWN);
  g_assert_cmpstr (snapshot->node_address, ==, "400::9");
  g_assert_cmpstr (snapshot->last_error_name, ==, "a");
  g_assert_cmpstr (snapshot->last_error_message, ==, "b");
  g_assert_cmpstr (snapshot->version, ==, "1");
  g_assert_cmphex (update (snapshot, ALL), ==, 0);
}

static void
test_what_does_not_fit_is_ignored (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  update (snapshot, ALL);
  g_assert_cmphex (
      update (snapshot,
              "{'State': <@u 1>, 'Remote': <true>, 'Selection': <@as []>,"
              " 'Listening': <@x 1>, 'ListenScope': <('local',)>, 'Probing': <'no'>,"
              " 'Sweeping': <@u 0>, 'SweepProgress': <(@x 7, @x 7)>, 'LastSweep': <@t 7>,"
              " 'ProbeInterval': <@x 7>, 'PeerCounts': <@a{st} {'Valid': 7}>,"
              " 'NodeState': <@y 1>, 'NodeAddress': <@ay [1]>, 'LastError': <'a'>,"
              " 'Version': <7.0>, 'Proxies': <'none'>, 'Unheard': <'of'>}"),
      ==, 0);
  g_assert_cmphex (update (snapshot, "{'State': <'asleep'>, 'Selection': <'lucky'>,"
                                     " 'NodeState': <'sideways'>, 'State': <''>}"),
                   ==, 0);
}

static void
test_of_a_scope_that_is_not_known_people_are_warned (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();

  update (snapshot, "{'ListenScope': <'town'>}");
  g_assert_true (snapshot->is_open_to_others);
  update (snapshot, "{'ListenScope': <'local'>}");
  g_assert_false (snapshot->is_open_to_others);
}

static void
test_situations (void)
{
  g_autoptr (SocksSnapshot) snapshot = socks_snapshot_new ();
  const SocksSituation without_service[] = {
    [SOCKS_AVAILABILITY_UNKNOWN] = SOCKS_SITUATION_UNKNOWN,
    [SOCKS_AVAILABILITY_NO_BUS] = SOCKS_SITUATION_NO_BUS,
    [SOCKS_AVAILABILITY_NOT_INSTALLED] = SOCKS_SITUATION_NOT_INSTALLED,
    [SOCKS_AVAILABILITY_NOT_RUNNING] = SOCKS_SITUATION_NOT_RUNNING,
    [SOCKS_AVAILABILITY_STARTING] = SOCKS_SITUATION_STARTING,
    [SOCKS_AVAILABILITY_NOT_ANSWERING] = SOCKS_SITUATION_NOT_ANSWERING,
  };
  const struct
  {
    const char *properties;
    SocksSituation situation;
  } rows[] = {
    { "{'Probing': <false>}", SOCKS_SITUATION_NOT_LOOKING },
    { "{'Probing': <true>}", SOCKS_SITUATION_LOOKING },
    { "{'Probing': <false>, 'Sweeping': <true>}", SOCKS_SITUATION_LOOKING },
    { "{'NodeState': <'down'>}", SOCKS_SITUATION_NODE_DOWN },
    { "{'NodeState': <'up'>, 'LastSweep': <@x 1>}", SOCKS_SITUATION_NONE_FOUND },
    { "{'NodeState': <'down'>, 'PeerCounts': <@a{su} {'NotAProxy': 1}>}",
      SOCKS_SITUATION_NODE_DOWN },
    { "{'PeerCounts': <@a{su} {'AuthenticationRequired': 1}>}", SOCKS_SITUATION_PROXIES },
  };

  for (guint i = 0; i < G_N_ELEMENTS (without_service); i++)
    {
      snapshot->availability = i;
      g_assert_cmpint (socks_snapshot_get_situation (snapshot), ==, without_service[i]);
    }
  snapshot->availability = SOCKS_AVAILABILITY_PRESENT;
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      update (snapshot, rows[i].properties);
      g_assert_cmpint (socks_snapshot_get_situation (snapshot), ==, rows[i].situation);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/snapshot/each-property-is-read", test_each_property_is_read);
  g_test_add_func ("/snapshot/what-does-not-fit-is-ignored",
                   test_what_does_not_fit_is_ignored);
  g_test_add_func ("/snapshot/of-a-scope-that-is-not-known-people-are-warned",
                   test_of_a_scope_that_is_not_known_people_are_warned);
  g_test_add_func ("/snapshot/situations", test_situations);
  return g_test_run ();
}
