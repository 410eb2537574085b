/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "private-bus.h"
#include "socks-dbus.h"

G_BEGIN_DECLS

/* Something on a bus that has the service's name and object, and says what the test has it
 * say. Its properties are those of a service that has just started. */
typedef struct
{
  GDBusConnection *bus;   /* (owned) */
  SocksDBusSocks *object; /* (owned) */
  GString *calls;         /* (owned): "Connect([400::1]:1080)", "Disconnect()" … */
  GQueue held;            /* of (owned) GDBusMethodInvocation */
  gboolean holds_calls;   /* they are not answered */
  const char *error_name; /* (unowned) (nullable): what calls are answered with */
} FakeService;

/* It takes the name, and the object is there: with both, or with the name alone. */
FakeService *fake_service_new (PrivateBus *bus);
FakeService *fake_service_new_silent (PrivateBus *bus);
void fake_service_free (FakeService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeService, fake_service_free)

/* Lets a silent one speak. */
void fake_service_export (FakeService *service);

/* In GVariant's text format: "State", "'connected'". Sent at once, whatever type it is of.
 */
void fake_service_tell (FakeService *service, const char *property, const char *value);

/* One PropertiesChanged, as "{'State': <'connected'>, 'Remote': <'…'>}". */
void fake_service_tell_all (FakeService *service, const char *properties);

/* The calls since the last time. */
void fake_service_expect_calls (FakeService *service, const char *calls);

/* For a program that the bus has started: returns when the bus is gone. */
int fake_service_run (void);

G_END_DECLS
