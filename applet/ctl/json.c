/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The pieces that JSON is made of here, all of them described by
 * mycelium-socksctl.schema.json: words are those of the D-Bus interface, what is not
 * known or not there is null, units are in the names. Any thread. */

#include "config.h"

#include "ctl/json.h"

/**
 * ctl_json_add_string:
 * @builder: an object
 * @key: a key
 * @value: (nullable): a text; "" is null too
 */
void
ctl_json_add_string (JsonBuilder *builder, const char *key, const char *value)
{
  json_builder_set_member_name (builder, key);
  if (value != NULL && *value != '\0')
    {
      g_autofree char *valid = g_utf8_make_valid (value, -1);

      json_builder_add_string_value (builder, valid);
    }
  else
    json_builder_add_null_value (builder);
}

/**
 * ctl_json_add_word:
 * @builder: an object
 * @key: a key
 * @type: an enumeration whose nicks are words
 * @value: a member of it
 */
void
ctl_json_add_word (JsonBuilder *builder, const char *key, GType type, int value)
{
  g_autoptr (GEnumClass) words = g_type_class_ref (type);

  ctl_json_add_string (builder, key, g_enum_get_value (words, value)->value_nick);
}

/**
 * ctl_json_add_number:
 * @builder: an object
 * @key: a key
 * @value: a number
 */
void
ctl_json_add_number (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

/**
 * ctl_json_add_known:
 * @builder: an object
 * @key: a key
 * @value: a number; 0 where it is not known, which is null
 */
void
ctl_json_add_known (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  if (value != 0)
    json_builder_add_int_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/**
 * ctl_json_add_boolean:
 * @builder: an object
 * @key: a key
 * @value: a truth
 */
void
ctl_json_add_boolean (JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_boolean_value (builder, value);
}

/**
 * ctl_json_add_counts:
 * @builder: an object
 * @counts: how many peers there are of each status
 *
 * Adds how many peers there are of each status.
 */
void
ctl_json_add_counts (JsonBuilder *builder,
                     const guint counts[static SOCKS_N_PROXY_STATUSES])
{
  g_autoptr (GEnumClass) statuses = g_type_class_ref (SOCKS_TYPE_PROXY_STATUS);

  json_builder_set_member_name (builder, "peers");
  json_builder_begin_object (builder);
  for (int status = 0; status < SOCKS_N_PROXY_STATUSES; status++)
    ctl_json_add_number (builder, g_enum_get_value (statuses, status)->value_nick,
                         counts[status]);
  json_builder_end_object (builder);
}

/**
 * ctl_json_add_proxy:
 * @builder: an array, or an object with the key set
 * @proxy: a peer
 */
void
ctl_json_add_proxy (JsonBuilder *builder, SocksProxyItem *proxy)
{
  json_builder_begin_object (builder);
  ctl_json_add_string (builder, "address", socks_proxy_item_get_address (proxy));
  ctl_json_add_string (builder, "name", socks_proxy_item_get_name (proxy));
  ctl_json_add_word (builder, "status", SOCKS_TYPE_PROXY_STATUS,
                     (int) socks_proxy_item_get_status (proxy));
  ctl_json_add_word (builder, "reason", SOCKS_TYPE_PROXY_REASON,
                     (int) socks_proxy_item_get_reason (proxy));
  ctl_json_add_known (builder, "latency_us", socks_proxy_item_get_latency_us (proxy));
  ctl_json_add_known (builder, "last_probed_us",
                      socks_proxy_item_get_last_probed_us (proxy));
  ctl_json_add_known (builder, "last_seen_us", socks_proxy_item_get_last_seen_us (proxy));
  ctl_json_add_boolean (builder, "selected", socks_proxy_item_is_selected (proxy));
  json_builder_end_object (builder);
}

/**
 * ctl_json_print:
 * @builder: a whole value
 * @on_one_line: no line break inside it
 */
void
ctl_json_print (JsonBuilder *builder, gboolean on_one_line)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, !on_one_line);

  g_print ("%s\n", text);
}
