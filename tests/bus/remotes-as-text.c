/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What Connect takes for a remote, before anyone is asked for permission. */

#include "bus-world.h"

#include <string.h>

static void
expect_refusal (BusWorld *world, BusClient *client, const char *remote, const char *error)
{
  g_autofree char *answer =
      g_strconcat ("Connect → org.mycelium.Socks.Error.", error, ": ?*", NULL);

  bus_client_connect (client, remote);
  bus_client_expect (client, answer);
  bus_world_expect_question (world, NULL);
}

static void
test_malformed_text_is_invalid (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  const char *const texts[] = {
    "[400::1]",
    "400::1",
    "400::1:1080",
    "[400::1]:",
    "[400::1]:65536",
    "[400::1]:-1",
    "[400::1]:+1080",
    "[400::1]: 1080",
    "[400::1]:1080x",
    "[400::1]:0x438",
    " [400::1]:1080",
    "[400::1]:1080 ",
    "[400::1]:1080\n",
    "[400:::1]:1080",
    "[400::1::2]:1080",
    "[400:1:2:3:4:5:6:7:8]:1080",
    "[00400::1]:1080",
    "[400::g]:1080",
    "[400::1.2.3.256]:1080",
    "[400::01.2.3.4]:1080",
    "[[400::1]]:1080",
    "[400::1:1080",
    "400::1]:1080",
    "[400::1%eth0]:1080",
    "[fe80::1%1]:1080",
    "127.1:1080",
    "0x7f000001:1080",
    "2130706433:1080",
    "0177.0.0.1:1080",
    "localhost:1080",
    "example.com:1080",
    "foo@[400::1]:1080",
    "socks5://[400::1]:1080",
    "http://[400::1]:1080/",
    "/run/x.sock",
    "unix:/run/x",
    "@x",
    "[400::1]:1080;[::1]:22",
    "[400::1]:1080/..",
    "400::1/64",
    "[400::1]:１０８０",
    "[400::１]:1080",
    "[400::1]：1080",
    "*",
    " ",
    "[400:0000:0000:0000:0000:0000:0000:1]:00000000000000000000000001080",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    expect_refusal (world, client, texts[i], "InvalidRemote");
  bus_client_expect_property (client, "LastError", "('', '')");
}

static void
test_long_text_is_invalid (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  /* The last is nearly the longest message that a bus lets pass. */
  const gsize lengths[] = { 65, 256, 65536, 32 * 1024 * 1024 - 1024 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *text = g_strnfill (lengths[i], '1');

      memcpy (text, "[400::1]:", 9);
      expect_refusal (world, client, text, "InvalidRemote");
    }
}

static void
test_addresses_that_can_not_be_remotes_are_not_allowed (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  g_autofree char *own = socks_endpoint_format (&world->engine->settings->listen_address);
  const char *const texts[] = {
    "[400::1]:0",
    "[::]:9050",
    "0.0.0.0:9050",
    "[ff02::1]:1080",
    "224.0.0.1:1080",
    "255.255.255.255:1080",
    "[fe80::1]:1080",
    "169.254.1.1:1080",
    "0.1.2.3:1080",
    "240.0.0.1:1080",
    "[::1]:1080",
    "127.0.0.1:1080",
    "127.5.5.5:1080",
    "[::ffff:127.0.0.1]:1080",
    "0.0.0.0:1080",
    "[::]:1080",
    own,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    expect_refusal (world, client, texts[i], "RemoteNotAllowed");
}

static void
test_a_remote_is_shown_in_its_shortest_form (void)
{
  g_autoptr (BusWorld) world = bus_world_new ();
  g_autoptr (BusClient) client = bus_world_add_client (world);
  /* What is written, what is shown, and which permission it needs. */
  const char *const rows[][3] = {
    { "[400::1]:1080", "[400::1]:1080", "connect" },
    { "[5ff:ffff::1]:65535", "[5ff:ffff::1]:65535", "connect" },
    { "[0400:0:0:0:0:0:0:1]:1080", "[400::1]:1080", "connect" },
    { "[400::1.2.3.4]:1080", "[400::102:304]:1080", "connect" },
    { "[400::1]:01080", "[400::1]:1080", "connect" },
    { "[400::ABCD]:1080", "[400::abcd]:1080", "connect" },
    { "192.0.2.7:1080", "192.0.2.7:1080", "connect-elsewhere" },
    { "[::ffff:192.0.2.8]:1080", "192.0.2.8:1080", "connect-elsewhere" },
    { "[2001:db8::1]:1080", "[2001:db8::1]:1080", "connect-elsewhere" },
    { "127.0.0.1:9050", "127.0.0.1:9050", "connect-elsewhere" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *properties = g_strdup_printf ("*Remote='%s'*", rows[i][1]);
      g_autofree char *changed = g_strdup_printf (
          "RemoteChanged ('%s', '%s', 'user')", i > 0 ? rows[i - 1][1] : "", rows[i][1]);
      g_autofree char *answer = g_strdup_printf ("Connect → ('%s',)", rows[i][1]);

      bus_client_connect (client, rows[i][0]);
      bus_client_expect (client, properties);
      bus_client_expect (client, changed);
      bus_client_expect (client, answer);
      bus_world_expect_question (world, rows[i][2]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name) g_test_add_func ("/remotes-as-text/" #name, test_##name)
  ADD (malformed_text_is_invalid);
  ADD (long_text_is_invalid);
  ADD (addresses_that_can_not_be_remotes_are_not_allowed);
  ADD (a_remote_is_shown_in_its_shortest_form);
  return g_test_run ();
}
