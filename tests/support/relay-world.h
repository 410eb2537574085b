/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "relay/relay.h"

G_BEGIN_DECLS

/* Far beyond what anything takes, so that a test that fails does not hang. */
#define PATIENCE_SEC 20

/* How often something is done: a sanitizer looks at each step of it, and takes its time;
 * the many are for the plain build. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define IS_SANITIZED TRUE
#else
#define IS_SANITIZED FALSE
#endif
#define PLAIN_OR_SANITIZED(plain, sanitized) (IS_SANITIZED ? (sanitized) : (plain))

/* A relay on a port of the kernel's choice, and the socket of the remote that it forwards
 * to, whose connections the test accepts itself. */
typedef struct
{
  SocksRelay *relay;
  SocksEndpoint local;
  int remote_listener;
  SocksEndpoint remote;
  guint n_descriptors; /* of the process, before there was a relay */
} World;

/* The two outer ends of one stream through the relay. */
typedef struct
{
  int client;
  int remote;
} Pair;

void world_init (World *world, const SocksRelayOptions *options);
void world_clear (World *world);
void world_open_pair (World *world, Pair *pair);
void world_wait_until_settled (World *world);
void world_wait_until_quiet (World *world);
void world_wait_for_streams (World *world, guint n_streams);
SocksRelayCounters world_get_counters (World *world);

void pair_clear (Pair *pair);
int pair_find_dialled (const Pair *pair);
void pair_wait_until_grown_up (const Pair *pair);

/* Repeats @condition until it holds; fails when that takes too long. */
#define WAIT_UNTIL(condition)                                                            \
  G_STMT_START                                                                           \
  {                                                                                      \
    gint64 deadline_us = g_get_monotonic_time () + PATIENCE_SEC * G_USEC_PER_SEC;        \
    while (!(condition))                                                                 \
      {                                                                                  \
        if (g_get_monotonic_time () > deadline_us)                                       \
          g_error ("%s: waited in vain for: %s", G_STRLOC, #condition);                  \
        g_usleep (500);                                                                  \
      }                                                                                  \
  }                                                                                      \
  G_STMT_END

/* From now on warnings of the relay's do not end the program. They are counted without a
 * GMutex, which a race detector does not see. */
void relay_warnings_init (void);
guint relay_warnings_take (void);

SocksRelayOptions ordinary_options (void);

/* What the process holds now. */
typedef struct
{
  guint descriptors;
  guint threads;
  gsize heap_bytes;
} Holdings;

Holdings take_stock (void);
guint count_descriptors (void);
guint raise_descriptor_limit (void);

/* Sockets: blocking, but for no longer than PATIENCE_SEC. */
int listen_on (const char *address, int backlog, SocksEndpoint *out_endpoint);
int try_to_connect (const SocksEndpoint *endpoint);
int connect_to (const SocksEndpoint *endpoint);
int accept_from (int listener);
void reset (int fd);
void make_narrow (int fd);

void send_all (int fd, gconstpointer bytes, gsize n_bytes);
void expect_bytes (int fd, gconstpointer bytes, gsize n_bytes);
void expect_end (int fd);
void expect_reset (int fd);

/* Bytes that tell by themselves whether one is missing, doubled or out of place. */
guint64 pattern_choose_seed (void);
void pattern_fill (guint64 seed, guint64 offset, guint8 *bytes, gsize n_bytes);
void pattern_send (int fd, guint64 seed, guint64 n_bytes, gsize most_at_once);
guint64 pattern_send_until_full (int fd,
                                 guint64 seed,
                                 guint64 offset,
                                 guint64 most_bytes);
void pattern_expect (int fd, guint64 seed, guint64 offset, guint64 n_bytes);
guint64 pattern_receive_until_reset (int fd, guint64 seed, guint64 offset);
GThread *pattern_send_in_thread (int fd,
                                 guint64 seed,
                                 guint64 n_bytes,
                                 gsize most_at_once);

G_END_DECLS
