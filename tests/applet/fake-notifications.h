/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "private-bus.h"

G_BEGIN_DECLS

/* A server of notifications on a bus, as desktops have one. */
typedef struct
{
  GDBusConnection *bus; /* (owned) */
  guint object_id;
  GString *shown;     /* (owned): "[replaces] title: body | …" since the last time */
  guint32 last;       /* number given out last */
  gboolean holds;     /* answers wait */
  GQueue held;        /* of (owned) GDBusMethodInvocation */
} FakeNotifications;

/* Its first notification has number @first. */
FakeNotifications *fake_notifications_new (PrivateBus *bus, guint32 first);
void fake_notifications_free (FakeNotifications *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeNotifications, fake_notifications_free)

/* Waits for as much, and expects just that. */
void fake_notifications_expect (FakeNotifications *server, const char *shown);

void fake_notifications_release (FakeNotifications *server);

/* The person clicks it, or closes it. */
void fake_notifications_click (FakeNotifications *server, guint32 number);
void fake_notifications_close (FakeNotifications *server, guint32 number);

G_END_DECLS
