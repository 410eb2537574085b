/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One peer: what is read of an entry, what is told of a change, and what is remembered. */

#include "model/proxy-item.h"

typedef struct
{
  SocksProxyItem *item; /* (owned) (nullable) */
  GString *notified;    /* (owned): names of properties */
} World;

static void
notify_cb (GObject *object, GParamSpec *spec, gpointer data)
{
  World *world = data;

  g_string_append_printf (world->notified, "%s ", spec->name);
}

static void
set_up (World *world, gconstpointer data)
{
  world->notified = g_string_new (NULL);
}

static void
tear_down (World *world, gconstpointer data)
{
  if (world->item != NULL)
    g_assert_finalize_object (world->item);
  g_string_free (world->notified, TRUE);
}

static void
take (World *world, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dictionary =
      g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);
  SocksProxyEntry entry;

  g_assert_no_error (error);
  g_assert_true (socks_proxy_entry_read (dictionary, &entry));
  g_string_truncate (world->notified, 0);
  if (world->item == NULL)
    {
      world->item = socks_proxy_item_new (&entry);
      g_signal_connect (world->item, "notify", G_CALLBACK (notify_cb), world);
    }
  else
    g_assert_cmpint (socks_proxy_item_update (world->item, &entry), ==,
                     world->notified->len > 0);
}

static void
assert_notified (World *world, const char *names)
{
  g_assert_cmpstr (g_strchomp (world->notified->str), ==, names);
}

#define WHOLE                                                                            \
  "{'Address': <'[407:1f00:1:2:3:4:5:9ab2]:1080'>, 'Status': <'Valid'>,"                 \
  " 'Latency': <@u 42000>, 'LastProbed': <@x 5>, 'LastSeen': <@x 4>,"                    \
  " 'Selected': <true>, 'Later': <'unknown to us'>}"

static void
test_an_entry_is_read (World *world, gconstpointer data)
{
  g_autofree char *short_address = NULL;
  g_autofree char *latency = NULL;
  guint n_samples;

  take (world, WHOLE);
  g_assert_cmpstr (socks_proxy_item_get_address (world->item), ==,
                   "[407:1f00:1:2:3:4:5:9ab2]:1080");
  g_assert_cmpint (socks_proxy_item_get_status (world->item), ==, SOCKS_PROXY_VALID);
  g_assert_cmpint (socks_proxy_item_get_reason (world->item), ==,
                   SOCKS_PROXY_REASON_NONE);
  g_assert_cmpint (socks_proxy_item_get_badge (world->item), ==, SOCKS_PROXY_BADGE_OPEN);
  g_assert_cmpuint (socks_proxy_item_get_latency_us (world->item), ==, 42000);
  g_assert_cmpint (socks_proxy_item_get_last_probed_us (world->item), ==, 5);
  g_assert_cmpint (socks_proxy_item_get_last_seen_us (world->item), ==, 4);
  g_assert_true (socks_proxy_item_is_selected (world->item));
  g_assert_cmpuint (socks_proxy_item_get_history_us (world->item, &n_samples)[0], ==,
                    42000);
  g_assert_cmpuint (n_samples, ==, 1);

  g_object_get (world->item, "short-address", &short_address, "latency-text", &latency,
                NULL);
  g_assert_cmpstr (short_address, ==, "407:1f…9ab2");
  g_assert_cmpstr (latency, ==, "42 ms");
}

static void
test_values_of_a_wrong_type_are_as_if_absent (World *world, gconstpointer data)
{
  take (world, "{'Address': <'[400::1]:1080'>, 'Status': <@u 1>, 'Reason': <true>,"
               " 'Latency': <@t 42>, 'LastProbed': <'5'>, 'LastSeen': <@u 4>,"
               " 'Selected': <'yes'>}");
  g_assert_cmpint (socks_proxy_item_get_status (world->item), ==, SOCKS_PROXY_UNPROBED);
  g_assert_cmpint (socks_proxy_item_get_reason (world->item), ==,
                   SOCKS_PROXY_REASON_NONE);
  g_assert_cmpuint (socks_proxy_item_get_latency_us (world->item), ==, 0);
  g_assert_cmpint (socks_proxy_item_get_last_probed_us (world->item), ==, 0);
  g_assert_cmpint (socks_proxy_item_get_last_seen_us (world->item), ==, 0);
  g_assert_false (socks_proxy_item_is_selected (world->item));
}

static void
test_words_that_are_not_known_are_as_if_absent (World *world, gconstpointer data)
{
  take (world, "{'Address': <'[400::1]:1080'>, 'Status': <'valid'>,"
               " 'Reason': <'bored'>}");
  g_assert_cmpint (socks_proxy_item_get_status (world->item), ==, SOCKS_PROXY_UNPROBED);
  g_assert_cmpint (socks_proxy_item_get_reason (world->item), ==,
                   SOCKS_PROXY_REASON_NONE);
}

static void
test_every_word_of_the_service_is_known (World *world, gconstpointer data)
{
  const char *const statuses[] = { "Unprobed", "Valid", "AuthenticationRequired",
                                   "NotAProxy", "NotListening" };
  const char *const reasons[] = { "refused", "unreachable", "timed-out", "reset",
                                  "closed",  "not-socks5",  "bad-method" };

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{'Address': <'a'>, 'Status': <'%s'>}", statuses[i]);

      take (world, text);
      g_assert_cmpint (socks_proxy_item_get_status (world->item), ==, i);
    }
  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++)
    {
      g_autofree char *text =
          g_strdup_printf ("{'Address': <'a'>, 'Reason': <'%s'>}", reasons[i]);

      take (world, text);
      g_assert_cmpint (socks_proxy_item_get_reason (world->item), ==, i + 1);
    }
}

static void
test_what_changed_is_told_and_nothing_else (World *world, gconstpointer data)
{
  take (world, "{'Address': <'a'>, 'Status': <'Valid'>, 'Latency': <@u 1>}");
  take (world, "{'Address': <'a'>, 'Status': <'Valid'>, 'Latency': <@u 1>}");
  assert_notified (world, "");
  take (world, "{'Address': <'a'>, 'Status': <'Valid'>, 'Latency': <@u 2>}");
  assert_notified (world, "latency-text latency");
  take (world, "{'Address': <'a'>, 'Status': <'AuthenticationRequired'>,"
               " 'Latency': <@u 2>}");
  assert_notified (world, "badge status-text status");
  take (world, "{'Address': <'a'>, 'Status': <'NotListening'>, 'Latency': <@u 2>,"
               " 'Reason': <'refused'>}");
  assert_notified (world, "reason badge status-text status");
  take (world, "{'Address': <'a'>, 'Status': <'NotAProxy'>, 'Latency': <@u 2>,"
               " 'Reason': <'refused'>, 'LastSeen': <@x 9>}");
  assert_notified (world, "last-seen status-text status");
  take (world, "{'Address': <'a'>, 'Status': <'NotAProxy'>, 'Latency': <@u 2>,"
               " 'Reason': <'refused'>, 'LastSeen': <@x 9>, 'LastProbed': <@x 9>,"
               " 'Selected': <true>}");
  assert_notified (world, "selected n-samples last-probed");
}

static void
test_the_history_is_of_the_last_probes (World *world, gconstpointer data)
{
  const guint *history_us;
  guint n_samples;

  for (guint i = 1; i <= 100; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "{'Address': <'a'>, 'Latency': <@u %u>, 'LastProbed': <@x %u>}", i, i);

      take (world, text);
      /* Told again, but not measured again. */
      take (world, text);
      assert_notified (world, "");
    }
  history_us = socks_proxy_item_get_history_us (world->item, &n_samples);
  g_assert_cmpuint (n_samples, ==, SOCKS_PROXY_HISTORY_MAX);
  for (guint i = 0; i < n_samples; i++)
    g_assert_cmpuint (history_us[i], ==, 100 - SOCKS_PROXY_HISTORY_MAX + 1 + i);

  take (world, "{'Address': <'a'>, 'LastProbed': <@x 101>}");
  assert_notified (world, "last-probed latency-text latency");
  history_us = socks_proxy_item_get_history_us (world->item, &n_samples);
  g_assert_cmpuint (history_us[n_samples - 1], ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add (path, World, NULL, set_up, test, tear_down)
  ADD ("/proxy-item/an-entry-is-read", test_an_entry_is_read);
  ADD ("/proxy-item/values-of-a-wrong-type-are-as-if-absent",
       test_values_of_a_wrong_type_are_as_if_absent);
  ADD ("/proxy-item/words-that-are-not-known-are-as-if-absent",
       test_words_that_are_not_known_are_as_if_absent);
  ADD ("/proxy-item/every-word-of-the-service-is-known",
       test_every_word_of_the_service_is_known);
  ADD ("/proxy-item/what-changed-is-told-and-nothing-else",
       test_what_changed_is_told_and_nothing_else);
  ADD ("/proxy-item/the-history-is-of-the-last-probes",
       test_the_history_is_of_the_last_probes);
#undef ADD
  return g_test_run ();
}
