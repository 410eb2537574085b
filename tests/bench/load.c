/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The load generator of the benchmark, and the sink at the far end: one of five programs,
 * by its first argument. This file reads the command line; each program has a file.
 *
 *    bench-load sink --sink ADDRESS PORT
 *    bench-load bulk|rate|ping|idle --through ADDRESS PORT --sink ADDRESS PORT ...
 *
 * Each but the sink prints one line of JSON. */

#include "load.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/resource.h>

static const struct
{
  const char *name;
  void (*run) (const LoadOptions *options);
} programs[] = {
  { "sink", load_sink }, { "bulk", load_bulk }, { "rate", load_rate },
  { "ping", load_ping }, { "idle", load_idle },
};

static struct sockaddr_in6
parse_address (const char *text)
{
  struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", " ", 2);

  if (g_strv_length (parts) != 2 ||
      inet_pton (AF_INET6, parts[0], &address.sin6_addr) != 1)
    fail ("“%s” is not an IPv6 address, a space and a port", text);
  address.sin6_port = htons ((guint16) atoi (parts[1]));
  return address;
}

static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int argc, char **argv)
{
  LoadOptions options = { 0 };
  g_autofree char *through = NULL;
  g_autofree char *sink = NULL;
  int n_streams = 1, n_threads = 1, n_bytes = 1;
  const GOptionEntry entries[] = {
    { "through", 0, 0, G_OPTION_ARG_STRING, &through, "Who is measured", "WHERE" },
    { "sink", 0, 0, G_OPTION_ARG_STRING, &sink, "The far end", "WHERE" },
    { "streams", 0, 0, G_OPTION_ARG_INT, &n_streams, "Connections at once", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &n_threads, "That share them", "N" },
    { "bytes", 0, 0, G_OPTION_ARG_INT, &n_bytes, "Of one message", "N" },
    { "both-ways", 0, 0, G_OPTION_ARG_NONE, &options.both_ways, "Send too", NULL },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &options.warm_up_s, "Not counted", "S" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &options.seconds, "Counted", "S" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("sink|bulk|rate|ping|idle");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fail ("%s", error->message);
  if (argc != 2 || n_streams < 1 || n_threads < 1 || n_bytes < 1)
    fail ("see --help");

  options.sink = parse_address (sink);
  options.through = through != NULL ? parse_address (through) : options.sink;
  options.n_streams = (guint) n_streams;
  options.n_threads = (guint) MIN (n_threads, n_streams);
  options.n_bytes = (guint) n_bytes;

  raise_descriptor_limit ();
  wire_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (g_str_equal (argv[1], programs[i].name))
      {
        programs[i].run (&options);
        return EXIT_SUCCESS;
      }
  fail ("there is no program “%s”", argv[1]);
}
