/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "desktop-proxy/change.h"

G_BEGIN_DECLS

/**
 * SocksJournal:
 *
 * What we are about to change, or have changed, in the desktop's settings, written down so
 * that whoever comes next can take it back.
 */
typedef struct _SocksJournal SocksJournal;

SocksJournal *socks_journal_open (const char *directory, GError **error);
void socks_journal_close (SocksJournal *journal);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksJournal, socks_journal_close)

GPtrArray *socks_journal_load (SocksJournal *journal, GError **error);
gboolean socks_journal_save (SocksJournal *journal, GPtrArray *changes, GError **error);

char *socks_journal_format (GPtrArray *changes);
GPtrArray *socks_journal_parse (const char *text, GError **error);

G_END_DECLS
