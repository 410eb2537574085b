/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window can be told to do, by a button, a key or over the session bus. An action
 * is enabled while the service could do it. Names and pins are in book-actions.c, the
 * desktop's switch is in desktop-action.c. Main thread. */

#include "config.h"

#include "window/actions.h"

#include <glib/gi18n-lib.h>

#include "model/error-text.h"
#include "model/port-text.h"
#include "window/about.h"
#include "window/book-actions.h"
#include "window/check-dialog.h"

typedef gboolean (*Finish) (SocksClient *client, GAsyncResult *result, GError **error);

/* A call in flight; the application lives on until it is answered. */
typedef struct
{
  SocksApplication *application; /* (owned) */
  Finish finish;
  char *remote; /* (owned) (nullable): what it is about */
} Call;

static SocksAddressBook *
get_book (SocksApplication *application)
{
  return socks_client_get_book (socks_application_get_client (application));
}

static Call *
call_new (SocksApplication *application, Finish finish)
{
  Call *call = g_new0 (Call, 1);

  call->application = g_object_ref (application);
  call->finish = finish;
  g_application_hold (G_APPLICATION (application));
  return call;
}

static void
call_free (Call *call)
{
  g_application_release (G_APPLICATION (call->application));
  g_object_unref (call->application);
  g_free (call->remote);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* @remote is NULL where it is about none. */
static void
report (SocksApplication *application, const GError *error, const char *remote)
{
  const char *sentence = socks_error_text (error);
  g_autofree char *details = socks_error_text_details (error);

  if (sentence != NULL)
    socks_application_report (application, sentence, details, remote);
}

/* Returns whether it succeeded. */
static gboolean
finish (Call *call, GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;

  if (call->finish (SOCKS_CLIENT (source), result, &error))
    return TRUE;
  report (call->application, error, call->remote);
  return FALSE;
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;

  finish (call, source, result);
}

static void
switched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;

  if (!finish (call, source, result))
    socks_actions_repeat_state (G_SIMPLE_ACTION (g_action_map_lookup_action (
        G_ACTION_MAP (call->application), "look-for-proxies")));
}

/* Whoever can't write it down is connected all the same. */
static void
remembered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call G_GNUC_UNUSED = data;
  g_autoptr (GError) error = NULL;

  if (!socks_address_book_finish (SOCKS_ADDRESS_BOOK (source), result, &error))
    g_debug ("%s", error->message);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Call) call = data;
  g_autoptr (GError) error = NULL;
  SocksAddressBook *book = get_book (call->application);
  g_autofree char *chosen =
      socks_client_connect_finish (SOCKS_CLIENT (source), result, &error);

  if (chosen == NULL)
    report (call->application, error, call->remote);
  else
    socks_address_book_add_use_async (book, chosen, remembered_cb,
                                      g_steal_pointer (&call));
}

static void
connect_to (SocksApplication *self, const char *remote)
{
  Call *call = call_new (self, NULL);

  call->remote = *remote != '\0' ? g_strdup (remote) : NULL;
  socks_client_connect_async (socks_application_get_client (self), remote, NULL,
                              connected_cb, call);
}

static void
connect_fastest_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  connect_to (data, "");
}

static void
connect_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *remote = socks_address_book_resolve (
      get_book (data), g_variant_get_string (parameter, NULL));

  connect_to (data, remote);
}

static void
disconnect_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_client_disconnect_async (socks_application_get_client (data), NULL, done_cb,
                                 call_new (data, socks_client_disconnect_finish));
}

static void
start_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_client_start_async (socks_application_get_client (data), NULL, done_cb,
                            call_new (data, socks_client_start_finish));
}

static void
look_now_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_client_probe_now_async (socks_application_get_client (data), NULL, done_cb,
                                call_new (data, socks_client_probe_now_finish));
}

/* The state is the service's, and changes when the service says so. */
static void
look_for_proxies_cb (GSimpleAction *action, GVariant *state, gpointer data)
{
  socks_client_set_probing_async (socks_application_get_client (data),
                                  g_variant_get_boolean (state), NULL, switched_cb,
                                  call_new (data, socks_client_set_probing_finish));
}

static void
copy (SocksApplication *self, const char *text, const char *told)
{
  SocksWindow *window = socks_application_show_window (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (window)), text);
  socks_window_tell (window, told);
}

static void
copy_url_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *url = socks_port_text_url (
      socks_client_get_snapshot (socks_application_get_client (data)));

  copy (data, url, _ ("Address of the local port copied"));
}

static void
copy_shell_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_autofree char *lines = socks_port_text_shell (
      socks_client_get_snapshot (socks_application_get_client (data)));

  copy (data, lines, _ ("Lines for a shell copied"));
}

static void
copy_remote_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, socks_client_get_snapshot (socks_application_get_client (data))->remote,
        _ ("Address of the proxy copied"));
}

static void
copy_address_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  copy (data, g_variant_get_string (parameter, NULL), _ ("Address of the proxy copied"));
}

/* Of the proxy in use where none is named. */
static void
why_not_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SocksClient *client = socks_application_get_client (data);
  const char *text = g_variant_get_string (parameter, NULL);
  g_autofree char *remote = socks_address_book_resolve (
      get_book (data), *text != '\0' ? text : socks_client_get_snapshot (client)->remote);

  if (*remote != '\0')
    gtk_window_present (GTK_WINDOW (socks_check_dialog_new (
        GTK_WINDOW (socks_application_show_window (data)), client, remote)));
}

static void
search_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_window_search (socks_application_show_window (data));
}

static void
enter_address_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_window_enter_address (socks_application_show_window (data));
}

static void
shortcuts_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (socks_application_show_window (data)),
                              "win.show-help-overlay", NULL);
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  socks_about_show (GTK_WINDOW (socks_application_show_window (data)));
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_application_quit (G_APPLICATION (data));
}

static void
set_enabled (SocksApplication *self, const char *name, gboolean is_enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), is_enabled);
}

/* Before anything is known everything may be tried. */
static void
update (SocksApplication *self)
{
  const SocksSnapshot *snapshot =
      socks_client_get_snapshot (socks_application_get_client (self));
  SocksAvailability there = snapshot->availability;
  gboolean can_act =
      there != SOCKS_AVAILABILITY_NO_BUS && there != SOCKS_AVAILABILITY_NOT_INSTALLED;
  gboolean is_unknown = there == SOCKS_AVAILABILITY_UNKNOWN;
  GAction *look_for_proxies =
      g_action_map_lookup_action (G_ACTION_MAP (self), "look-for-proxies");

  set_enabled (self, "start", is_unknown || there == SOCKS_AVAILABILITY_NOT_RUNNING);
  set_enabled (self, "connect-fastest",
               can_act && snapshot->state != SOCKS_CLIENT_CONNECTING);
  set_enabled (self, "connect", can_act);
  set_enabled (self, "why-not", can_act);
  set_enabled (self, "disconnect",
               is_unknown || snapshot->state != SOCKS_CLIENT_DISCONNECTED);
  set_enabled (self, "look-now", can_act);
  set_enabled (self, "look-for-proxies", can_act);
  set_enabled (self, "copy-remote", *snapshot->remote != '\0');
  g_simple_action_set_state (G_SIMPLE_ACTION (look_for_proxies),
                             g_variant_new_boolean (snapshot->probing));
}

static void
changed_cb (SocksClient *client, guint fields, SocksApplication *self)
{
  update (self);
}

static void
set_keys (GtkApplication *application)
{
  const struct
  {
    const char *action;
    const char *keys[3];
  } rows[] = {
    { "app.connect-fastest", { "<Control>Return", "<Control>KP_Enter" } },
    { "app.disconnect", { "<Control>d" } },
    { "app.look-now", { "<Control>r", "F5" } },
    { "app.search", { "<Control>f" } },
    { "app.enter-address", { "<Control>l" } },
    { "app.copy-url", { "<Control><Shift>c" } },
    { "win.page::proxies", { "<Alt>1" } },
    { "win.page::connection", { "<Alt>2" } },
    { "window.close", { "<Control>w" } },
    { "app.quit", { "<Control>q" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_application_set_accels_for_action (application, rows[i].action, rows[i].keys);
}

/**
 * socks_actions_add:
 * @application: an application that has its client
 *
 * Adds the actions, and keeps them as the service is.
 */
void
socks_actions_add (SocksApplication *application)
{
  const GActionEntry entries[] = {
    { .name = "start", .activate = start_cb },
    { .name = "connect-fastest", .activate = connect_fastest_cb },
    { .name = "connect", .activate = connect_cb, .parameter_type = "s" },
    { .name = "disconnect", .activate = disconnect_cb },
    { .name = "look-now", .activate = look_now_cb },
    { .name = "look-for-proxies", .state = "false", .change_state = look_for_proxies_cb },
    { .name = "copy-url", .activate = copy_url_cb },
    { .name = "copy-shell", .activate = copy_shell_cb },
    { .name = "copy-remote", .activate = copy_remote_cb },
    { .name = "copy-address", .activate = copy_address_cb, .parameter_type = "s" },
    { .name = "why-not", .activate = why_not_cb, .parameter_type = "s" },
    { .name = "search", .activate = search_cb },
    { .name = "enter-address", .activate = enter_address_cb },
    { .name = "shortcuts", .activate = shortcuts_cb },
    { .name = "about", .activate = about_cb },
    { .name = "quit", .activate = quit_cb },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries,
                                   G_N_ELEMENTS (entries), application);
  socks_book_actions_add (application);
  set_keys (GTK_APPLICATION (application));
  g_signal_connect_object (socks_application_get_client (application), "changed",
                           G_CALLBACK (changed_cb), application, 0);
  update (application);
}

/**
 * socks_actions_repeat_state:
 * @action: an action whose state is a boolean
 *
 * Tells the state again after a change that was refused. A switch moves by itself when it is
 * clicked, and goes back only when it hears of another state.
 */
void
socks_actions_repeat_state (GSimpleAction *action)
{
  g_autoptr (GVariant) state = g_action_get_state (G_ACTION (action));

  g_simple_action_set_state (action,
                             g_variant_new_boolean (!g_variant_get_boolean (state)));
  g_simple_action_set_state (action, state);
}
