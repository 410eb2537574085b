/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the Mycelium node's HTTP API says, as plain values. The node is trusted with the
 * routes but not with this process: what it passes on comes from strangers. So a text is
 * vetted byte by byte before json-glib sees it, and every field after.
 *
 * Vetting is there for what json-glib does with hostile texts: it calls itself for each
 * level of nesting (before 1.10 until the stack is gone), spends some 300 bytes on each
 * `{}`, and ends a string at an escaped NUL, so that "400::/64\u0000…" looks right. It
 * also reads more than JSON: comments and strings in single quotes. In those our idea of
 * what is inside a string, and with it the depth, would differ from json-glib's; nothing
 * but JSON gets through.
 *
 * Pure functions, any thread. */

#include "core/node-json.h"

#include "core/endpoint.h"
#include "core/error.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_DEPTH 16

/* A route is five values as the API is today: four fields and what holds them. */
#define MAX_VALUES (8 * SOCKS_NODE_JSON_MAX_ROUTES)

/* Babel's infinite metric (RFC 8966 section 3.5.2); the API writes it as a word. */
#define METRIC_INFINITE 65535

/* All that stands in JSON outside of strings, with the letters of true, false, null. */
static const char json_characters[] = "{}[]:,\" \t\r\n0123456789+-.eEaflnrstu";

/* The one control character that may stand in a string as it is (RFC 8259 section 7). */
#define DELETE 0x7f

static const char fault_not_json[] = "is not JSON";

/* Walks over the inside of one string, from behind its first quote, and puts something
 * that no field may contain either in the place of every NUL; and of every other control
 * character, for which json-glib from 1.10 on would refuse the whole text, and with it
 * what is right of it. Returns the closing quote, or NULL. The text ends with a NUL at
 * @end. */
static char *
vet_string (char *text, const char *end)
{
  for (char *c = text; c < end; c++)
    switch (*c)
      {
      case '"':
        return c;

      case '\\':
        c++;
        if (*c == '\0')
          return NULL;
        if (*c != 'u')
          break;
        for (int i = 1; i <= 4; i++)
          if (!g_ascii_isxdigit (c[i]))
            return NULL;
        if (memcmp (c + 1, "0000", 4) == 0)
          c[4] = '1';
        c += 4;
        break;

      default:
        if (g_ascii_iscntrl (*c))
          *c = DELETE;
        break;
      }

  return NULL;
}

/* Whether json-glib can be trusted with @text, which may be changed and ends with a NUL
 * at @end. If not, @out_fault says why. */
static gboolean
vet (char *text, const char *end, const char **out_fault)
{
  guint depth = 0;
  guint n_values = 0;
  gboolean is_over = FALSE;

  *out_fault = fault_not_json;

  for (char *c = text; c < end; c++)
    {
      if (*c == '\0' || strchr (json_characters, *c) == NULL)
        return FALSE;
      if (is_over && !g_ascii_isspace (*c))
        return FALSE;

      switch (*c)
        {
        case '"':
          c = vet_string (c + 1, end);
          if (c == NULL)
            return FALSE;
          break;

        case '{':
        case '[':
          n_values++;
          depth++;
          break;

        case '}':
        case ']':
          if (depth == 0)
            return FALSE;
          depth--;
          is_over = depth == 0;
          break;

        case ',':
          n_values++;
          break;

        default:
          break;
        }

      if (depth > MAX_DEPTH)
        {
          *out_fault = "is nested more than " G_STRINGIFY (MAX_DEPTH) " levels deep";
          return FALSE;
        }
      if (n_values > MAX_VALUES)
        {
          *out_fault = "holds too many values";
          return FALSE;
        }
    }

  return depth == 0;
}

/* Reads the one value that @json holds. @subject begins the sentence of an error. */
static JsonNode *
parse (GBytes *json, JsonNodeType type, const char *subject, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autofree char *text = NULL;
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (json, &n_bytes);
  const char *fault;
  JsonNode *root = NULL;

  text = g_malloc (n_bytes + 1);
  if (n_bytes > 0)
    memcpy (text, bytes, n_bytes);
  text[n_bytes] = '\0';

  /* json-glib's own messages quote the text, which may be anything. */
  if (vet (text, text + n_bytes, &fault))
    {
      fault = fault_not_json;
      if (json_parser_load_from_data (parser, text, (gssize) n_bytes, NULL))
        root = json_parser_get_root (parser);
    }
  if (root != NULL && json_node_get_node_type (root) == type)
    return json_parser_steal_root (parser);

  if (root != NULL)
    fault = type == JSON_NODE_ARRAY ? "is not an array" : "is not an object";
  g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE, "%s %s", subject, fault);
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

/**
 * socks_node_json_parse_routes:
 * @json: the answer to `GET /api/v1/admin/routes/selected`
 * @out_n_dropped: (out) (optional): how many entries are not as the API describes them,
 *   or lie outside `400::/7`, or have a prefix length that is not 64 to 128
 * @error: return location for a %SOCKS_ERROR_NODE
 *
 * Reads which subnets the node can reach. A route with an infinite metric is left out
 * without being counted: that is how a node says that a subnet is gone. Of an entry that
 * is wrong only that entry is lost; a text that is not an array, or has more than
 * %SOCKS_NODE_JSON_MAX_ROUTES entries, is an error.
 *
 * Returns: (transfer full) (element-type SocksPrefix): the subnets in the order of the
 *   answer, as often as they stand in it
 */
GArray *
socks_node_json_parse_routes (GBytes *json, guint *out_n_dropped, GError **error)
{
  g_autoptr (JsonNode) root = parse (json, JSON_NODE_ARRAY, "The list of routes", error);
  g_autoptr (GArray) subnets = g_array_new (FALSE, FALSE, sizeof (SocksPrefix));
  guint n_dropped = 0;
  JsonArray *routes;
  guint n_routes;

  if (root == NULL)
    return NULL;

  routes = json_node_get_array (root);
  n_routes = json_array_get_length (routes);
  if (n_routes > SOCKS_NODE_JSON_MAX_ROUTES)
    {
      g_set_error (error, SOCKS_ERROR, SOCKS_ERROR_NODE,
                   "The list of routes has more than %d entries",
                   SOCKS_NODE_JSON_MAX_ROUTES);
      return NULL;
    }

  for (guint i = 0; i < n_routes; i++)
    {
      SocksPrefix subnet;
      gboolean is_usable;

      if (!parse_route (json_array_get_element (routes, i), &subnet, &is_usable))
        n_dropped++;
      else if (is_usable)
        g_array_append_val (subnets, subnet);
    }

  if (out_n_dropped != NULL)
    *out_n_dropped = n_dropped;
  return g_steal_pointer (&subnets);
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
      parse (json, JSON_NODE_OBJECT, "The answer with a peer's key", error);

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
      parse (json, JSON_NODE_OBJECT, "The answer about the node itself", error);
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
