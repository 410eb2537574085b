/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The node is asked and nobody else, whatever it or the environment says. Both point at
 * a second node, the trap, which must see no connection. */

#include "engine/node-client.h"

#include "core/error.h"
#include "expected-log.h"
#include "fake-node.h"
#include "pending-fetch.h"

#define PORT 1080

static FakeNode *trap;
static char *trap_url;

/* The system's proxy resolver, as it would be where `http_proxy` is obeyed. (What GLib
 * has without plug-ins ignores it, and would prove nothing.) */
#define TRAP_TYPE_RESOLVER (trap_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TrapResolver, trap_resolver, TRAP, RESOLVER, GObject)

struct _TrapResolver
{
  GObject parent_instance;
};

static void trap_resolver_init_interface (GProxyResolverInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TrapResolver,
                               trap_resolver,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_PROXY_RESOLVER,
                                                      trap_resolver_init_interface))

static gboolean
trap_resolver_is_supported (GProxyResolver *resolver)
{
  return TRUE;
}

static char **
trap_resolver_lookup (GProxyResolver *resolver,
                      const char *uri,
                      GCancellable *cancellable,
                      GError **error)
{
  const char *const proxies[] = { trap_url, NULL };

  return g_strdupv ((char **) proxies);
}

static void
trap_resolver_lookup_async (GProxyResolver *resolver,
                            const char *uri,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);

  g_task_return_pointer (task, trap_resolver_lookup (resolver, uri, NULL, NULL),
                         (GDestroyNotify) g_strfreev);
}

static char **
trap_resolver_lookup_finish (GProxyResolver *resolver,
                             GAsyncResult *result,
                             GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
trap_resolver_init_interface (GProxyResolverInterface *iface)
{
  iface->is_supported = trap_resolver_is_supported;
  iface->lookup = trap_resolver_lookup;
  iface->lookup_async = trap_resolver_lookup_async;
  iface->lookup_finish = trap_resolver_lookup_finish;
}

static void
trap_resolver_class_init (TrapResolverClass *class)
{
}

static void
trap_resolver_init (TrapResolver *self)
{
}

static SocksNodeClient *
client_of (FakeNode *node)
{
  g_autofree char *url = fake_node_dup_url (node);

  return socks_node_client_new (url, PORT);
}

static gboolean
answer_redirect (int fd)
{
  g_autofree char *head = g_strdup_printf (
      "HTTP/1.1 302 Found\r\nLocation: %s/api/v1/admin/routes/selected\r\n", trap_url);

  return fake_node_answer (fd, head, "[]");
}

static void
test_the_proxy_of_the_system_is_not_used (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node);
  g_auto (GStrv) proxies =
      g_proxy_resolver_lookup (g_proxy_resolver_get_default (),
                               socks_node_client_get_url (client), NULL, NULL);
  g_autoptr (PendingFetch) fetch = NULL;

  g_assert_cmpstr (proxies[0], ==, trap_url);

  fake_node_add_routes (node, 2, 20);
  fetch = fetch_from (SOCKS_PEER_SOURCE (client));
  g_assert_no_error (fetch->error);
  g_assert_cmpuint (fetch->peers->len, ==, 20);
  g_assert_cmpuint (fake_node_count_connections (trap), ==, 0);
}

static void
test_a_redirect_is_not_followed (void)
{
  g_autoptr (FakeNode) node = fake_node_new ();
  g_autoptr (SocksNodeClient) client = client_of (node);
  g_autoptr (PendingFetch) down = NULL;
  g_autoptr (PendingFetch) up = NULL;

  fake_node_add_routes (node, 2, 1);
  node->routes_answer = answer_redirect;
  expected_log_push (G_LOG_LEVEL_WARNING, "*(HTTP status 302)*");
  down = fetch_from (SOCKS_PEER_SOURCE (client));
  expected_log_assert_seen ();
  g_assert_error (down->error, SOCKS_ERROR, SOCKS_ERROR_NODE);

  node->routes_answer = NULL;
  node->admin_answer = answer_redirect;
  node->key_answer = answer_redirect;
  expected_log_push (G_LOG_LEVEL_MESSAGE, "*answers again");
  up = fetch_from (SOCKS_PEER_SOURCE (client));
  expected_log_assert_seen ();
  g_assert_no_error (up->error);
  g_assert_cmpuint (up->peers->len, ==, 0);

  g_assert_cmpuint (fake_node_count_connections (trap), ==, 0);
}

int
main (int argc, char **argv)
{
  static const char *const variables[] = { "http_proxy", "HTTP_PROXY", "all_proxy",
                                           "ALL_PROXY" };
  int status;

  trap = fake_node_new ();
  trap_url = fake_node_dup_url (trap);
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    g_setenv (variables[i], trap_url, TRUE);
  g_setenv ("GIO_USE_PROXY_RESOLVER", "trap", TRUE);

  g_test_init (&argc, &argv, NULL);
  expected_log_init ();
  g_io_extension_point_register (G_PROXY_RESOLVER_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_RESOLVER_EXTENSION_POINT_NAME,
                                  TRAP_TYPE_RESOLVER, "trap", 0 /* priority */);

  g_test_add_func ("/node-client-trap/the-proxy-of-the-system-is-not-used",
                   test_the_proxy_of_the_system_is_not_used);
  g_test_add_func ("/node-client-trap/a-redirect-is-not-followed",
                   test_a_redirect_is_not_followed);
  status = g_test_run ();

  g_free (trap_url);
  fake_node_free (trap);
  return status;
}
