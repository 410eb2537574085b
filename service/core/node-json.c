/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the Mycelium node's HTTP API says, as plain values. The node is trusted with the
 * routes but not with this process: what it passes on comes from strangers. So a text is
 * vetted before json-glib sees it (json-text.c), and every field after.
 *
 * Pure functions, any thread. */

#include "core/node-json.h"

#include "core/address.h"
#include "core/error.h"
#include "core/json-text.h"

#include <string.h>

/* Babel's infinite metric (RFC 8966 section 3.5.2); the API writes it as a word. */
#define METRIC_INFINITE 65535

/* No bytes at all may come without an address. */
static const char *
get_text (GBytes *json, gsize *out_n_bytes)
{
  const char *text = g_bytes_get_data (json, out_n_bytes);

  return text != NULL ? text : "";
}

static void
set_fault (GError **error, const char *subject, const char *fault)
{
  g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE, "%s %s", subject, fault);
}

/* Reads the object that @json holds. @subject begins the sentence of an error. */
static JsonNode *
parse_object (GBytes *json, const char *subject, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize n_bytes;
  const char *text = get_text (json, &n_bytes);
  const char *fault = socks_json_text_vet (text, n_bytes);
  JsonNode *root = NULL;

  if (fault == NULL)
    {
      root = socks_json_text_parse (parser, text, n_bytes);
      fault = socks_json_text_fault_not_json;
    }
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return json_parser_steal_root (parser);

  set_fault (error, subject, root != NULL ? "is not an object" : fault);
  return NULL;
}

/* The member @name if it is a string, else NULL. */
static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* The bits behind the length are dropped, unlike in a configuration file: Mycelium shows
 * a subnet as it was announced, and only the bits before the length are a route. */
static gboolean
parse_subnet (const char *text, SocksPrefix *out_subnet)
{
  const char *slash = strchr (text, '/');
  g_autofree char *address = NULL;
  SocksPrefix subnet;
  guint64 length_bits;

  if (slash == NULL)
    return FALSE;
  address = g_strndup (text, (gsize) (slash - text));
  if (!socks_address_parse (address, &subnet.address) ||
      !g_ascii_string_to_unsigned (slash + 1, 10, 64, 128, &length_bits, NULL))
    return FALSE;

  subnet.length_bits = (guint8) length_bits;
  if (!socks_prefix_is_overlay (&subnet))
    return FALSE;

  for (guint bit = subnet.length_bits; bit < 128; bit++)
    subnet.address.s6_addr[bit / 8] &= (guint8) ~(0x80 >> bit % 8);

  *out_subnet = subnet;
  return TRUE;
}

/* Whether @node is a metric; @out_is_finite says whether the route leads anywhere, and no
 * more of it is of use. (json-glib wraps numbers that do not fit in 64 bits.) */
static gboolean
parse_metric (JsonNode *node, gboolean *out_is_finite)
{
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_STRING)
    {
      *out_is_finite = FALSE;
      return strcmp (json_node_get_string (node), "infinite") == 0;
    }
  if (type == G_TYPE_INT64)
    {
      gint64 metric = json_node_get_int (node);

      *out_is_finite = TRUE;
      return metric >= 0 && metric < METRIC_INFINITE;
    }
  return FALSE;
}

/* Whether @node is a route as the API describes it, @out_is_usable whether it leads to a
 * peer. */
static gboolean
parse_route (JsonNode *node, SocksPrefix *out_subnet, gboolean *out_is_usable)
{
  JsonObject *route;
  const char *subnet;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  route = json_node_get_object (node);
  subnet = get_string (route, "subnet");

  return subnet != NULL && parse_subnet (subnet, out_subnet) &&
         parse_metric (json_object_get_member (route, "metric"), out_is_usable);
}

/* The list of routes while it is read. */
typedef struct
{
  JsonParser *parser; /* (owned) */
  GString *entry;     /* (owned): scratch */
  GArray *subnets;    /* (owned): of SocksPrefix */
  guint n_entries;
  guint n_dropped;
} Reading;

static void
reading_clear (Reading *reading)
{
  g_clear_object (&reading->parser);
  g_string_free (reading->entry, TRUE);
  g_clear_pointer (&reading->subnets, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

/* Takes in the entry between @entry and @separator, which is a comma or closes the list.
 * Returns whether that is JSON. */
static gboolean
read_entry (Reading *reading, const char *entry, const char *separator)
{
  gsize n_bytes = (gsize) (separator - entry);
  JsonNode *node;
  JsonArray *entries;
  SocksPrefix subnet;
  gboolean is_usable;

  if (n_bytes > SOCKS_JSON_TEXT_MAX_VALUE_BYTES)
    {
      reading->n_entries++;
      reading->n_dropped++;
      return TRUE;
    }

  /* As an array of its own, in which everything is allowed or not as it was in the list. */
  g_string_assign (reading->entry, "[");
  g_string_append_len (reading->entry, entry, (gssize) n_bytes);
  g_string_append_c (reading->entry, *separator == ',' ? ']' : *separator);
  node = socks_json_text_parse (reading->parser, reading->entry->str, reading->entry->len);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;

  entries = json_node_get_array (node);
  if (json_array_get_length (entries) == 0) /* there are no others, or a comma too many */
    return reading->n_entries == 0 && *separator != ',';

  reading->n_entries++;
  if (!parse_route (json_array_get_element (entries, 0), &subnet, &is_usable))
    reading->n_dropped++;
  else if (is_usable)
    g_array_append_val (reading->subnets, subnet);
  return TRUE;
}

/* Returns what is wrong with @text, or NULL. */
static const char *
read_routes (Reading *reading, const char *text, gsize n_bytes)
{
  const char *fault = socks_json_text_vet (text, n_bytes);
  const char *end = text + n_bytes;
  const char *separator;

  if (fault != NULL)
    return fault;

  separator = socks_json_text_find_array (text, n_bytes);
  if (separator == NULL)
    /* A long one would take much memory to find out what else it is. */
    return n_bytes > SOCKS_JSON_TEXT_MAX_VALUE_BYTES ||
                   socks_json_text_parse (reading->parser, text, n_bytes) != NULL
               ? "is not an array"
               : socks_json_text_fault_not_json;

  do
    {
      const char *entry = separator + 1;

      if (reading->n_entries == SOCKS_NODE_JSON_MAX_ROUTES)
        return "has more than " G_STRINGIFY (SOCKS_NODE_JSON_MAX_ROUTES) " entries";
      separator = socks_json_text_find_separator (entry, end);
      if (!read_entry (reading, entry, separator))
        return socks_json_text_fault_not_json;
    }
  while (*separator == ',');

  return NULL;
}

/**
 * socks_node_json_parse_routes:
 * @json: the answer to `GET /api/v1/admin/routes/selected`
 * @out_n_dropped: (out) (optional): how many entries are not as the API describes them,
 *   or lie outside `400::/7`, or have a prefix length that is not 64 to 128; untouched on
 *   failure
 * @error: return location for a %SOCKS_ERROR_NODE
 *
 * Reads which subnets the node can reach. A route with an infinite metric is left out
 * without being counted: that is how a node says that a subnet is gone. Of an entry that
 * is wrong, or longer than 4 KiB, only that entry is lost; a text that is not an array, or
 * has more than %SOCKS_NODE_JSON_MAX_ROUTES entries, is an error. Beside the result it
 * takes some kilobytes of memory, however long @json is.
 *
 * Returns: (transfer full) (element-type SocksPrefix): the subnets in the order of the
 *   answer, as often as they stand in it
 */
GArray *
socks_node_json_parse_routes (GBytes *json, guint *out_n_dropped, GError **error)
{
  g_auto (Reading) reading = {
    .parser = json_parser_new_immutable (),
    .entry = g_string_new (NULL),
    .subnets = g_array_new (FALSE, FALSE, sizeof (SocksPrefix)),
  };
  gsize n_bytes;
  const char *text = get_text (json, &n_bytes);
  const char *fault = read_routes (&reading, text, n_bytes);

  if (fault != NULL)
    {
      set_fault (error, "The list of routes", fault);
      return NULL;
    }

  if (out_n_dropped != NULL)
    *out_n_dropped = reading.n_dropped;
  return g_steal_pointer (&reading.subnets);
}

/* Reads the member @name, a public key in hexadecimal digits. */
static gboolean
parse_key (JsonObject *object, const char *name, guint8 out_key[SOCKS_NODE_KEY_BYTES])
{
  const char *digits = get_string (object, name);

  if (digits == NULL || strlen (digits) != 2 * SOCKS_NODE_KEY_BYTES)
    return FALSE;
  for (gsize i = 0; i < 2 * SOCKS_NODE_KEY_BYTES; i++)
    if (!g_ascii_isxdigit (digits[i]))
      return FALSE;

  for (gsize i = 0; i < SOCKS_NODE_KEY_BYTES; i++)
    out_key[i] = (guint8) (g_ascii_xdigit_value (digits[2 * i]) << 4 |
                           g_ascii_xdigit_value (digits[2 * i + 1]));
  return TRUE;
}

/**
 * socks_node_json_parse_key:
 * @json: the answer to `GET /api/v1/pubkey/{ip}`
 * @out_key: (out): the public key of the node that owns the address; untouched on failure
 * @error: return location for a %SOCKS_ERROR_NODE
 *
 * Returns: whether @json holds a key
 */
gboolean
socks_node_json_parse_key (GBytes *json,
                           guint8 out_key[static SOCKS_NODE_KEY_BYTES],
                           GError **error)
{
  g_autoptr (JsonNode) root =
      parse_object (json, "The answer with a peer's key", error);

  if (root == NULL)
    return FALSE;
  if (!parse_key (json_node_get_object (root), "publicKey", out_key))
    {
      g_set_error_literal (error, SOCKS_ERROR, SOCKS_ERROR_NODE,
                           "The answer with a peer's key has no publicKey of 64 "
                           "hexadecimal digits");
      return FALSE;
    }
  return TRUE;
}

/**
 * socks_node_json_parse_admin:
 * @json: the answer to `GET /api/v1/admin`
 * @out_address: (out): the node's own overlay address; untouched on failure
 * @error: return location for a %SOCKS_ERROR_NODE
 *
 * The address is that of `nodePubkey`, which every version of the API tells. `nodeIp`,
 * told since 0.7.8, must be the same where it is there: if not, one of the two names
 * another machine.
 *
 * Returns: whether @json tells the address
 */
gboolean
socks_node_json_parse_admin (GBytes *json, struct in6_addr *out_address, GError **error)
{
  g_autoptr (JsonNode) root =
      parse_object (json, "The answer about the node itself", error);
  guint8 key[SOCKS_NODE_KEY_BYTES];
  struct in6_addr address, told;
  const char *node_ip;

  if (root == NULL)
    return FALSE;
  if (!parse_key (json_node_get_object (root), "nodePubkey", key))
    {
      g_set_error_literal (error, SOCKS_ERROR, SOCKS_ERROR_NODE,
                           "The answer about the node itself has no nodePubkey of 64 "
                           "hexadecimal digits");
      return FALSE;
    }

  socks_overlay_address_from_key (key, &address);
  node_ip = get_string (json_node_get_object (root), "nodeIp");
  if (node_ip != NULL && (!socks_address_parse (node_ip, &told) ||
                          memcmp (&told, &address, sizeof told) != 0))
    {
      g_set_error_literal (error, SOCKS_ERROR, SOCKS_ERROR_NODE,
                           "The answer about the node itself has a nodeIp that is not "
                           "the address of its nodePubkey");
      return FALSE;
    }

  *out_address = address;
  return TRUE;
}
