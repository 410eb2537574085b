/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One entry of Proxies or ListPeers, read from the bus. A key of a wrong type is as if it
 * were not there. Any thread. */

#include "model/proxy-entry.h"

#include "model/word.h"

/* The nicks are the words on the bus. */
G_DEFINE_ENUM_TYPE (SocksProxyReason,
                    socks_proxy_reason,
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_NONE, ""),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_REFUSED, "refused"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_UNREACHABLE, "unreachable"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_TIMED_OUT, "timed-out"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_RESET, "reset"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_CLOSED, "closed"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_NOT_SOCKS5, "not-socks5"),
                    G_DEFINE_ENUM_VALUE (SOCKS_PROXY_REASON_BAD_METHOD, "bad-method"))

static void
read_key (SocksProxyEntry *entry, const char *key, GVariant *value)
{
  int number;

  if (g_str_equal (key, "Address"))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
        entry->address = g_variant_get_string (value, NULL);
    }
  else if (g_str_equal (key, "Status"))
    {
      if (socks_word_read (value, SOCKS_TYPE_PROXY_STATUS, &number))
        entry->status = number;
    }
  else if (g_str_equal (key, "Reason"))
    {
      if (socks_word_read (value, SOCKS_TYPE_PROXY_REASON, &number))
        entry->reason = number;
    }
  else if (g_str_equal (key, "Latency"))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
        entry->latency_us = g_variant_get_uint32 (value);
    }
  else if (g_str_equal (key, "LastProbed"))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
        entry->last_probed_us = g_variant_get_int64 (value);
    }
  else if (g_str_equal (key, "LastSeen"))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
        entry->last_seen_us = g_variant_get_int64 (value);
    }
  else if (g_str_equal (key, "Selected"))
    {
      if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
        entry->is_selected = g_variant_get_boolean (value);
    }
}

/**
 * socks_proxy_entry_read:
 * @dictionary: an `a{sv}`; must outlive what is borrowed from it
 * @out_entry: (out caller-allocates): what it says
 *
 * Returns: whether it names an address, without which it is of no use
 */
gboolean
socks_proxy_entry_read (GVariant *dictionary, SocksProxyEntry *out_entry)
{
  SocksProxyEntry entry = { 0 };
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value))
    {
      read_key (&entry, key, value);
      g_variant_unref (value);
    }
  if (entry.address == NULL || *entry.address == '\0')
    return FALSE;
  *out_entry = entry;
  return TRUE;
}
