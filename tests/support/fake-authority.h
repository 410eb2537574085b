/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "bus/authority.h"

G_BEGIN_DECLS

typedef enum
{
  FAKE_AUTHORITY_ALLOWS,
  FAKE_AUTHORITY_DENIES,
  FAKE_AUTHORITY_HANGS,
} FakeAuthorityMood;

#define FAKE_TYPE_AUTHORITY (fake_authority_get_type ())
G_DECLARE_FINAL_TYPE (FakeAuthority, fake_authority, FAKE, AUTHORITY, GObject)

FakeAuthority *fake_authority_new (void);

/* What it does with questions from now on. */
void fake_authority_set_mood (FakeAuthority *self, FakeAuthorityMood mood);

/* Whose callers are that ask from now on; FAKE_AUTHORITY_NOBODY: they are not known. */
#define FAKE_AUTHORITY_NOBODY G_MAXUINT32
void fake_authority_set_user (FakeAuthority *self, guint32 user);

/* Until callers are known, the questions whose they are hang. */
void fake_authority_set_knows_callers (FakeAuthority *self, gboolean knows_callers);
guint fake_authority_count_strangers (FakeAuthority *self);

/* Answers the question numbered @index, from 0, of those that hang. */
void fake_authority_answer (FakeAuthority *self, guint index, gboolean is_allowed);
guint fake_authority_count_hanging (FakeAuthority *self);

/* "connect", or "connect interactive" where a person may be asked; the oldest question
 * first, NULL when there is none left. */
char *fake_authority_pop_question (FakeAuthority *self);

G_END_DECLS
