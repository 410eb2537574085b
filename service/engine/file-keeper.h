/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SocksFileKeeper:
 *
 * Keeps a file as it was last told, from a thread of its own: whoever tells it never
 * waits for a disk. Belongs to the main thread.
 */
typedef struct _SocksFileKeeper SocksFileKeeper;

/**
 * SocksFileKind:
 * @write: makes @path hold @contents, or removes it where they are %NULL
 * @tell: logs that the file can't be written for @error, or with %NULL that it can again
 *
 * How the file of a keeper is written. Both run in the keeper's thread.
 */
typedef struct
{
  gboolean (*write) (const char *path, const char *contents, GError **error);
  void (*tell) (const char *path, const GError *error);
} SocksFileKind;

SocksFileKeeper *socks_file_keeper_new (const SocksFileKind *kind,
                                        const char *path,
                                        const char *thread_name);
void socks_file_keeper_free (SocksFileKeeper *self);

const char *socks_file_keeper_get_path (SocksFileKeeper *self);
void socks_file_keeper_write (SocksFileKeeper *self, char *contents);
void socks_file_keeper_flush (SocksFileKeeper *self);

gboolean socks_file_set_errno_error (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksFileKeeper, socks_file_keeper_free)

G_END_DECLS
