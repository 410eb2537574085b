/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Asks polkit, with the caller's bus name as the subject, which polkit itself resolves to
 * a process and a session: nothing that the caller could forge. Where no polkit is on the
 * bus and none can be started, root may do everything and others nothing. Any other
 * failure is a no. Whose a caller is the bus says. Main thread. */

#include "bus/polkit-authority.h"

#include <polkit/polkit.h>

struct _SocksPolkitAuthority
{
  GObject parent_instance;

  GDBusConnection *system_bus; /* (owned) */

  /* (owned) (nullable): once it is known. The library makes it anew when nobody holds it,
   * and an old one that is freed with a call in flight still hears of its proxy. */
  PolkitAuthority *polkit;
};

typedef struct
{
  char *sender; /* (owned) */
  guint32 user; /* whose the sender is */
  char *action; /* (owned) */
  gboolean may_interact;
} Check;

static void socks_polkit_authority_iface_init (SocksAuthorityInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksPolkitAuthority,
                               socks_polkit_authority,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_AUTHORITY,
                                                      socks_polkit_authority_iface_init))

static void
check_free (Check *check)
{
  g_free (check->sender);
  g_free (check->action);
  g_free (check);
}

static void
deny (GTask *task, const char *what_to_do)
{
  Check *check = g_task_get_task_data (task);

  if (!g_task_return_error_if_cancelled (task))
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "Not allowed (%s): %s", check->action, what_to_do);
}

static void
check_without_polkit (GTask *task)
{
  Check *check = g_task_get_task_data (task);

  if (check->user != 0)
    deny (task, "there is no polkit on this system; ask as root");
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_boolean (task, TRUE);
}

static gboolean
is_absence (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

static void
refuse_for_failure (GTask *task, const GError *error)
{
  if (is_absence (error))
    check_without_polkit (task);
  else
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_warning ("polkit could not be asked: %s", error->message);
      deny (task, "polkit could not be asked; look into the system's log");
    }
}

static void
checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthorizationResult) answer =
      polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), result,
                                                   &error);

  if (answer == NULL)
    refuse_for_failure (task, error);
  else if (polkit_authorization_result_get_is_authorized (answer))
    {
      if (!g_task_return_error_if_cancelled (task))
        g_task_return_boolean (task, TRUE);
    }
  else if (polkit_authorization_result_get_is_challenge (answer) && !check->may_interact)
    deny (task, "this needs a password; call with interactive authorization allowed, or "
                "as root");
  else if (polkit_authorization_result_get_dismissed (answer))
    deny (task, "the question for a password was dismissed; try again and answer it");
  else
    deny (task, "authenticate when you are asked to, or ask an administrator");
}

static void
got_authority_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  SocksPolkitAuthority *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthority) authority = polkit_authority_get_finish (result, &error);
  g_autoptr (PolkitSubject) subject = NULL;

  if (authority == NULL)
    {
      refuse_for_failure (task, error);
      return;
    }

  g_set_object (&self->polkit, authority);
  subject = polkit_system_bus_name_new (check->sender);
  polkit_authority_check_authorization (
      authority, subject, check->action, NULL /* details */,
      check->may_interact ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
                          : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE,
      g_task_get_cancellable (task), checked_cb, g_object_ref (task));
}

static void
identified_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GError) error = NULL;
  GVariant *reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "Not allowed: the bus does not say whose program asks (%s)",
                             error->message);
}

static void
polkit_authority_identify_async (SocksAuthority *authority,
                                 const char *sender,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  SocksPolkitAuthority *self = SOCKS_POLKIT_AUTHORITY (authority);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, polkit_authority_identify_async);
  g_dbus_connection_call (
      self->system_bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
      "org.freedesktop.DBus", "GetConnectionUnixUser", g_variant_new ("(s)", sender),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1 /* default time-out */,
      cancellable, identified_cb, g_object_ref (task));
}

static gboolean
polkit_authority_identify_finish (SocksAuthority *authority,
                                  GAsyncResult *result,
                                  guint32 *out_user,
                                  GError **error)
{
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), error);

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", out_user);
  return TRUE;
}

static void
polkit_authority_check_async (SocksAuthority *authority,
                              const char *sender,
                              guint32 user,
                              const char *action,
                              gboolean may_interact,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (authority, cancellable, callback, user_data);
  Check *check = g_new (Check, 1);

  check->sender = g_strdup (sender);
  check->user = user;
  check->action = g_strdup (action);
  check->may_interact = may_interact;
  g_task_set_source_tag (task, polkit_authority_check_async);
  g_task_set_task_data (task, check, (GDestroyNotify) check_free);

  /* The one that is held, if there is one; after a failure it is tried anew. */
  polkit_authority_get_async (cancellable, got_authority_cb, g_object_ref (task));
}

static gboolean
polkit_authority_check_finish (SocksAuthority *authority,
                               GAsyncResult *result,
                               GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
socks_polkit_authority_iface_init (SocksAuthorityInterface *iface)
{
  iface->identify_async = polkit_authority_identify_async;
  iface->identify_finish = polkit_authority_identify_finish;
  iface->check_async = polkit_authority_check_async;
  iface->check_finish = polkit_authority_check_finish;
}

static void
socks_polkit_authority_finalize (GObject *object)
{
  SocksPolkitAuthority *self = SOCKS_POLKIT_AUTHORITY (object);

  g_clear_object (&self->polkit);
  g_object_unref (self->system_bus);

  G_OBJECT_CLASS (socks_polkit_authority_parent_class)->finalize (object);
}

static void
socks_polkit_authority_class_init (SocksPolkitAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_polkit_authority_finalize;
}

static void
socks_polkit_authority_init (SocksPolkitAuthority *self)
{
}

/**
 * socks_polkit_authority_new:
 * @system_bus: the bus that callers come from and polkit is on
 *
 * Returns: (transfer full): polkit, or root alone where there is none
 */
SocksAuthority *
socks_polkit_authority_new (GDBusConnection *system_bus)
{
  SocksPolkitAuthority *self = g_object_new (SOCKS_TYPE_POLKIT_AUTHORITY, NULL);

  self->system_bus = g_object_ref (system_bus);
  return SOCKS_AUTHORITY (self);
}
