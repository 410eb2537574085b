/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* An authority that allows, denies, or lets everybody wait until the test has made up its
 * mind. An answer that is given stands, even if the check is cancelled before it arrives.
 * Whose a caller is the test says, too. Main thread. */

#include "fake-authority.h"

#include <string.h>

#define ACTION_PREFIX "org.mycelium.Socks."

struct _FakeAuthority
{
  GObject parent_instance;

  FakeAuthorityMood mood;
  guint32 user;
  gboolean knows_callers;
  GPtrArray *strangers; /* (owned): of GTask */
  GQueue questions;     /* of (owned) char */
  GPtrArray *hanging;   /* (owned): of GTask */
};

static void fake_authority_iface_init (SocksAuthorityInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeAuthority,
                               fake_authority,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SOCKS_TYPE_AUTHORITY,
                                                      fake_authority_iface_init))

static void
answer (GTask *task, gboolean is_allowed)
{
  if (is_allowed)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "Not allowed by the test");
}

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GTask) task = g_object_ref (data);
  FakeAuthority *self = g_task_get_source_object (task);

  if (g_ptr_array_remove (self->strangers, task) ||
      g_ptr_array_remove (self->hanging, task))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
}

static void
identify (GTask *task)
{
  FakeAuthority *self = g_task_get_source_object (task);

  if (self->user != FAKE_AUTHORITY_NOBODY)
    g_task_return_int (task, self->user);
  else
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "Unknown to the test");
}

static void
identify_async (SocksAuthority *authority,
                const char *sender,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  FakeAuthority *self = FAKE_AUTHORITY (authority);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_assert_true (g_dbus_is_unique_name (sender));
  g_task_set_source_tag (task, identify_async);
  g_task_set_check_cancellable (task, FALSE);
  if (self->knows_callers)
    {
      identify (task);
      return;
    }
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), task, 0);
  g_ptr_array_add (self->strangers, g_steal_pointer (&task));
}

static gboolean
identify_finish (SocksAuthority *authority,
                 GAsyncResult *result,
                 guint32 *out_user,
                 GError **error)
{
  gssize user = g_task_propagate_int (G_TASK (result), error);

  if (user < 0)
    return FALSE;
  *out_user = (guint32)user;
  return TRUE;
}

static void
check_async (SocksAuthority *authority,
             const char *sender,
             guint32 user,
             const char *action,
             gboolean may_interact,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  FakeAuthority *self = FAKE_AUTHORITY (authority);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_assert_true (g_dbus_is_unique_name (sender));
  g_assert_true (g_str_has_prefix (action, ACTION_PREFIX));
  g_task_set_source_tag (task, check_async);
  g_task_set_check_cancellable (task, FALSE);
  g_queue_push_tail (&self->questions,
                     g_strconcat (action + strlen (ACTION_PREFIX),
                                  may_interact ? " interactive" : "", NULL));

  if (self->mood != FAKE_AUTHORITY_HANGS)
    {
      answer (task, self->mood == FAKE_AUTHORITY_ALLOWS);
      return;
    }
  g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (cancelled_cb), task, 0);
  g_ptr_array_add (self->hanging, g_steal_pointer (&task));
}

static gboolean
check_finish (SocksAuthority *authority, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fake_authority_iface_init (SocksAuthorityInterface *iface)
{
  iface->identify_async = identify_async;
  iface->identify_finish = identify_finish;
  iface->check_async = check_async;
  iface->check_finish = check_finish;
}

static void
fake_authority_finalize (GObject *object)
{
  FakeAuthority *self = FAKE_AUTHORITY (object);

  g_assert_cmpuint (self->strangers->len, ==, 0);
  g_ptr_array_unref (self->strangers);
  g_assert_cmpuint (self->hanging->len, ==, 0);
  g_ptr_array_unref (self->hanging);
  g_queue_clear_full (&self->questions, g_free);

  G_OBJECT_CLASS (fake_authority_parent_class)->finalize (object);
}

static void
fake_authority_class_init (FakeAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_authority_finalize;
}

static void
fake_authority_init (FakeAuthority *self)
{
  self->user = 1000;
  self->knows_callers = TRUE;
  self->strangers = g_ptr_array_new_with_free_func (g_object_unref);
  self->hanging = g_ptr_array_new_with_free_func (g_object_unref);
}

/* An authority that allows, and whose callers are all of one user. */
FakeAuthority *
fake_authority_new (void)
{
  return g_object_new (FAKE_TYPE_AUTHORITY, NULL);
}

void
fake_authority_set_mood (FakeAuthority *self, FakeAuthorityMood mood)
{
  self->mood = mood;
}

void
fake_authority_set_user (FakeAuthority *self, guint32 user)
{
  self->user = user;
}

void
fake_authority_set_knows_callers (FakeAuthority *self, gboolean knows_callers)
{
  self->knows_callers = knows_callers;
  while (knows_callers && self->strangers->len > 0)
    {
      g_autoptr (GTask) task = g_ptr_array_steal_index (self->strangers, 0);

      identify (task);
    }
}

guint
fake_authority_count_strangers (FakeAuthority *self)
{
  return self->strangers->len;
}

void
fake_authority_answer (FakeAuthority *self, guint index, gboolean is_allowed)
{
  g_autoptr (GTask) task = g_ptr_array_steal_index (self->hanging, index);

  answer (task, is_allowed);
}

guint
fake_authority_count_hanging (FakeAuthority *self)
{
  return self->hanging->len;
}

char *
fake_authority_pop_question (FakeAuthority *self)
{
  return g_queue_pop_head (&self->questions);
}
