/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lets calls pass that the authority allows, and keeps those that wait for its answer few
 * and short: so many of one caller, of one user, in all, so long each.
 *
 *   call ─▶ a place of its caller's ─▶ whose is it? ─▶ a place of its user's ─▶ allowed?
 *
 * The first question goes to the bus, which answers at once and in turn; the turnstile
 * keeps those few that wait for that.
 *
 * The call of a caller who has left the bus has no effect; but it keeps its place until
 * the authority is done with it, or else whoever comes and leaves again and again could
 * have more of them waiting there than the bus lets us ask. Main thread. */

#include "bus/gatekeeper.h"

#include "bus/places.h"

/* As long as a person may take to find and type a password. */
#define CHECK_TIMEOUT_US (60 * G_USEC_PER_SEC)

static const SocksPlacesLimits limits = {
  .per_caller = 4,
  .per_user = 8,
  .in_all = 32,
  .kept_for_root = 8,
};

struct _SocksGatekeeper
{
  GObject parent_instance;

  SocksAuthority *authority; /* (owned) */
  SocksClock *clock;         /* (owned) */
  GCancellable *closed;      /* (owned): ends every check */
  SocksPlaces places;
  guint n_waiting;
  GTask *closing; /* (owned) (nullable): is told when nobody waits any more */
};

typedef struct
{
  GDBusConnection *bus; /* (owned) */
  char *sender;         /* (owned) */
  char *action;         /* (owned) */
  gboolean may_interact;
  GCancellable *cancellable; /* (owned): ends the check */
  gulong closed_id;
  guint timeout_id;      /* 0: fired */
  guint32 user;          /* whose the sender is */
  guint sender_watch_id; /* 0: has no place of the user's */
  gboolean has_left;     /* the sender */
} Check;

G_DEFINE_FINAL_TYPE (SocksGatekeeper, socks_gatekeeper, G_TYPE_OBJECT)

static void
check_free (Check *check)
{
  g_object_unref (check->cancellable);
  g_free (check->action);
  g_free (check->sender);
  g_object_unref (check->bus);
  g_free (check);
}

static void
closed_cb (GCancellable *closed, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
sender_vanished_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  Check *check = data;

  g_debug ("%s left the bus while its permission was checked", name);
  check->has_left = TRUE;
}

static void
timeout_cb (gpointer data)
{
  Check *check = data;

  check->timeout_id = 0;
  g_cancellable_cancel (check->cancellable);
}

/* The closing is over when the last check is, and its caller has been answered. */
static void
end_closing_if_empty (SocksGatekeeper *self)
{
  g_autoptr (GTask) closing = NULL;

  if (self->n_waiting > 0 || self->closing == NULL)
    return;
  closing = g_steal_pointer (&self->closing);
  g_task_return_boolean (closing, TRUE);
}

static GError *
too_many_new (void)
{
  return g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                              "Too many requests wait for permission; answer those "
                              "first, or try again in a minute");
}

/* Takes @error, which is %NULL for a yes. */
static void
end_check (GTask *task, GError *error)
{
  SocksGatekeeper *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  gboolean is_late = check->timeout_id == 0;

  socks_clock_clear (self->clock, &check->timeout_id);
  g_signal_handler_disconnect (self->closed, check->closed_id);
  if (check->sender_watch_id != 0)
    {
      g_bus_unwatch_name (check->sender_watch_id);
      socks_places_return_as_user (&self->places, check->user);
    }
  socks_places_return_as_caller (&self->places, check->sender);
  self->n_waiting--;

  if (is_late)
    {
      g_clear_error (&error);
      g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                               "Nobody answered within %u s whether this is allowed; try "
                               "again, and authenticate when you are asked to",
                               (guint) (CHECK_TIMEOUT_US / G_USEC_PER_SEC));
    }
  else if (error != NULL)
    g_task_return_error (task, error);
  else if (check->has_left || g_cancellable_is_cancelled (check->cancellable))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                             "The caller left, or the service stops");
  else
    g_task_return_boolean (task, TRUE);
  end_closing_if_empty (self);
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  socks_authority_check_finish (SOCKS_AUTHORITY (source), result, &error);
  end_check (task, error);
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksGatekeeper *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  GError *error = NULL;

  if (!socks_authority_identify_finish (SOCKS_AUTHORITY (source), result, &check->user,
                                        &error) ||
      g_cancellable_set_error_if_cancelled (check->cancellable, &error))
    {
      end_check (task, error);
      return;
    }
  if (!socks_places_take_as_user (&self->places, check->user))
    {
      end_check (task, too_many_new ());
      return;
    }

  check->sender_watch_id = g_bus_watch_name_on_connection (
      check->bus, check->sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL /* appeared */,
      sender_vanished_cb, check, NULL /* free */);
  socks_authority_check_async (self->authority, check->sender, check->user, check->action,
                               check->may_interact, check->cancellable, checked_cb,
                               g_steal_pointer (&task));
}

static void
socks_gatekeeper_finalize (GObject *object)
{
  SocksGatekeeper *self = SOCKS_GATEKEEPER (object);

  socks_places_clear (&self->places);
  g_object_unref (self->closed);
  g_object_unref (self->clock);
  g_object_unref (self->authority);

  G_OBJECT_CLASS (socks_gatekeeper_parent_class)->finalize (object);
}

static void
socks_gatekeeper_class_init (SocksGatekeeperClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_gatekeeper_finalize;
}

static void
socks_gatekeeper_init (SocksGatekeeper *self)
{
  self->closed = g_cancellable_new ();
  socks_places_init (&self->places, &limits);
}

/**
 * socks_gatekeeper_new:
 * @authority: who knows what a caller may do
 * @clock: the time
 *
 * Returns: (transfer full): a gatekeeper
 */
SocksGatekeeper *
socks_gatekeeper_new (SocksAuthority *authority, SocksClock *clock)
{
  SocksGatekeeper *self = g_object_new (SOCKS_TYPE_GATEKEEPER, NULL);

  self->authority = g_object_ref (authority);
  self->clock = g_object_ref (clock);
  return self;
}

/**
 * socks_gatekeeper_admit_async:
 * @self: a gatekeeper
 * @invocation: the call; still to be answered by the caller of this function
 * @action: one of the `SOCKS_ACTION_`s
 * @callback: called when it is known whether the call may pass
 * @user_data: for @callback
 *
 * Asks the authority who sent @invocation, and whether that may be.
 */
void
socks_gatekeeper_admit_async (SocksGatekeeper *self,
                              GDBusMethodInvocation *invocation,
                              const char *action,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL /* cancellable */, callback, user_data);
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  Check *check;

  g_task_set_source_tag (task, socks_gatekeeper_admit_async);
  if (g_cancellable_is_cancelled (self->closed))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               "The service stops; try again in a moment");
      return;
    }
  if (!socks_places_take_as_caller (&self->places, sender))
    {
      g_task_return_error (task, too_many_new ());
      return;
    }

  check = g_new0 (Check, 1);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);
  check->bus = g_object_ref (g_dbus_method_invocation_get_connection (invocation));
  check->sender = g_strdup (sender);
  check->action = g_strdup (action);
  check->may_interact = (g_dbus_message_get_flags (message) &
                         G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  check->cancellable = g_cancellable_new ();
  self->n_waiting++;

  check->timeout_id =
      socks_clock_call_after (self->clock, CHECK_TIMEOUT_US, timeout_cb, check);
  check->closed_id = g_signal_connect (self->closed, "cancelled", G_CALLBACK (closed_cb),
                                       check->cancellable);
  socks_authority_identify_async (self->authority, sender, check->cancellable,
                                  identified_cb, g_steal_pointer (&task));
}

/**
 * socks_gatekeeper_admit_finish:
 * @self: a gatekeeper
 * @result: what the callback was given
 * @out_user: (out) (optional): the id of the user whose call it is, if it may pass
 * @error: return location for a %G_DBUS_ERROR_ACCESS_DENIED, a
 *   %G_DBUS_ERROR_LIMITS_EXCEEDED, or a %G_IO_ERROR_CANCELLED where the caller has left
 *   the bus since it was known who that is, or the gatekeeper was closed
 *
 * Returns: whether the call may pass
 */
gboolean
socks_gatekeeper_admit_finish (SocksGatekeeper *self,
                               GAsyncResult *result,
                               guint32 *out_user,
                               GError **error)
{
  const Check *check = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  if (out_user != NULL)
    *out_user = check->user;
  return TRUE;
}

/**
 * socks_gatekeeper_get_closed:
 * @self: a gatekeeper
 *
 * Returns: (transfer none): is cancelled when the gatekeeper is closed, for what a call
 *   has begun that may not outlast the service
 */
GCancellable *
socks_gatekeeper_get_closed (SocksGatekeeper *self)
{
  return self->closed;
}

/**
 * socks_gatekeeper_close_async:
 * @self: a gatekeeper that is not closed
 * @callback: called when nobody waits any more
 * @user_data: for @callback
 *
 * Ends every check, for good: the service stops. Can't fail.
 */
void
socks_gatekeeper_close_async (SocksGatekeeper *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  self->closing = g_task_new (self, NULL /* cancellable */, callback, user_data);
  g_task_set_source_tag (self->closing, socks_gatekeeper_close_async);
  g_cancellable_cancel (self->closed);
  end_closing_if_empty (self);
}

/**
 * socks_gatekeeper_close_finish:
 * @self: a gatekeeper
 * @result: what the callback was given
 *
 * Ends socks_gatekeeper_close_async().
 */
void
socks_gatekeeper_close_finish (SocksGatekeeper *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL /* error */);
}
