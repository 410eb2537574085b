/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of the window have in common: they hold the client and hear of its
 * changes, for as long as they are in the window. Main thread. */

#include "window/client-bin.h"

typedef struct
{
  SocksClient *client; /* (owned) (nullable): NULL while the window is built or ends */
} SocksClientBinPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (SocksClientBin, socks_client_bin, ADW_TYPE_BIN)

typedef enum
{
  PROP_CLIENT = 1,
} Property;

static GParamSpec *properties[PROP_CLIENT + 1];

static void
changed_cb (SocksClient *client, guint changed, SocksClientBin *self)
{
  SOCKS_CLIENT_BIN_GET_CLASS (self)->update (self, socks_client_get_snapshot (client),
                                             changed);
}

static void
set_client (SocksClientBin *self, SocksClient *client)
{
  SocksClientBinPrivate *private = socks_client_bin_get_instance_private (self);

  if (private->client == client)
    return;
  if (private->client != NULL)
    g_signal_handlers_disconnect_by_func (private->client, changed_cb, self);
  g_set_object (&private->client, client);
  if (client != NULL)
    {
      g_signal_connect_object (client, "changed", G_CALLBACK (changed_cb), self, 0);
      changed_cb (client, SOCKS_CLIENT_BIN_ALL, self);
    }
}

static void
socks_client_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  switch ((Property) id)
    {
    case PROP_CLIENT:
      g_value_set_object (value, socks_client_bin_get_client (SOCKS_CLIENT_BIN (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_client_bin_set_property (GObject *object,
                               guint id,
                               const GValue *value,
                               GParamSpec *spec)
{
  switch ((Property) id)
    {
    case PROP_CLIENT:
      set_client (SOCKS_CLIENT_BIN (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_client_bin_dispose (GObject *object)
{
  set_client (SOCKS_CLIENT_BIN (object), NULL);

  G_OBJECT_CLASS (socks_client_bin_parent_class)->dispose (object);
}

static void
socks_client_bin_class_init (SocksClientBinClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = socks_client_bin_get_property;
  G_OBJECT_CLASS (klass)->set_property = socks_client_bin_set_property;
  G_OBJECT_CLASS (klass)->dispose = socks_client_bin_dispose;

  properties[PROP_CLIENT] =
      g_param_spec_object ("client", NULL, NULL, SOCKS_TYPE_CLIENT,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);
}

static void
socks_client_bin_init (SocksClientBin *self)
{
}

/**
 * socks_client_bin_get_client:
 * @self: a part of the window
 *
 * Returns: (transfer none) (nullable): the client that it shows
 */
SocksClient *
socks_client_bin_get_client (SocksClientBin *self)
{
  SocksClientBinPrivate *private = socks_client_bin_get_instance_private (self);

  return private->client;
}
