/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The methods of org.mycelium.Socks: each call is read, let pass by the gatekeeper, handed
 * to the engine or the sweeper, and answered exactly once. Properties and signals are the
 * publisher's. Main thread. */

#include "bus/socks-object.h"

#include "bus/check-calls.h"
#include "bus/error-name.h"
#include "bus/peer-variant.h"
#include "bus/publisher.h"

struct _SocksObject
{
  SocksDBusSocksSkeleton parent_instance;

  SocksEngine *engine;         /* (owned) */
  SocksConnection *connection; /* (owned) */
  SocksSweeper *sweeper;       /* (owned) */
  SocksGatekeeper *gatekeeper; /* (owned) */
  SocksCheckCalls *checks;     /* (owned) */
  SocksPublisher *publisher;   /* (owned) */
  GDBusInterfaceVTable vtable; /* the generated one, with our way to get a property */
};

typedef struct _Call Call;

/* What a call does when it may pass. Takes the call. */
typedef void (*CarryOutFunc) (Call *call);

/* One call, on its way from its arrival to its answer. */
struct _Call
{
  SocksObject *object;               /* (owned) */
  GDBusMethodInvocation *invocation; /* (owned) (nullable): NULL once it is answered */
  CarryOutFunc carry_out;
  guint64 ticket;
  gboolean has_remote; /* Connect with an address */
  SocksEndpoint remote;
};

static void socks_object_iface_init (SocksDBusSocksIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SocksObject,
                               socks_object,
                               SOCKS_DBUS_TYPE_SOCKS_SKELETON,
                               G_IMPLEMENT_INTERFACE (SOCKS_DBUS_TYPE_SOCKS,
                                                      socks_object_iface_init))

static Call *
call_new (SocksObject *self, GDBusMethodInvocation *invocation, CarryOutFunc carry_out)
{
  Call *call = g_new0 (Call, 1);

  call->object = g_object_ref (self);
  call->invocation = invocation;
  call->carry_out = carry_out;
  call->ticket = socks_engine_take_ticket (self->engine);
  return call;
}

static void
call_free (Call *call)
{
  g_warn_if_fail (call->invocation == NULL);
  g_object_unref (call->object);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
admitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;

  if (socks_gatekeeper_admit_finish (SOCKS_GATEKEEPER (source), result,
                                     NULL /* user */, &error))
    {
      Call *admitted = g_steal_pointer (&call);

      admitted->carry_out (admitted);
    }
  else
    socks_error_name_return (g_steal_pointer (&call->invocation), error);
}

static void
ask_for_permission (Call *call, const char *action)
{
  socks_gatekeeper_admit_async (call->object->gatekeeper, call->invocation, action,
                                admitted_cb, call);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;
  SocksEndpoint remote;

  if (socks_engine_connect_finish (SOCKS_ENGINE (source), result, &remote, &error))
    {
      char text[SOCKS_ENDPOINT_TEXT_BYTES];

      socks_dbus_socks_complete_connect (SOCKS_DBUS_SOCKS (call->object),
                                         g_steal_pointer (&call->invocation),
                                         socks_endpoint_write (&remote, text));
    }
  else
    socks_error_name_return (g_steal_pointer (&call->invocation), error);
}

static void
carry_out_connect (Call *call)
{
  socks_engine_connect_async (call->object->engine, call->ticket,
                              call->has_remote ? &call->remote : NULL, connected_cb, call);
}

static gboolean
handle_connect (SocksDBusSocks *object,
                GDBusMethodInvocation *invocation,
                const char *remote)
{
  SocksObject *self = SOCKS_OBJECT (object);
  g_autoptr (Call) call = call_new (self, invocation, carry_out_connect);
  g_autoptr (GError) error = NULL;
  gboolean is_elsewhere;

  /* A text that can't be a remote goes no further: nobody is asked for a password for
   * what would be refused anyway. */
  call->has_remote = *remote != '\0';
  if (call->has_remote &&
      (!socks_endpoint_parse (remote, &call->remote, &error) ||
       !socks_engine_check_remote (self->engine, &call->remote, &error)))
    {
      socks_error_name_return (g_steal_pointer (&call->invocation), error);
      return TRUE;
    }

  is_elsewhere = call->has_remote && !socks_address_is_overlay (&call->remote.address);
  ask_for_permission (g_steal_pointer (&call), is_elsewhere
                                                   ? SOCKS_ACTION_CONNECT_ELSEWHERE
                                                   : SOCKS_ACTION_CONNECT);
  return TRUE;
}

static void
settled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;

  socks_connection_settle_finish (SOCKS_CONNECTION (source), result);
  socks_dbus_socks_complete_disconnect (SOCKS_DBUS_SOCKS (call->object),
                                        g_steal_pointer (&call->invocation));
}

static void
carry_out_disconnect (Call *call)
{
  socks_engine_disconnect (call->object->engine, call->ticket);
  socks_connection_settle_async (call->object->connection, settled_cb, call);
}

static gboolean
handle_disconnect (SocksDBusSocks *object, GDBusMethodInvocation *invocation)
{
  ask_for_permission (call_new (SOCKS_OBJECT (object), invocation, carry_out_disconnect),
                      SOCKS_ACTION_CONNECT);
  return TRUE;
}

/* Answers a call whose reply is empty, after what it changed has been sent. */
static void
complete (Call *call)
{
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (call->object));
  g_dbus_method_invocation_return_value (g_steal_pointer (&call->invocation), NULL);
  call_free (call);
}

static void
carry_out_start_probing (Call *call)
{
  socks_sweeper_set_probing (call->object->sweeper, TRUE);
  complete (call);
}

static gboolean
handle_start_probing (SocksDBusSocks *object, GDBusMethodInvocation *invocation)
{
  ask_for_permission (call_new (SOCKS_OBJECT (object), invocation, carry_out_start_probing),
                      SOCKS_ACTION_PROBE);
  return TRUE;
}

static void
carry_out_stop_probing (Call *call)
{
  socks_sweeper_set_probing (call->object->sweeper, FALSE);
  complete (call);
}

static gboolean
handle_stop_probing (SocksDBusSocks *object, GDBusMethodInvocation *invocation)
{
  ask_for_permission (call_new (SOCKS_OBJECT (object), invocation, carry_out_stop_probing),
                      SOCKS_ACTION_PROBE);
  return TRUE;
}

static void
carry_out_probe_now (Call *call)
{
  socks_sweeper_sweep_now (call->object->sweeper);
  complete (call);
}

static gboolean
handle_probe_now (SocksDBusSocks *object, GDBusMethodInvocation *invocation)
{
  ask_for_permission (call_new (SOCKS_OBJECT (object), invocation, carry_out_probe_now),
                      SOCKS_ACTION_PROBE);
  return TRUE;
}

/* A question for the peers, as they were when it came. */
typedef struct
{
  GDBusMethodInvocation *invocation; /* (owned) (nullable): NULL once it is answered */
  GArray *peers;                     /* (owned): of SocksPeer */
  gboolean has_remote;
  SocksEndpoint remote;
} Listing;

static void
listing_free (Listing *listing)
{
  g_array_unref (listing->peers);
  g_free (listing);
}

static void
list_in_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Listing *listing = data;

  socks_dbus_socks_complete_list_peers (
      object, g_steal_pointer (&listing->invocation),
      socks_peer_variant_new_list (listing->peers,
                                   listing->has_remote ? &listing->remote : NULL));
}

static gboolean
handle_list_peers (SocksDBusSocks *object, GDBusMethodInvocation *invocation)
{
  SocksObject *self = SOCKS_OBJECT (object);
  const SocksEndpoint *remote = socks_connection_get_remote (self->connection);
  g_autoptr (GTask) task = g_task_new (self, NULL, NULL, NULL);
  Listing *listing = g_new0 (Listing, 1);

  listing->invocation = invocation;
  listing->peers = socks_peer_table_list_all (socks_sweeper_get_table (self->sweeper));
  listing->has_remote = remote != NULL;
  if (remote != NULL)
    listing->remote = *remote;

  /* Ten thousand peers are some hundred milliseconds of packing, in which the main loop
   * has better things to do. GDBus sends from any thread. */
  g_task_set_source_tag (task, handle_list_peers);
  g_task_set_task_data (task, listing, (GDestroyNotify) listing_free);
  g_task_run_in_thread (task, list_in_thread);
  return TRUE;
}

static gboolean
handle_check (SocksDBusSocks *object,
              GDBusMethodInvocation *invocation,
              const char *remote,
              const char *target)
{
  socks_check_calls_handle (SOCKS_OBJECT (object)->checks, invocation, remote, target);
  return TRUE;
}

static void
socks_object_iface_init (SocksDBusSocksIface *iface)
{
  iface->handle_check = handle_check;
  iface->handle_connect = handle_connect;
  iface->handle_disconnect = handle_disconnect;
  iface->handle_list_peers = handle_list_peers;
  iface->handle_probe_now = handle_probe_now;
  iface->handle_start_probing = handle_start_probing;
  iface->handle_stop_probing = handle_stop_probing;
}

/* A Get is always fresh, also of what is published at its pace or never. */
static GVariant *
get_property_cb (GDBusConnection *bus,
                 const char *sender,
                 const char *object_path,
                 const char *interface_name,
                 const char *property_name,
                 GError **error,
                 gpointer data)
{
  SocksObject *self = SOCKS_OBJECT (data);
  GDBusInterfaceVTable *generated =
      G_DBUS_INTERFACE_SKELETON_CLASS (socks_object_parent_class)
          ->get_vtable (G_DBUS_INTERFACE_SKELETON (self));
  GVariant *fresh = socks_publisher_get_fresh (self->publisher, property_name);

  if (fresh != NULL)
    return g_variant_take_ref (fresh);
  return generated->get_property (bus, sender, object_path, interface_name, property_name,
                                  error, data);
}

static GDBusInterfaceVTable *
socks_object_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  SocksObject *self = SOCKS_OBJECT (skeleton);

  self->vtable =
      *G_DBUS_INTERFACE_SKELETON_CLASS (socks_object_parent_class)->get_vtable (skeleton);
  self->vtable.get_property = get_property_cb;
  return &self->vtable;
}

static void
socks_object_dispose (GObject *object)
{
  SocksObject *self = SOCKS_OBJECT (object);

  g_clear_object (&self->publisher);
  g_clear_object (&self->checks);
  g_clear_object (&self->gatekeeper);
  g_clear_object (&self->sweeper);
  g_clear_object (&self->connection);
  g_clear_object (&self->engine);

  G_OBJECT_CLASS (socks_object_parent_class)->dispose (object);
}

static void
socks_object_class_init (SocksObjectClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = socks_object_dispose;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = socks_object_get_vtable;
}

static void
socks_object_init (SocksObject *self)
{
}

/**
 * socks_object_new:
 * @settings: what does not change
 * @clock: the time
 * @engine: who carries out requests
 * @connection: what is so
 * @sweeper: who finds
 * @node: the Mycelium node
 * @relay: what was forwarded; outlives the object
 * @checker: who finds out what is wrong
 * @gatekeeper: who lets calls pass
 *
 * Returns: (transfer full): the object, to be exported at %SOCKS_OBJECT_PATH
 */
SocksObject *
socks_object_new (const SocksSettings *settings,
                  SocksClock *clock,
                  SocksEngine *engine,
                  SocksConnection *connection,
                  SocksSweeper *sweeper,
                  SocksNodeClient *node,
                  SocksRelay *relay,
                  SocksChecker *checker,
                  SocksGatekeeper *gatekeeper)
{
  SocksObject *self = g_object_new (SOCKS_TYPE_OBJECT, NULL);

  self->engine = g_object_ref (engine);
  self->connection = g_object_ref (connection);
  self->sweeper = g_object_ref (sweeper);
  self->gatekeeper = g_object_ref (gatekeeper);
  self->checks = socks_check_calls_new (engine, checker, gatekeeper);
  self->publisher = socks_publisher_new (SOCKS_DBUS_SOCKS (self), settings, clock,
                                         connection, sweeper, node, relay);
  return self;
}
