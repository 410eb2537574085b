/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One peer as the faces show it, and the latencies that were seen of it. Main thread. */

#include "model/proxy-item.h"

#include <string.h>

#include "model/address-text.h"
#include "model/name-text.h"
#include "model/state-text.h"

G_DEFINE_ENUM_TYPE (SocksProxyBadge,
                    socks_proxy_badge,
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_BADGE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_BADGE_OPEN, "open"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_BADGE_LOCK, "lock"))

struct _SocksProxyItem
{
  GObject parent_instance;

  char *address;       /* (owned) */
  char *short_address; /* (owned) */
  SocksProxyStatus status;
  SocksProxyReason reason;
  guint latency_us; /* 0: not known */
  gint64 last_probed_us;
  gint64 last_seen_us;
  gboolean is_selected;

  char *name; /* (owned) (nullable) */
  gboolean is_pinned;
  guint place;

  guint history_us[SOCKS_PROXY_HISTORY_MAX]; /* the oldest first */
  guint n_samples;
};

G_DEFINE_FINAL_TYPE (SocksProxyItem, socks_proxy_item, G_TYPE_OBJECT)

typedef enum
{
  PROP_ADDRESS = 1,
  PROP_SHORT_ADDRESS,
  PROP_STATUS,
  PROP_STATUS_TEXT,
  PROP_REASON,
  PROP_BADGE,
  PROP_LATENCY,
  PROP_LATENCY_TEXT,
  PROP_LAST_PROBED,
  PROP_LAST_SEEN,
  PROP_SELECTED,
  PROP_NAME,
  PROP_PINNED,
  PROP_N_SAMPLES,
} Property;

static GParamSpec *properties[PROP_N_SAMPLES + 1];

static void
socks_proxy_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  SocksProxyItem *self = SOCKS_PROXY_ITEM (object);

  switch ((Property) id)
    {
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_SHORT_ADDRESS:
      g_value_set_string (value, self->short_address);
      break;
    case PROP_STATUS:
      g_value_set_enum (value, self->status);
      break;
    case PROP_STATUS_TEXT:
      g_value_set_string (value, socks_proxy_item_get_status_text (self));
      break;
    case PROP_REASON:
      g_value_set_enum (value, self->reason);
      break;
    case PROP_BADGE:
      g_value_set_enum (value, socks_proxy_item_get_badge (self));
      break;
    case PROP_LATENCY:
      g_value_set_uint (value, self->latency_us);
      break;
    case PROP_LATENCY_TEXT:
      g_value_take_string (value, socks_latency_text (self->latency_us));
      break;
    case PROP_LAST_PROBED:
      g_value_set_int64 (value, self->last_probed_us);
      break;
    case PROP_LAST_SEEN:
      g_value_set_int64 (value, self->last_seen_us);
      break;
    case PROP_SELECTED:
      g_value_set_boolean (value, self->is_selected);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_PINNED:
      g_value_set_boolean (value, self->is_pinned);
      break;
    case PROP_N_SAMPLES:
      g_value_set_uint (value, self->n_samples);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
socks_proxy_item_finalize (GObject *object)
{
  SocksProxyItem *self = SOCKS_PROXY_ITEM (object);

  g_free (self->name);
  g_free (self->short_address);
  g_free (self->address);

  G_OBJECT_CLASS (socks_proxy_item_parent_class)->finalize (object);
}

static void
socks_proxy_item_class_init (SocksProxyItemClass *klass)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  G_OBJECT_CLASS (klass)->get_property = socks_proxy_item_get_property;
  G_OBJECT_CLASS (klass)->finalize = socks_proxy_item_finalize;

  properties[PROP_ADDRESS] =
      g_param_spec_string ("address", NULL, NULL, NULL /* default */, flags);
  properties[PROP_SHORT_ADDRESS] =
      g_param_spec_string ("short-address", NULL, NULL, NULL /* default */, flags);
  properties[PROP_STATUS] =
      g_param_spec_enum ("status", NULL, NULL, SOCKS_TYPE_PROXY_STATUS,
                         SOCKS_PROXY_UNPROBED, flags);
  properties[PROP_STATUS_TEXT] =
      g_param_spec_string ("status-text", NULL, NULL, NULL /* default */, flags);
  properties[PROP_REASON] =
      g_param_spec_enum ("reason", NULL, NULL, SOCKS_TYPE_PROXY_REASON,
                         SOCKS_PROXY_REASON_NONE, flags);
  properties[PROP_BADGE] =
      g_param_spec_enum ("badge", NULL, NULL, SOCKS_TYPE_PROXY_BADGE,
                         SOCKS_PROXY_BADGE_NONE, flags);
  properties[PROP_LATENCY] =
      g_param_spec_uint ("latency", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_LATENCY_TEXT] =
      g_param_spec_string ("latency-text", NULL, NULL, NULL /* default */, flags);
  properties[PROP_LAST_PROBED] =
      g_param_spec_int64 ("last-probed", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_LAST_SEEN] =
      g_param_spec_int64 ("last-seen", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_SELECTED] =
      g_param_spec_boolean ("selected", NULL, NULL, FALSE, flags);
  properties[PROP_NAME] =
      g_param_spec_string ("name", NULL, NULL, NULL /* default */, flags);
  properties[PROP_PINNED] = g_param_spec_boolean ("pinned", NULL, NULL, FALSE, flags);
  properties[PROP_N_SAMPLES] = g_param_spec_uint ("n-samples", NULL, NULL, 0,
                                                  SOCKS_PROXY_HISTORY_MAX, 0, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), G_N_ELEMENTS (properties),
                                     properties);
}

static void
socks_proxy_item_init (SocksProxyItem *self)
{
  self->place = SOCKS_ADDRESS_BOOK_NO_PLACE;
}

static void
notify (SocksProxyItem *self, Property property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
add_sample (SocksProxyItem *self, guint latency_us)
{
  if (self->n_samples == SOCKS_PROXY_HISTORY_MAX)
    {
      self->n_samples--;
      memmove (self->history_us, self->history_us + 1,
               self->n_samples * sizeof self->history_us[0]);
    }
  self->history_us[self->n_samples++] = latency_us;
  notify (self, PROP_N_SAMPLES);
}

static void
set_status (SocksProxyItem *self, SocksProxyStatus status)
{
  SocksProxyBadge old_badge = socks_proxy_item_get_badge (self);

  self->status = status;
  notify (self, PROP_STATUS);
  notify (self, PROP_STATUS_TEXT);
  if (socks_proxy_item_get_badge (self) != old_badge)
    notify (self, PROP_BADGE);
}

/**
 * socks_proxy_item_new:
 * @entry: what is known
 *
 * Returns: (transfer full): an item
 */
SocksProxyItem *
socks_proxy_item_new (const SocksProxyEntry *entry)
{
  SocksProxyItem *self = g_object_new (SOCKS_TYPE_PROXY_ITEM, NULL);

  self->address = g_strdup (entry->address);
  self->short_address = socks_address_text_short (entry->address);
  socks_proxy_item_update (self, entry);
  return self;
}

/**
 * socks_proxy_item_update:
 * @self: an item
 * @entry: what is known now, of the same address
 *
 * Returns: whether something is another now
 */
gboolean
socks_proxy_item_update (SocksProxyItem *self, const SocksProxyEntry *entry)
{
  gboolean is_new_probe = entry->last_probed_us != self->last_probed_us;

  if (entry->status == self->status && entry->reason == self->reason &&
      entry->latency_us == self->latency_us && !is_new_probe &&
      entry->last_seen_us == self->last_seen_us &&
      !entry->is_selected == !self->is_selected)
    return FALSE;

  g_object_freeze_notify (G_OBJECT (self));
  if (entry->status != self->status)
    set_status (self, entry->status);
  if (entry->reason != self->reason)
    {
      self->reason = entry->reason;
      notify (self, PROP_REASON);
    }
  if (entry->latency_us != self->latency_us)
    {
      self->latency_us = entry->latency_us;
      notify (self, PROP_LATENCY);
      notify (self, PROP_LATENCY_TEXT);
    }
  if (is_new_probe)
    {
      self->last_probed_us = entry->last_probed_us;
      notify (self, PROP_LAST_PROBED);
      if (entry->latency_us != 0)
        add_sample (self, entry->latency_us);
    }
  if (entry->last_seen_us != self->last_seen_us)
    {
      self->last_seen_us = entry->last_seen_us;
      notify (self, PROP_LAST_SEEN);
    }
  if (!entry->is_selected != !self->is_selected)
    {
      self->is_selected = entry->is_selected;
      notify (self, PROP_SELECTED);
    }
  g_object_thaw_notify (G_OBJECT (self));
  return TRUE;
}

/**
 * socks_proxy_item_look_up:
 * @self: an item
 * @book: what the person knows of it
 *
 * Takes over its name, whether it is pinned, and its place.
 */
void
socks_proxy_item_look_up (SocksProxyItem *self, SocksAddressBook *book)
{
  const char *name = socks_address_book_get_name (book, self->address);
  gboolean is_pinned = socks_address_book_is_pinned (book, self->address);

  g_object_freeze_notify (G_OBJECT (self));
  self->place = socks_address_book_get_place (book, self->address);
  if (g_strcmp0 (name, self->name) != 0)
    {
      g_free (self->name);
      self->name = g_strdup (name);
      notify (self, PROP_NAME);
    }
  if (!is_pinned != !self->is_pinned)
    {
      self->is_pinned = is_pinned;
      notify (self, PROP_PINNED);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * socks_proxy_item_get_name:
 * @self: an item
 *
 * Returns: (transfer none) (nullable): what the person calls it
 */
const char *
socks_proxy_item_get_name (SocksProxyItem *self)
{
  return self->name;
}

/**
 * socks_proxy_item_dup_title:
 * @self: an item
 *
 * Returns: (transfer full): what to call it in a text: its name, or its short address
 */
char *
socks_proxy_item_dup_title (SocksProxyItem *self)
{
  return self->name != NULL ? socks_name_text (self->name)
                            : g_strdup (self->short_address);
}

gboolean
socks_proxy_item_is_pinned (SocksProxyItem *self)
{
  return self->is_pinned;
}

/**
 * socks_proxy_item_get_place:
 * @self: an item
 *
 * Returns: see socks_address_book_get_place()
 */
guint
socks_proxy_item_get_place (SocksProxyItem *self)
{
  return self->place;
}

const char *
socks_proxy_item_get_address (SocksProxyItem *self)
{
  return self->address;
}

const char *
socks_proxy_item_get_short_address (SocksProxyItem *self)
{
  return self->short_address;
}

SocksProxyStatus
socks_proxy_item_get_status (SocksProxyItem *self)
{
  return self->status;
}

const char *
socks_proxy_item_get_status_text (SocksProxyItem *self)
{
  return socks_status_text (self->status);
}

SocksProxyReason
socks_proxy_item_get_reason (SocksProxyItem *self)
{
  return self->reason;
}

SocksProxyBadge
socks_proxy_item_get_badge (SocksProxyItem *self)
{
  switch (self->status)
    {
    case SOCKS_PROXY_VALID:
      return SOCKS_PROXY_BADGE_OPEN;
    case SOCKS_PROXY_AUTHENTICATION_REQUIRED:
      return SOCKS_PROXY_BADGE_LOCK;
    case SOCKS_PROXY_UNPROBED:
    case SOCKS_PROXY_NOT_A_PROXY:
    case SOCKS_PROXY_NOT_LISTENING:
    default:
      return SOCKS_PROXY_BADGE_NONE;
    }
}

guint
socks_proxy_item_get_latency_us (SocksProxyItem *self)
{
  return self->latency_us;
}

gint64
socks_proxy_item_get_last_probed_us (SocksProxyItem *self)
{
  return self->last_probed_us;
}

gint64
socks_proxy_item_get_last_seen_us (SocksProxyItem *self)
{
  return self->last_seen_us;
}

gboolean
socks_proxy_item_is_selected (SocksProxyItem *self)
{
  return self->is_selected;
}

/**
 * socks_proxy_item_get_history_us:
 * @self: an item
 * @out_n_samples: (out): how many there are, at most %SOCKS_PROXY_HISTORY_MAX
 *
 * Returns: (transfer none) (array length=out_n_samples): the latencies of the last probes
 *   that got a reply while the item was listed, the oldest first; until the next update
 */
const guint *
socks_proxy_item_get_history_us (SocksProxyItem *self, guint *out_n_samples)
{
  *out_n_samples = self->n_samples;
  return self->history_us;
}
