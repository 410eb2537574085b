/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a fuzz target is made of: it feeds one input to one parser and asserts what must be
 * so of every answer. libFuzzer calls it with inputs that it makes up, replay.c with those
 * of its corpus. */
int LLVMFuzzerTestOneInput (const guint8 *data, size_t n_bytes);
int LLVMFuzzerInitialize (int *argc, char ***argv);

char *target_dup_text (const guint8 *data, gsize n_bytes);
const char *target_write_file (const void *data, gsize n_bytes);

void target_assert_is_shown_safely (const char *message);
guint target_count_warnings (void);

G_END_DECLS
