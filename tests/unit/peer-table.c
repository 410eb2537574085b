/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Every change says what it changed, and a peer goes when it has been missed twice. */

#include "core/peer-table.h"

#define ANY SOCKS_PEER_CHANGE_ANY
#define COUNTS SOCKS_PEER_CHANGE_COUNTS
#define PROXIES SOCKS_PEER_CHANGE_PROXIES
#define NEW_VALID SOCKS_PEER_CHANGE_NEW_VALID

#define VALID SOCKS_STATUS_VALID
#define LOGIN SOCKS_STATUS_AUTHENTICATION_REQUIRED
#define OTHER SOCKS_STATUS_NOT_A_PROXY
#define REFUSED SOCKS_STATUS_NOT_LISTENING

typedef struct
{
  SocksPeerTable *table;  /* (owned) */
  gint64 now_us;          /* of the next record */
  gboolean is_first_time; /* what the last announcement said */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->table = socks_peer_table_new ();
  fixture->now_us = 1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  socks_peer_table_free (fixture->table);
}

static SocksEndpoint
endpoint_of (const char *text)
{
  SocksEndpoint endpoint;

  g_assert_true (socks_endpoint_parse (text, &endpoint, NULL));
  return endpoint;
}

static guint
announce (Fixture *fixture, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);

  return socks_peer_table_announce (fixture->table, &endpoint, &fixture->is_first_time);
}

static guint
record (Fixture *fixture, const char *peer, SocksStatus status, guint32 latency_us)
{
  SocksEndpoint endpoint = endpoint_of (peer);
  SocksVerdict verdict = { status, SOCKS_REASON_NONE, latency_us };

  if (status == SOCKS_STATUS_NOT_LISTENING)
    verdict.reason = SOCKS_REASON_REFUSED;
  else if (status == SOCKS_STATUS_NOT_A_PROXY)
    verdict.reason = SOCKS_REASON_NOT_SOCKS5;
  return socks_peer_table_record (fixture->table, &endpoint, &verdict, fixture->now_us);
}

/* A whole round in which @peers, with a space between two, are announced; returns what
 * its end changed. */
static guint
pass_round (Fixture *fixture, const char *peers)
{
  g_auto (GStrv) texts = g_strsplit (peers, " ", -1);

  socks_peer_table_begin_round (fixture->table);
  for (guint i = 0; texts[i] != NULL; i++)
    announce (fixture, texts[i]);
  return socks_peer_table_end_round (fixture->table);
}

static const SocksPeer *
look_up (Fixture *fixture, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);

  return socks_peer_table_lookup (fixture->table, &endpoint);
}

static void
keep (Fixture *fixture, const char *peer)
{
  SocksEndpoint endpoint = endpoint_of (peer);

  socks_peer_table_keep (fixture->table, &endpoint);
}

static void
assert_counts (Fixture *fixture,
               guint unprobed,
               guint valid,
               guint login,
               guint other,
               guint not_listening)
{
  const guint expected[SOCKS_N_STATUSES] = { unprobed, valid, login, other,
                                             not_listening };
  g_autoptr (GArray) peers = socks_peer_table_list_all (fixture->table);
  guint n_peers = 0;

  for (guint i = 0; i < SOCKS_N_STATUSES; i++)
    {
      g_assert_cmpuint (socks_peer_table_count (fixture->table, (SocksStatus) i), ==,
                        expected[i]);
      n_peers += expected[i];
    }
  g_assert_cmpuint (peers->len, ==, n_peers);
}

static char *
describe (GArray *peers)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < peers->len; i++)
    {
      const SocksPeer *peer = &g_array_index (peers, SocksPeer, i);
      char endpoint[SOCKS_ENDPOINT_TEXT_BYTES];

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "",
                              socks_endpoint_write (&peer->endpoint, endpoint));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_all (Fixture *fixture, const char *expected)
{
  g_autoptr (GArray) peers = socks_peer_table_list_all (fixture->table);
  g_autofree char *text = describe (peers);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_proxies (Fixture *fixture, const char *expected)
{
  g_autoptr (GArray) peers = socks_peer_table_list_proxies (fixture->table);
  g_autofree char *text = describe (peers);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_a_new_table_is_empty (Fixture *fixture, gconstpointer data)
{
  assert_counts (fixture, 0, 0, 0, 0, 0);
  assert_all (fixture, "");
  assert_proxies (fixture, "");
  g_assert_null (look_up (fixture, "[400::1]:1080"));
  socks_peer_table_begin_round (fixture->table);
  g_assert_cmpuint (socks_peer_table_end_round (fixture->table), ==, 0);
}

static void
test_a_peer_comes_unprobed (Fixture *fixture, gconstpointer data)
{
  const SocksPeer *peer;

  g_assert_cmpuint (announce (fixture, "[400::1]:1080"), ==, ANY | COUNTS);
  assert_counts (fixture, 1, 0, 0, 0, 0);
  assert_all (fixture, "[400::1]:1080");
  assert_proxies (fixture, "");

  peer = look_up (fixture, "[400::1]:1080");
  g_assert_nonnull (peer);
  g_assert_cmpint (peer->verdict.status, ==, SOCKS_STATUS_UNPROBED);
  g_assert_cmpint (peer->verdict.reason, ==, SOCKS_REASON_NONE);
  g_assert_cmpint (peer->last_probed_us, ==, 0);
  g_assert_cmpint (peer->last_seen_us, ==, 0);
  g_assert_true (peer->announced);
}

static void
test_a_peer_is_announced_for_the_first_time_once_in_a_round (Fixture *fixture,
                                                             gconstpointer data)
{
  for (guint round = 0; round < 2; round++)
    {
      announce (fixture, "[400::1]:1080");
      g_assert_true (fixture->is_first_time);
      g_assert_cmpuint (announce (fixture, "[400::1]:1080"), ==, 0);
      g_assert_false (fixture->is_first_time);
      announce (fixture, "[400::1]:1081");
      g_assert_true (fixture->is_first_time);
      socks_peer_table_begin_round (fixture->table);
    }
}

static void
test_two_spellings_are_one_peer (Fixture *fixture, gconstpointer data)
{
  announce (fixture, "192.0.2.7:1080");
  g_assert_cmpuint (announce (fixture, "[::ffff:192.0.2.7]:1080"), ==, 0);
  g_assert_cmpuint (announce (fixture, "[0:0:0:0:0:ffff:c000:207]:01080"), ==, 0);
  assert_all (fixture, "192.0.2.7:1080");
}

/* Each step on the way of one peer, with what it must report. */
static void
test_each_verdict_reports_what_it_changed (Fixture *fixture, gconstpointer data)
{
  const char *peer = "[400::1]:1080";

  announce (fixture, peer);

  g_assert_cmpuint (record (fixture, peer, REFUSED, 0), ==, ANY | COUNTS);
  assert_counts (fixture, 0, 0, 0, 0, 1);
  g_assert_cmpuint (record (fixture, peer, REFUSED, 0), ==, ANY);
  g_assert_cmpuint (record (fixture, peer, OTHER, 5), ==, ANY | COUNTS);
  assert_counts (fixture, 0, 0, 0, 1, 0);
  g_assert_cmpuint (record (fixture, peer, OTHER, 6), ==, ANY);

  g_assert_cmpuint (record (fixture, peer, LOGIN, 7), ==, ANY | COUNTS | PROXIES);
  assert_counts (fixture, 0, 0, 1, 0, 0);
  g_assert_cmpuint (record (fixture, peer, LOGIN, 7), ==, ANY | PROXIES);

  g_assert_cmpuint (record (fixture, peer, VALID, 8), ==,
                    ANY | COUNTS | PROXIES | NEW_VALID);
  assert_counts (fixture, 0, 1, 0, 0, 0);
  g_assert_cmpuint (record (fixture, peer, VALID, 9), ==, ANY | PROXIES);

  g_assert_cmpuint (record (fixture, peer, LOGIN, 9), ==, ANY | COUNTS | PROXIES);
  g_assert_cmpuint (record (fixture, peer, VALID, 9), ==,
                    ANY | COUNTS | PROXIES | NEW_VALID);
  g_assert_cmpuint (record (fixture, peer, REFUSED, 0), ==, ANY | COUNTS | PROXIES);
  assert_counts (fixture, 0, 0, 0, 0, 1);
  assert_proxies (fixture, "");
  g_assert_cmpuint (record (fixture, peer, VALID, 9), ==,
                    ANY | COUNTS | PROXIES | NEW_VALID);
}

static void
test_a_record_holds_the_last_verdict_and_its_times (Fixture *fixture, gconstpointer data)
{
  const SocksPeer *peer;

  announce (fixture, "[400::1]:1080");
  peer = look_up (fixture, "[400::1]:1080");

  fixture->now_us = 1000;
  record (fixture, "[400::1]:1080", VALID, 42);
  g_assert_cmpint (peer->verdict.status, ==, SOCKS_STATUS_VALID);
  g_assert_cmpuint (peer->verdict.latency_us, ==, 42);
  g_assert_cmpint (peer->last_probed_us, ==, 1000);
  g_assert_cmpint (peer->last_seen_us, ==, 1000);

  /* Who says nothing has not been seen. */
  fixture->now_us = 2000;
  record (fixture, "[400::1]:1080", REFUSED, 0);
  g_assert_cmpint (peer->verdict.status, ==, SOCKS_STATUS_NOT_LISTENING);
  g_assert_cmpint (peer->verdict.reason, ==, SOCKS_REASON_REFUSED);
  g_assert_cmpuint (peer->verdict.latency_us, ==, 0);
  g_assert_cmpint (peer->last_probed_us, ==, 2000);
  g_assert_cmpint (peer->last_seen_us, ==, 1000);

  fixture->now_us = 3000;
  record (fixture, "[400::1]:1080", OTHER, 43);
  g_assert_cmpint (peer->last_seen_us, ==, 3000);
  fixture->now_us = 4000;
  record (fixture, "[400::1]:1080", LOGIN, 44);
  g_assert_cmpint (peer->last_seen_us, ==, 4000);
}

static void
test_a_peer_goes_at_the_second_whole_round_in_a_row (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080 [400::2]:1080 [400::3]:1080");
  record (fixture, "[400::1]:1080", VALID, 1);
  record (fixture, "[400::2]:1080", REFUSED, 0);

  g_assert_cmpuint (pass_round (fixture, "[400::3]:1080"), ==, 0);
  assert_counts (fixture, 1, 1, 0, 0, 1);
  g_assert_cmpuint (pass_round (fixture, "[400::3]:1080"), ==, ANY | COUNTS | PROXIES);
  assert_counts (fixture, 1, 0, 0, 0, 0);
  assert_all (fixture, "[400::3]:1080");
  assert_proxies (fixture, "");
}

static void
test_only_a_proxy_that_goes_changes_the_proxies (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080 [400::2]:1080 [400::3]:1080");
  record (fixture, "[400::1]:1080", OTHER, 1);
  record (fixture, "[400::2]:1080", REFUSED, 0);
  pass_round (fixture, "[400::9]:1080");
  g_assert_cmpuint (pass_round (fixture, "[400::9]:1080"), ==, ANY | COUNTS);
  assert_all (fixture, "[400::9]:1080");

  record (fixture, "[400::9]:1080", LOGIN, 1);
  pass_round (fixture, "[400::8]:1080");
  g_assert_cmpuint (pass_round (fixture, "[400::8]:1080"), ==, ANY | COUNTS | PROXIES);
}

static void
test_a_return_is_a_new_beginning (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080 [400::2]:1080");
  record (fixture, "[400::1]:1080", VALID, 1);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpuint (pass_round (fixture, "[400::2]:1080"), ==, 0);
      g_assert_cmpuint (look_up (fixture, "[400::1]:1080")->rounds_missed, ==, 1);
      g_assert_cmpuint (pass_round (fixture, "[400::1]:1080 [400::2]:1080"), ==, 0);
      g_assert_cmpuint (look_up (fixture, "[400::1]:1080")->rounds_missed, ==, 0);
    }
  assert_counts (fixture, 1, 1, 0, 0, 0);
}

/* A round that a silent source keeps from ending is none. */
static void
test_a_round_without_an_end_does_not_count (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080");
  pass_round (fixture, "[400::2]:1080");
  for (guint i = 0; i < 5; i++)
    socks_peer_table_begin_round (fixture->table);
  assert_counts (fixture, 2, 0, 0, 0, 0);

  socks_peer_table_end_round (fixture->table);
  assert_all (fixture, "[400::2]:1080");
}

static void
test_who_is_kept_stays (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080 [400::2]:1080");
  keep (fixture, "[400::1]:1080");
  for (guint i = 0; i < 5; i++)
    pass_round (fixture, "[400::3]:1080");
  assert_all (fixture, "[400::1]:1080 [400::3]:1080");

  /* Somebody else in its place: the grace is long over. */
  keep (fixture, "[400::3]:1080");
  g_assert_nonnull (look_up (fixture, "[400::1]:1080"));
  g_assert_cmpuint (pass_round (fixture, "[400::3]:1080"), ==, ANY | COUNTS);
  assert_all (fixture, "[400::3]:1080");

  socks_peer_table_keep (fixture->table, NULL);
  pass_round (fixture, "[400::4]:1080");
  pass_round (fixture, "[400::4]:1080");
  assert_all (fixture, "[400::4]:1080");
}

static void
test_keeping_a_stranger_brings_nobody (Fixture *fixture, gconstpointer data)
{
  keep (fixture, "[400::1]:1080");
  pass_round (fixture, "[400::2]:1080");
  assert_all (fixture, "[400::2]:1080");
}

static void
test_a_verdict_on_who_was_forgotten_changes_nothing (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::1]:1080");
  pass_round (fixture, "[400::2]:1080");
  pass_round (fixture, "[400::2]:1080");
  g_assert_cmpuint (record (fixture, "[400::1]:1080", VALID, 1), ==, 0);
  assert_all (fixture, "[400::2]:1080");
  assert_counts (fixture, 1, 0, 0, 0, 0);
}

static void
test_lists_are_by_status_then_latency_then_address (Fixture *fixture, gconstpointer data)
{
  pass_round (fixture, "[400::a]:1080 [400::9]:1080 [400::8]:1080 [400::7]:1080 "
                       "[400::6]:1080 [400::5]:1080 [400::4]:1080 [400::3]:1080 "
                       "[400::2]:1080 [400::1]:1080 [400::6]:9 192.0.2.7:1080");
  record (fixture, "[400::a]:1080", VALID, 10);
  record (fixture, "[400::6]:1080", VALID, 20);
  record (fixture, "[400::6]:9", VALID, 20);
  record (fixture, "[400::5]:1080", VALID, 20);
  record (fixture, "192.0.2.7:1080", VALID, G_MAXUINT32);
  record (fixture, "[400::9]:1080", LOGIN, 1);
  record (fixture, "[400::8]:1080", LOGIN, 2);
  record (fixture, "[400::4]:1080", OTHER, 3);
  record (fixture, "[400::7]:1080", OTHER, 1);
  record (fixture, "[400::3]:1080", REFUSED, 0);
  record (fixture, "[400::2]:1080", REFUSED, 0);

  assert_proxies (fixture,
                  "[400::a]:1080 [400::5]:1080 [400::6]:9 [400::6]:1080 192.0.2.7:1080 "
                  "[400::9]:1080 [400::8]:1080");
  assert_all (fixture,
              "[400::a]:1080 [400::5]:1080 [400::6]:9 [400::6]:1080 192.0.2.7:1080 "
              "[400::9]:1080 [400::8]:1080 "
              "[400::7]:1080 [400::4]:1080 [400::2]:1080 [400::3]:1080 [400::1]:1080");
}

/* Whoever walks a list may change the table on the way. */
static void
test_a_list_outlives_what_it_was_taken_from (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) peers = NULL;
  g_autofree char *text = NULL;

  pass_round (fixture, "[400::1]:1080 [400::2]:1080");
  record (fixture, "[400::2]:1080", VALID, 1);
  peers = socks_peer_table_list_all (fixture->table);
  pass_round (fixture, "");
  pass_round (fixture, "");
  assert_all (fixture, "");

  text = describe (peers);
  g_assert_cmpstr (text, ==, "[400::2]:1080 [400::1]:1080");
}

#define ADD(name, function) \
  g_test_add ("/peer-table/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("a-new-table-is-empty", test_a_new_table_is_empty);
  ADD ("a-peer-comes-unprobed", test_a_peer_comes_unprobed);
  ADD ("a-peer-is-announced-for-the-first-time-once-in-a-round",
       test_a_peer_is_announced_for_the_first_time_once_in_a_round);
  ADD ("two-spellings-are-one-peer", test_two_spellings_are_one_peer);
  ADD ("each-verdict-reports-what-it-changed", test_each_verdict_reports_what_it_changed);
  ADD ("a-record-holds-the-last-verdict-and-its-times",
       test_a_record_holds_the_last_verdict_and_its_times);
  ADD ("a-peer-goes-at-the-second-whole-round-in-a-row",
       test_a_peer_goes_at_the_second_whole_round_in_a_row);
  ADD ("only-a-proxy-that-goes-changes-the-proxies",
       test_only_a_proxy_that_goes_changes_the_proxies);
  ADD ("a-return-is-a-new-beginning", test_a_return_is_a_new_beginning);
  ADD ("a-round-without-an-end-does-not-count",
       test_a_round_without_an_end_does_not_count);
  ADD ("who-is-kept-stays", test_who_is_kept_stays);
  ADD ("keeping-a-stranger-brings-nobody", test_keeping_a_stranger_brings_nobody);
  ADD ("a-verdict-on-who-was-forgotten-changes-nothing",
       test_a_verdict_on_who_was_forgotten_changes_nothing);
  ADD ("lists-are-by-status-then-latency-then-address",
       test_lists_are_by_status_then_latency_then_address);
  ADD ("a-list-outlives-what-it-was-taken-from",
       test_a_list_outlives_what_it_was_taken_from);
  return g_test_run ();
}
