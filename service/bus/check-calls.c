/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The method Check: reads the call, has the gatekeeper ask for permission, lets the
 * checker run and packs its report. Unlike the other calls it goes on for seconds after
 * it was permitted, with a socket each; so there are few at once, and one ends with its
 * caller or with the service. Main thread.
 *
 * An address outside the overlay takes the permission to connect there. With the one to
 * probe alone, which a person at the machine has without a password, the service would be
 * a scanner of ports for everyone: in the networks that it can reach and they may not,
 * and under its own name in the logs. Inside the overlay it asks everybody anyway. */

#include "bus/check-calls.h"

#include "bus/error-name.h"
#include "bus/places.h"
#include "core/error.h"

static const SocksPlacesLimits limits = {
  .per_caller = 4,
  .per_user = 8,
  .in_all = SOCKS_CHECKER_MAX_CHECKS,
  .kept_for_root = 4,
};

struct _SocksCheckCalls
{
  GObject parent_instance;

  SocksEngine *engine;         /* (owned) */
  SocksChecker *checker;       /* (owned) */
  SocksGatekeeper *gatekeeper; /* (owned) */
  SocksPlaces running;         /* permitted and not answered */
};

G_DEFINE_FINAL_TYPE (SocksCheckCalls, socks_check_calls, G_TYPE_OBJECT)

typedef struct
{
  SocksCheckCalls *calls;            /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned) (nullable): NULL once it is answered */
  SocksEndpoint remote;
  gboolean has_target;
  SocksTarget target;
  guint32 user;              /* whose it is, once it is permitted */
  GCancellable *cancellable; /* (owned): ends the check */
  gulong closed_id;          /* 0: none */
  guint sender_watch_id;     /* 0: none */
} Call;

static void
call_free (Call *call)
{
  g_warn_if_fail (call->invocation == NULL);
  g_object_unref (call->cancellable);
  g_object_unref (call->calls);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* From here on the call counts no more, and nobody can end it. */
static GDBusMethodInvocation *
end_running (Call *call)
{
  socks_places_return_as_user (&call->calls->running, call->user);
  socks_places_return_as_caller (
      &call->calls->running, g_dbus_method_invocation_get_sender (call->invocation));
  g_clear_handle_id (&call->sender_watch_id, g_bus_unwatch_name);
  g_clear_signal_handler (&call->closed_id,
                          socks_gatekeeper_get_closed (call->calls->gatekeeper));
  return g_steal_pointer (&call->invocation);
}

/* Answers at once: at the end of the service nobody waits for the check to notice. */
static void
cancel (Call *call)
{
  g_autoptr (GError) error = g_error_new_literal (
      SOCKS_ERROR, SOCKS_ERROR_CANCELLED, "The service stops; try again in a moment");

  socks_error_name_return (end_running (call), error);
  g_cancellable_cancel (call->cancellable);
}

static void
closed_cb (GCancellable *closed, gpointer data)
{
  cancel (data);
}

static void
sender_vanished_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  g_debug ("%s left the bus while it had something checked", name);
  cancel (data);
}

static GVariant *
pack_report (const SocksCheckReport *report)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (SocksCheckKind kind = 0; kind < SOCKS_N_CHECK_KINDS; kind++)
    {
      const SocksCheckStep *step = &report->steps[kind];

      g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "Step",
                             g_variant_new_string (socks_check_kind_to_string (kind)));
      g_variant_builder_add (
          &builder, "{sv}", "Result",
          g_variant_new_string (socks_check_result_to_string (step->result)));
      if (*step->reason != '\0')
        g_variant_builder_add (&builder, "{sv}", "Reason",
                               g_variant_new_string (step->reason));
      if (step->result != SOCKS_CHECK_SKIPPED)
        g_variant_builder_add (&builder, "{sv}", "Duration",
                               g_variant_new_int64 (step->duration_us));
      g_variant_builder_close (&builder);
    }
  return g_variant_builder_end (&builder);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;
  SocksCheckReport report;
  gboolean is_known =
      socks_checker_check_finish (SOCKS_CHECKER (source), result, &report, &error);

  if (call->invocation == NULL)
    return;
  if (is_known)
    {
      GVariant *steps = pack_report (&report);

      g_dbus_method_invocation_return_value (end_running (call),
                                             g_variant_new_tuple (&steps, 1));
    }
  else
    socks_error_name_return (end_running (call), error);
}

static gboolean
takes_place (Call *call)
{
  SocksPlaces *running = &call->calls->running;
  const char *sender = g_dbus_method_invocation_get_sender (call->invocation);

  if (!socks_places_take_as_caller (running, sender))
    return FALSE;
  if (socks_places_take_as_user (running, call->user))
    return TRUE;
  socks_places_return_as_caller (running, sender);
  return FALSE;
}

/* Takes @call. */
static void
run (Call *call)
{
  SocksCheckCalls *self = call->calls;
  const char *sender = g_dbus_method_invocation_get_sender (call->invocation);

  call->closed_id = g_signal_connect (socks_gatekeeper_get_closed (self->gatekeeper),
                                      "cancelled", G_CALLBACK (closed_cb), call);
  call->sender_watch_id = g_bus_watch_name_on_connection (
      g_dbus_method_invocation_get_connection (call->invocation), sender,
      G_BUS_NAME_WATCHER_FLAGS_NONE, NULL /* appeared */, sender_vanished_cb, call,
      NULL /* free */);
  socks_checker_check_async (self->checker, &call->remote,
                             call->has_target ? &call->target : NULL, call->cancellable,
                             checked_cb, call);
}

static void
admitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;

  if (!socks_gatekeeper_admit_finish (SOCKS_GATEKEEPER (source), result, &call->user,
                                      &error))
    socks_error_name_return (g_steal_pointer (&call->invocation), error);
  else if (!takes_place (call))
    {
      g_set_error (&error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                   "Too many checks run; try again in %u seconds", 10u);
      socks_error_name_return (g_steal_pointer (&call->invocation), error);
    }
  else
    run (g_steal_pointer (&call));
}

static void
socks_check_calls_dispose (GObject *object)
{
  SocksCheckCalls *self = SOCKS_CHECK_CALLS (object);

  /* Every call that runs holds the object, so there is none. */
  g_clear_object (&self->gatekeeper);
  g_clear_object (&self->checker);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (socks_check_calls_parent_class)->dispose (object);
}

static void
socks_check_calls_finalize (GObject *object)
{
  SocksCheckCalls *self = SOCKS_CHECK_CALLS (object);

  socks_places_clear (&self->running);

  G_OBJECT_CLASS (socks_check_calls_parent_class)->finalize (object);
}

static void
socks_check_calls_class_init (SocksCheckCallsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_check_calls_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_check_calls_finalize;
}

static void
socks_check_calls_init (SocksCheckCalls *self)
{
  socks_places_init (&self->running, &limits);
}

/**
 * socks_check_calls_new:
 * @engine: who knows what may be a remote
 * @checker: who checks
 * @gatekeeper: who lets calls pass
 *
 * Returns: (transfer full): no calls yet
 */
SocksCheckCalls *
socks_check_calls_new (SocksEngine *engine,
                       SocksChecker *checker,
                       SocksGatekeeper *gatekeeper)
{
  SocksCheckCalls *self = g_object_new (SOCKS_TYPE_CHECK_CALLS, NULL);

  self->engine = g_object_ref (engine);
  self->checker = g_object_ref (checker);
  self->gatekeeper = g_object_ref (gatekeeper);
  return self;
}

/**
 * socks_check_calls_handle:
 * @self: the calls
 * @invocation: (transfer full): a call of Check
 * @remote: what is to be checked
 * @target: what it is to be asked for, or ""
 *
 * Answers the call, when the check is over or something is wrong with it.
 */
void
socks_check_calls_handle (SocksCheckCalls *self,
                          GDBusMethodInvocation *invocation,
                          const char *remote,
                          const char *target)
{
  g_autoptr (Call) call = g_new0 (Call, 1);
  g_autoptr (GError) error = NULL;
  const char *action;

  call->calls = g_object_ref (self);
  call->invocation = invocation;
  call->cancellable = g_cancellable_new ();
  call->has_target = *target != '\0';

  /* As for Connect: nobody is asked for a password for what would be refused anyway. */
  if (!socks_endpoint_parse (remote, &call->remote, &error) ||
      !socks_engine_check_remote (self->engine, &call->remote, &error) ||
      (call->has_target && !socks_target_parse (target, &call->target, &error)))
    {
      socks_error_name_return (g_steal_pointer (&call->invocation), error);
      return;
    }

  action = socks_address_is_overlay (&call->remote.address)
               ? SOCKS_ACTION_PROBE
               : SOCKS_ACTION_CONNECT_ELSEWHERE;
  socks_gatekeeper_admit_async (self->gatekeeper, invocation, action, admitted_cb,
                                g_steal_pointer (&call));
}
