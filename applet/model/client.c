/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The model that the faces show: the service's properties and its list of proxies, kept
 * true by what the service watch hears. The properties are listed in client-property.c,
 * the methods are in client-changes.c, client-check.c and client-readings.c. Whatever
 * comes in one message is taken over as a whole before anyone is told of any of it. Main
 * thread. */

#include "model/client-call.h"

#include "model/client-property.h"
#include "model/waiters.h"
#include "model/word.h"

G_DEFINE_ENUM_TYPE (SocksClientChange,
                    socks_client_change,
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_AUTOMATIC, "automatic"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_USER, "user"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_FAILOVER, "failover"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_RESTORED, "restored"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_SHUTDOWN, "shutdown"),
                    G_DEFINE_ENUM_VALUE (SOCKS_CLIENT_CHANGE_OTHER, "other"))

struct _SocksClient
{
  GObject parent_instance;

  SocksBusLink *link;       /* (owned) */
  SocksServiceWatch *watch; /* (owned) */
  SocksSnapshot *snapshot;  /* (owned) */
  SocksProxyList *proxies;  /* (owned) */
  SocksWaiters *starts;     /* (owned): for the service to be present */
  SocksAddressBook *book;   /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (SocksClient, socks_client, G_TYPE_OBJECT)

static GParamSpec *properties[SOCKS_CLIENT_N_PROPERTIES];

enum
{
  CHANGED,
  REMOTE_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
socks_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksClient *self = SOCKS_CLIENT (object);

  if (id == SOCKS_CLIENT_PROPERTY_PROXIES)
    g_value_set_object (value, self->proxies);
  else
    socks_client_property_read (self->snapshot, id, value);
}

/* Whoever has started the service waits until it is of use. */
static void
end_starts (SocksClient *self)
{
  GTask *task;

  while ((task = socks_waiters_pop (self->starts)) != NULL)
    {
      if (self->snapshot->availability == SOCKS_AVAILABILITY_PRESENT)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY,
                                 "The service was started and does not answer");
      g_object_unref (task);
    }
}

static void
end_starts_if_over (SocksClient *self)
{
  if (self->watch == NULL ||
      (self->snapshot->availability != SOCKS_AVAILABILITY_UNKNOWN &&
       self->snapshot->availability != SOCKS_AVAILABILITY_STARTING))
    end_starts (self);
}

static void
socks_client_dispose (GObject *object)
{
  SocksClient *self = SOCKS_CLIENT (object);

  /* Others may hold them for a moment longer, but they fall silent now. */
  if (self->watch != NULL)
    g_object_run_dispose (G_OBJECT (self->watch));
  g_clear_object (&self->watch);
  if (self->link != NULL)
    g_object_run_dispose (G_OBJECT (self->link));
  g_clear_object (&self->link);
  end_starts (self);

  G_OBJECT_CLASS (socks_client_parent_class)->dispose (object);
}

static void
socks_client_finalize (GObject *object)
{
  SocksClient *self = SOCKS_CLIENT (object);

  g_clear_object (&self->book);
  socks_waiters_free (self->starts);
  g_object_unref (self->proxies);
  socks_snapshot_free (self->snapshot);

  G_OBJECT_CLASS (socks_client_parent_class)->finalize (object);
}

static void
socks_client_class_init (SocksClientClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = socks_client_get_property;
  G_OBJECT_CLASS (klass)->dispose = socks_client_dispose;
  G_OBJECT_CLASS (klass)->finalize = socks_client_finalize;

  socks_client_property_make (properties);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);

  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                   NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[REMOTE_CHANGED] = g_signal_new (
      "remote-changed", SOCKS_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, SOCKS_TYPE_CLIENT_CHANGE);
}

/* Tells what is another than in @before. */
static void
tell (SocksClient *self, const SocksSnapshot *before, gboolean has_new_proxies)
{
  SocksSnapshotField changed = socks_snapshot_compare (before, self->snapshot);

  g_object_freeze_notify (G_OBJECT (self));
  for (guint property = 1; property < SOCKS_CLIENT_PROPERTY_PROXIES; property++)
    if ((changed & SOCKS_CLIENT_PROPERTY_FIELD (property)) != 0)
      g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  g_object_thaw_notify (G_OBJECT (self));

  if (has_new_proxies)
    changed |= SOCKS_SNAPSHOT_PROXIES;
  if (changed != 0)
    g_signal_emit (self, signals[CHANGED], 0, (guint) changed);
}

static void
look_up_remote (SocksClient *self)
{
  SocksProxyItem *item = socks_proxy_list_lookup (self->proxies, self->snapshot->remote);
  const char *name =
      self->book != NULL
          ? socks_address_book_get_name (self->book, self->snapshot->remote)
          : NULL;

  g_free (self->snapshot->remote_name);
  self->snapshot->remote_name = g_strdup (name != NULL ? name : "");
  self->snapshot->remote_latency_us =
      item != NULL ? socks_proxy_item_get_latency_us (item) : 0;
  self->snapshot->remote_status =
      item != NULL ? socks_proxy_item_get_status (item) : SOCKS_PROXY_UNPROBED;
}

static void
availability_changed_cb (SocksServiceWatch *watch, SocksClient *self)
{
  g_autoptr (SocksClient) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (SocksSnapshot) before = self->snapshot;
  gboolean has_new_proxies;

  /* It is not, or not yet, present: nothing else is known. */
  self->snapshot = socks_snapshot_new ();
  self->snapshot->availability = socks_service_watch_get_availability (watch);
  has_new_proxies = socks_proxy_list_update (self->proxies, NULL);
  tell (self, before, has_new_proxies);
  end_starts_if_over (self);
}

static void
properties_cb (SocksServiceWatch *watch, GVariant *changes, SocksClient *self)
{
  g_autoptr (SocksClient) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (SocksSnapshot) before = socks_snapshot_copy (self->snapshot);
  g_autoptr (GVariant) proxies =
      g_variant_lookup_value (changes, "Proxies", G_VARIANT_TYPE ("aa{sv}"));
  gboolean has_new_proxies;

  self->snapshot->availability = socks_service_watch_get_availability (watch);
  socks_snapshot_update (self->snapshot, changes);
  has_new_proxies = proxies != NULL && socks_proxy_list_update (self->proxies, proxies);
  look_up_remote (self);
  tell (self, before, has_new_proxies);
  end_starts_if_over (self);
}

static void
remote_changed_cb (SocksServiceWatch *watch, GVariant *parameters, SocksClient *self)
{
  g_autoptr (GVariant) reason = g_variant_get_child_value (parameters, 2);
  const char *old_remote, *new_remote;
  int change;

  if (!socks_word_read (reason, SOCKS_TYPE_CLIENT_CHANGE, &change))
    change = SOCKS_CLIENT_CHANGE_OTHER;
  g_variant_get (parameters, "(&s&s&s)", &old_remote, &new_remote, NULL);
  g_signal_emit (self, signals[REMOTE_CHANGED], 0, old_remote, new_remote, change);
}

static void
socks_client_init (SocksClient *self)
{
  self->snapshot = socks_snapshot_new ();
  self->proxies = socks_proxy_list_new ();
  self->starts = socks_waiters_new ();
}

/**
 * socks_client_new:
 * @bus_address: (nullable): the D-Bus address of a bus; %NULL for the system bus, of which
 *   `DBUS_SYSTEM_BUS_ADDRESS` may say where it is
 *
 * Does not wait for the bus. Methods may be called at once.
 *
 * Returns: (transfer full): a client
 */
SocksClient *
socks_client_new (const char *bus_address)
{
  SocksClient *self = g_object_new (SOCKS_TYPE_CLIENT, NULL);

  self->link = socks_bus_link_new (bus_address);
  self->watch = socks_service_watch_new (self->link);
  g_signal_connect_object (self->watch, "availability-changed",
                           G_CALLBACK (availability_changed_cb), self, 0);
  g_signal_connect_object (self->watch, "properties", G_CALLBACK (properties_cb), self, 0);
  g_signal_connect_object (self->watch, "remote-changed", G_CALLBACK (remote_changed_cb),
                           self, 0);
  return self;
}

static void
book_changed_cb (SocksAddressBook *book, SocksClient *self)
{
  g_autoptr (SocksSnapshot) before = socks_snapshot_copy (self->snapshot);

  look_up_remote (self);
  tell (self, before, TRUE /* has_new_proxies */);
}

/**
 * socks_client_set_book:
 * @self: a client
 * @book: what the person knows of addresses
 *
 * Lets the remote and the proxies have their names, now and when these change.
 */
void
socks_client_set_book (SocksClient *self, SocksAddressBook *book)
{
  g_return_if_fail (self->book == NULL);
  self->book = g_object_ref (book);
  socks_proxy_list_set_book (self->proxies, book);
  g_signal_connect_object (book, "changed", G_CALLBACK (book_changed_cb), self, 0);
  look_up_remote (self);
}

/**
 * socks_client_get_book:
 * @self: a client
 *
 * Returns: (transfer none) (nullable): its address book
 */
SocksAddressBook *
socks_client_get_book (SocksClient *self)
{
  return self->book;
}

/**
 * socks_client_get_snapshot:
 * @self: a client
 *
 * Returns: (transfer none): what the service says of itself now; until the main loop runs
 */
const SocksSnapshot *
socks_client_get_snapshot (SocksClient *self)
{
  return self->snapshot;
}

/**
 * socks_client_get_proxies:
 * @self: a client
 *
 * Returns: (transfer none): the list of proxies, empty while there is no service
 */
SocksProxyList *
socks_client_get_proxies (SocksClient *self)
{
  return self->proxies;
}

SocksBusLink *
socks_client_get_link (SocksClient *self)
{
  return self->link;
}

SocksServiceWatch *
socks_client_get_watch (SocksClient *self)
{
  return self->watch;
}

/* Takes @task, which waits for the service that it has started. */
void
socks_client_add_start (SocksClient *self, GTask *task)
{
  socks_waiters_add (self->starts, task);
  end_starts_if_over (self);
}
