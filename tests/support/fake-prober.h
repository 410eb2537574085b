/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/prober.h"

G_BEGIN_DECLS

/* One probe that was begun. */
typedef struct
{
  SocksEndpoint endpoint;
  SocksProbeKind kind;
} FakeQuestion;

#define FAKE_TYPE_PROBER (fake_prober_get_type ())
G_DECLARE_FINAL_TYPE (FakeProber, fake_prober, FAKE, PROBER, GObject)

FakeProber *fake_prober_new (void);

/* Scripts. @peer is a socket address, or NULL for everybody without a script of their
 * own. A script holds from now on, also for the probes that are in flight. */
void fake_prober_answer (FakeProber *self,
                         const char *peer,
                         SocksStatus status,
                         guint32 latency_us);
void fake_prober_hold (FakeProber *self, const char *peer);
void fake_prober_fail (FakeProber *self, const char *peer);

/* Records. @peer NULL stands for all together. */
guint fake_prober_count_asked (FakeProber *self, const char *peer);
guint fake_prober_count_in_flight (FakeProber *self, const char *peer);
guint fake_prober_get_most_in_flight (FakeProber *self);
const GArray *fake_prober_get_questions (FakeProber *self);
void fake_prober_forget (FakeProber *self);

SocksEndpoint endpoint_of (const char *text);

G_END_DECLS
