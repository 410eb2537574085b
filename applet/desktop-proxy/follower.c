/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* When the desktop's proxy is set, and when it is restored.
 *
 * It is set when the service is connected, and restored when the local port is closed: on
 * Disconnect, and when the service ends. While the port is open it stays as it is, also
 * with a remote that does not answer: another one is being looked for, and a desktop that
 * went past the proxy meanwhile, without a word, would be worse than one that waits. After
 * the next Connect it is set again, until it is switched off.
 *
 * Somebody else who changes the desktop's proxy in the meantime has the last word: what
 * they changed is left, and it is switched off. Main thread. */

#include "desktop-proxy/follower.h"

#include "desktop-proxy/desktop-error.h"
#include "model/waiters.h"

struct _SocksDesktopFollower
{
  GObject parent_instance;

  SocksClient *client;        /* (owned) */
  SocksDesktopSetter *setter; /* (owned) */
  SocksDesktopTarget *target; /* (owned) (nullable): what is set */
  SocksWaiters *waiters;      /* (owned): for the service to be known */
  gboolean is_enabled;
};

G_DEFINE_FINAL_TYPE (SocksDesktopFollower, socks_desktop_follower, G_TYPE_OBJECT)

typedef enum
{
  PROP_ENABLED = 1,
  PROP_ACTIVE,
} Property;

static GParamSpec *properties[PROP_ACTIVE + 1];

/**
 * socks_desktop_follower_choose:
 * @snapshot: what the service says of itself
 * @current: (nullable): what is set
 *
 * Returns: (transfer full) (nullable): what is to be set; %NULL for nothing
 */
SocksDesktopTarget *
socks_desktop_follower_choose (const SocksSnapshot *snapshot,
                               const SocksDesktopTarget *current)
{
  g_autoptr (SocksDesktopTarget) target = NULL;

  if (snapshot->availability != SOCKS_AVAILABILITY_PRESENT)
    return NULL;
  target = socks_desktop_target_new (snapshot->listening);
  if (snapshot->state != SOCKS_CLIENT_CONNECTED &&
      !socks_desktop_target_equal (target, current))
    return NULL;
  return g_steal_pointer (&target);
}

static void
set_state (SocksDesktopFollower *self, gboolean is_enabled, SocksDesktopTarget *target)
{
  gboolean was_enabled = self->is_enabled;
  gboolean was_active = self->target != NULL;

  self->is_enabled = is_enabled;
  if (target != self->target)
    {
      g_clear_pointer (&self->target, socks_desktop_target_free);
      self->target = target;
    }
  g_object_freeze_notify (G_OBJECT (self));
  if (was_enabled != is_enabled)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ENABLED]);
  if (was_active != (target != NULL))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_thaw_notify (G_OBJECT (self));
}

static gboolean
restore (SocksDesktopFollower *self, GError **error)
{
  gboolean is_changed;

  if (!socks_desktop_setter_restore (self->setter, &is_changed, error))
    return FALSE;
  if (!is_changed)
    return TRUE;
  g_set_error (error, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_CHANGED,
               "Somebody else has changed the desktop's proxy");
  return FALSE;
}

/* Makes what is set what it should be. On failure it is switched off. */
static gboolean
update (SocksDesktopFollower *self, GError **error)
{
  g_autoptr (SocksDesktopTarget) target = NULL;

  if (!self->is_enabled)
    return TRUE;
  target = socks_desktop_follower_choose (socks_client_get_snapshot (self->client),
                                          self->target);
  if (socks_desktop_target_equal (target, self->target))
    return TRUE;

  if ((self->target != NULL && !restore (self, error)) ||
      (target != NULL && !socks_desktop_setter_set (self->setter, target, error)))
    {
      set_state (self, FALSE, NULL);
      return FALSE;
    }
  if (target != NULL)
    g_message ("The desktop's proxy is %s, port %u", target->host, (guint) target->port);
  else
    g_message ("The desktop's proxy is as it was before");
  set_state (self, TRUE, g_steal_pointer (&target));
  return TRUE;
}

static gboolean
is_service_known (SocksDesktopFollower *self)
{
  const SocksSnapshot *snapshot = socks_client_get_snapshot (self->client);

  return snapshot->availability != SOCKS_AVAILABILITY_UNKNOWN &&
         snapshot->availability != SOCKS_AVAILABILITY_STARTING;
}

static void
return_result (GTask *task, const GError *error)
{
  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
changed_cb (SocksClient *client, guint fields, SocksDesktopFollower *self)
{
  g_autoptr (SocksDesktopFollower) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (GError) error = NULL;
  gboolean is_told = FALSE;
  GTask *task;

  update (self, &error);
  while (is_service_known (self) && (task = socks_waiters_pop (self->waiters)) != NULL)
    {
      return_result (task, error);
      g_object_unref (task);
      is_told = TRUE;
    }
  if (error != NULL && !is_told)
    g_message ("The desktop's proxy is not looked after any more: %s", error->message);
}

static void
socks_desktop_follower_get_property (GObject *object,
                                     guint id,
                                     GValue *value,
                                     GParamSpec *spec)
{
  SocksDesktopFollower *self = SOCKS_DESKTOP_FOLLOWER (object);

  switch ((Property) id)
    {
    case PROP_ENABLED:
      g_value_set_boolean (value, self->is_enabled);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->target != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
end_waiting (SocksDesktopFollower *self)
{
  GTask *task;

  while ((task = socks_waiters_pop (self->waiters)) != NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               "It was switched off before the service was known");
      g_object_unref (task);
    }
}

static void
socks_desktop_follower_dispose (GObject *object)
{
  SocksDesktopFollower *self = SOCKS_DESKTOP_FOLLOWER (object);

  end_waiting (self);
  g_clear_object (&self->client);

  G_OBJECT_CLASS (socks_desktop_follower_parent_class)->dispose (object);
}

static void
socks_desktop_follower_finalize (GObject *object)
{
  SocksDesktopFollower *self = SOCKS_DESKTOP_FOLLOWER (object);

  g_clear_pointer (&self->target, socks_desktop_target_free);
  socks_desktop_setter_free (self->setter);
  socks_waiters_free (self->waiters);

  G_OBJECT_CLASS (socks_desktop_follower_parent_class)->finalize (object);
}

static void
socks_desktop_follower_class_init (SocksDesktopFollowerClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = socks_desktop_follower_get_property;
  G_OBJECT_CLASS (klass)->dispose = socks_desktop_follower_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_desktop_follower_finalize;

  properties[PROP_ENABLED] =
      g_param_spec_boolean ("enabled", NULL, NULL, FALSE /* default */, flags);
  properties[PROP_ACTIVE] =
      g_param_spec_boolean ("active", NULL, NULL, FALSE /* default */, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);
}

static void
socks_desktop_follower_init (SocksDesktopFollower *self)
{
  self->waiters = socks_waiters_new ();
}

/**
 * socks_desktop_follower_new:
 * @client: what the service says of itself
 * @setter: (transfer full): the desktop's proxy
 *
 * Restores what a former run has left. What is set when the follower goes stays set: call
 * socks_desktop_follower_disable() before.
 *
 * Returns: (transfer full): a follower that is switched off
 */
SocksDesktopFollower *
socks_desktop_follower_new (SocksClient *client, SocksDesktopSetter *setter)
{
  SocksDesktopFollower *self = g_object_new (SOCKS_TYPE_DESKTOP_FOLLOWER, NULL);
  g_autoptr (GError) error = NULL;
  gboolean is_changed;

  self->client = g_object_ref (client);
  self->setter = setter;
  if (!socks_desktop_setter_restore (setter, &is_changed, &error))
    g_warning ("The desktop's proxy is not as it was before: %s", error->message);
  g_signal_connect_object (client, "changed", G_CALLBACK (changed_cb), self, 0);
  return self;
}

gboolean
socks_desktop_follower_get_enabled (SocksDesktopFollower *self)
{
  return self->is_enabled;
}

gboolean
socks_desktop_follower_get_active (SocksDesktopFollower *self)
{
  return self->target != NULL;
}

/**
 * socks_desktop_follower_enable_async:
 * @self: a follower
 * @callback: called when it is switched on and, if the service is connected, set
 * @user_data: for @callback
 *
 * Switches it on. What was there at that time is what will be restored.
 */
void
socks_desktop_follower_enable_async (SocksDesktopFollower *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;
  gboolean is_changed;

  g_task_set_source_tag (task, socks_desktop_follower_enable_async);
  if (!socks_desktop_setter_is_supported (self->setter))
    {
      g_task_return_new_error (task, SOCKS_DESKTOP_ERROR, SOCKS_DESKTOP_ERROR_UNSUPPORTED,
                               "This desktop has no setting for a proxy that is known");
      return;
    }
  /* Something may be left that could not be restored before. */
  if (!self->is_enabled &&
      !socks_desktop_setter_restore (self->setter, &is_changed, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  set_state (self, TRUE, self->target);
  update (self, &error);
  if (error != NULL || is_service_known (self))
    return_result (task, error);
  else
    socks_waiters_add (self->waiters, g_steal_pointer (&task));
}

gboolean
socks_desktop_follower_enable_finish (SocksDesktopFollower *self,
                                      GAsyncResult *result,
                                      GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * socks_desktop_follower_disable:
 * @self: a follower
 * @error: return location for a #SocksDesktopError or an error of a file
 *
 * Switches it off and restores what was there. What somebody else has changed is left,
 * which is no error here.
 *
 * Returns: whether nothing of ours is left
 */
gboolean
socks_desktop_follower_disable (SocksDesktopFollower *self, GError **error)
{
  gboolean is_changed, is_restored;

  is_restored = socks_desktop_setter_restore (self->setter, &is_changed, error);
  set_state (self, FALSE, NULL);
  end_waiting (self);
  return is_restored;
}
