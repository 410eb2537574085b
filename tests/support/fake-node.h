/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "core/overlay-address.h"
#include "core/prefix.h"

#include <glib.h>

G_BEGIN_DECLS

/* An answer on the wire, by a function that writes it to a blocking socket. Runs in the
 * connection's own thread and returns whether the connection is to be kept. */
typedef gboolean (*FakeAnswer) (int fd);

/* A stand-in for the Mycelium node: an HTTP server on a port of 127.0.0.1, with a thread
 * for each connection. Its fields may be set while no request is under way. */
typedef struct
{
  GArray *routes;   /* (owned): of guint: numbers of the peers that it has routes to */
  guint own_number; /* the node itself is numbered like the peers */

  /* What is said instead of the truth; NULL for the truth. */
  const char *routes_text;
  FakeAnswer admin_answer;
  FakeAnswer routes_answer;
  FakeAnswer key_answer;
  guint key_answer_number; /* the one peer that @key_answer is for; 0 for all */

  struct _FakeNodePrivate *private; /* (owned) */
} FakeNode;

FakeNode *fake_node_new (void);
void fake_node_free (FakeNode *node);

char *fake_node_dup_url (FakeNode *node);
void fake_node_add_routes (FakeNode *node, guint first_number, guint n_routes);
guint fake_node_count_requests (FakeNode *node, const char *path_pattern);
guint fake_node_count_connections (FakeNode *node);

void fake_node_get_address (guint number, struct in6_addr *out_address);
char *fake_node_dup_key (guint number);
char *fake_node_dup_subnet (guint number);

gboolean fake_node_write (int fd, const void *bytes, gsize n_bytes);
gboolean fake_node_answer (int fd, const char *head, const char *body);
gboolean fake_node_hang (int fd);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeNode, fake_node_free)

G_END_DECLS
