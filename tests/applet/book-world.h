/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/address-book.h"

G_BEGIN_DECLS

#define A "[400::a]:1080"
#define B "[400::b]:1080"
#define C "[400::c]:1080"
#define D "[400::d]:1080"

/* A machine, a person's home, and their book. */
typedef struct
{
  char *root;             /* (owned): temporary */
  char *machine, *config; /* (owned): folders; the second is not there yet */
  char *state;            /* (owned): as the second */
  SocksAddressBook *book; /* (owned) (nullable) */
  guint n_changes;
  guint n_pending;
} BookWorld;

void book_world_set_up (BookWorld *world, gconstpointer unused);
void book_world_tear_down (BookWorld *world, gconstpointer unused);

/* Makes the book anew. */
void book_world_open (BookWorld *world);

/* What somebody else does to the files; @text is NULL for none. */
void book_world_write (const char *directory, const char *name, const char *text);
void book_world_remove_tree (const char *path);
void book_world_expect_file (const char *directory, const char *name, const char *text);

const char *book_world_get_name (BookWorld *world, const char *address);

/* Changes, which succeed, and the end of them all. */
void book_world_set_name (BookWorld *world, const char *key, const char *name);
void book_world_set_pinned (BookWorld *world, const char *address, gboolean is_pinned);
void book_world_use (BookWorld *world, const char *address);
void book_world_finish (BookWorld *world);

G_END_DECLS
