/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The counters of the service are not signalled, so they are asked for once a second, but
 * only while somebody can see them and there is something to be counted. Main thread. */

#include "config.h"

#include "window/traffic-card.h"

#include <glib/gi18n-lib.h>

#include "model/traffic-meter.h"
#include "window/graph.h"

#define INTERVAL_S 1

struct _SocksTrafficCard
{
  SocksClientBin parent_instance;

  SocksTrafficMeter meter;
  guint timer;               /* 0: none */
  GCancellable *cancellable; /* (owned) (nullable): a question is on its way */
  GdkSurface *surface;       /* (owned) (nullable): while it is mapped */

  GtkLabel *received_rate;
  GtkLabel *received_total;
  GtkLabel *sent_rate;
  GtkLabel *sent_total;
  GtkLabel *connections;
  SocksGraph *graph;
};

G_DEFINE_FINAL_TYPE (SocksTrafficCard, socks_traffic_card, SOCKS_TYPE_CLIENT_BIN)

static double
last_of (const double *rates, guint n_rates)
{
  return n_rates > 0 ? rates[n_rates - 1] : 0;
}

static void
show (SocksTrafficCard *self)
{
  const SocksTrafficMeter *meter = &self->meter;
  const SocksTraffic *traffic = &meter->last;
  g_autofree char *received =
      socks_traffic_text_rate (last_of (meter->received, meter->n_rates));
  g_autofree char *sent = socks_traffic_text_rate (last_of (meter->sent, meter->n_rates));
  g_autofree char *received_total = socks_traffic_text_total (traffic->bytes_received);
  g_autofree char *sent_total = socks_traffic_text_total (traffic->bytes_sent);
  g_autofree char *connections = socks_traffic_text_connections (traffic);
  g_autofree char *label = NULL;

  gtk_label_set_label (self->received_rate, received);
  gtk_label_set_label (self->received_total, received_total);
  gtk_label_set_label (self->sent_rate, sent);
  gtk_label_set_label (self->sent_total, sent_total);
  gtk_label_set_label (self->connections, connections);
  socks_graph_set_line (self->graph, 0, meter->received, meter->n_rates);
  socks_graph_set_line (self->graph, 1, meter->sent, meter->n_rates);
  /* Translators: two speeds, as in "1.2 MB/s received, 3 kB/s sent" */
  label = g_strdup_printf (_ ("%s received, %s sent"), received, sent);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->graph),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* One failed question tells nobody anything: the next one comes in a second. */
static void
got_traffic_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksTrafficCard) self = data;
  g_autoptr (GError) error = NULL;
  SocksTraffic traffic;
  gboolean is_answered = socks_client_get_traffic_finish (SOCKS_CLIENT (source), result,
                                                          &traffic, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (is_answered)
    {
      socks_traffic_meter_add (&self->meter, &traffic, g_get_monotonic_time ());
      show (self);
    }
  else
    g_debug ("Asking for the counters: %s", error->message);
}

static gboolean
ask_cb (gpointer data)
{
  SocksTrafficCard *self = data;

  if (self->cancellable == NULL)
    {
      self->cancellable = g_cancellable_new ();
      socks_client_get_traffic_async (
          socks_client_bin_get_client (SOCKS_CLIENT_BIN (self)), self->cancellable,
          got_traffic_cb, g_object_ref (self));
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
is_seen (SocksTrafficCard *self)
{
  return self->surface != NULL &&
         (gdk_toplevel_get_state (GDK_TOPLEVEL (self->surface)) &
          GDK_TOPLEVEL_STATE_MINIMIZED) == 0;
}

static gboolean
has_traffic (SocksTrafficCard *self)
{
  SocksClient *client = socks_client_bin_get_client (SOCKS_CLIENT_BIN (self));
  const SocksSnapshot *snapshot =
      client != NULL ? socks_client_get_snapshot (client) : NULL;

  return snapshot != NULL && snapshot->availability == SOCKS_AVAILABILITY_PRESENT &&
         (snapshot->state == SOCKS_CLIENT_CONNECTED ||
          snapshot->state == SOCKS_CLIENT_FAILING);
}

static void
stop (SocksTrafficCard *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  socks_traffic_meter_reset (&self->meter);
}

/* A gap would be drawn as if there had been none, so each time begins anew. */
static void
start_or_stop (SocksTrafficCard *self)
{
  gboolean is_wanted = is_seen (self) && has_traffic (self);

  if (is_wanted && self->timer == 0)
    {
      self->timer = g_timeout_add_seconds (INTERVAL_S, ask_cb, self);
      ask_cb (self);
    }
  else if (!is_wanted && self->timer != 0)
    {
      stop (self);
      show (self);
    }
}

static void
socks_traffic_card_update (SocksClientBin *bin,
                           const SocksSnapshot *snapshot,
                           SocksSnapshotField changed)
{
  if ((changed & (SOCKS_SNAPSHOT_AVAILABILITY | SOCKS_SNAPSHOT_STATE)) != 0)
    start_or_stop (SOCKS_TRAFFIC_CARD (bin));
}

static void
socks_traffic_card_map (GtkWidget *widget)
{
  SocksTrafficCard *self = SOCKS_TRAFFIC_CARD (widget);

  GTK_WIDGET_CLASS (socks_traffic_card_parent_class)->map (widget);
  self->surface =
      g_object_ref (gtk_native_get_surface (gtk_widget_get_native (widget)));
  g_signal_connect_swapped (self->surface, "notify::state", G_CALLBACK (start_or_stop),
                            self);
  start_or_stop (self);
}

static void
socks_traffic_card_unmap (GtkWidget *widget)
{
  SocksTrafficCard *self = SOCKS_TRAFFIC_CARD (widget);

  g_signal_handlers_disconnect_by_func (self->surface, start_or_stop, self);
  g_clear_object (&self->surface);
  start_or_stop (self);
  GTK_WIDGET_CLASS (socks_traffic_card_parent_class)->unmap (widget);
}

static void
socks_traffic_card_dispose (GObject *object)
{
  stop (SOCKS_TRAFFIC_CARD (object));

  G_OBJECT_CLASS (socks_traffic_card_parent_class)->dispose (object);
}

static void
socks_traffic_card_class_init (SocksTrafficCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = socks_traffic_card_dispose;
  widget_class->map = socks_traffic_card_map;
  widget_class->unmap = socks_traffic_card_unmap;
  SOCKS_CLIENT_BIN_CLASS (klass)->update = socks_traffic_card_update;

  g_type_ensure (SOCKS_TYPE_GRAPH);
  gtk_widget_class_set_css_name (widget_class, "trafficcard");
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/mycelium/Socks/Applet/traffic-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, received_rate);
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, received_total);
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, sent_rate);
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, sent_total);
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, connections);
  gtk_widget_class_bind_template_child (widget_class, SocksTrafficCard, graph);
}

static void
socks_traffic_card_init (SocksTrafficCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show (self);
}
