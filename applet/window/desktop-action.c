/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* “Use for this desktop” as an action with a state. It is enabled where the desktop has a
 * setting for its proxy; the state is that of the program that looks after the setting, and
 * changes when that program says so. Main thread. */

#include "window/desktop-action.h"

#include "window/actions.h"

#define NAME "use-for-desktop"

static GSimpleAction *
get_action (GActionMap *application)
{
  return G_SIMPLE_ACTION (g_action_map_lookup_action (application, NAME));
}

static void
set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksApplication) application = data;
  g_autoptr (GError) error = NULL;

  if (!socks_desktop_proxy_set_enabled_finish (SOCKS_DESKTOP_PROXY (source), result,
                                               &error))
    {
      const char *sentence = socks_desktop_proxy_error_text (error);

      if (sentence != NULL)
        socks_application_report (application, sentence, error->message, NULL);
      socks_actions_repeat_state (get_action (G_ACTION_MAP (application)));
    }
  g_application_release (G_APPLICATION (application));
}

static void
change_state_cb (GSimpleAction *action, GVariant *state, gpointer data)
{
  GApplication *application = data;
  SocksDesktopProxy *proxy = g_object_get_data (G_OBJECT (action), "proxy");

  g_application_hold (application);
  socks_desktop_proxy_set_enabled_async (proxy, g_variant_get_boolean (state),
                                         NULL /* cancellable */, set_cb,
                                         g_object_ref (application));
}

static void
changed_cb (SocksDesktopProxy *proxy, GParamSpec *property, GActionMap *application)
{
  GSimpleAction *action = get_action (application);
  gboolean is_enabled = socks_desktop_proxy_get_enabled (proxy);

  g_simple_action_set_enabled (action, socks_desktop_proxy_get_supported (proxy));
  g_simple_action_set_state (action, g_variant_new_boolean (is_enabled));
}

/**
 * socks_desktop_action_add:
 * @application: an application
 * @proxy: “Use for this desktop”
 *
 * Adds the action, and keeps it as @proxy is.
 */
void
socks_desktop_action_add (SocksApplication *application, SocksDesktopProxy *proxy)
{
  const GActionEntry entry = {
    .name = NAME,
    .state = "false",
    .change_state = change_state_cb,
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), &entry, 1, application);
  g_object_set_data_full (G_OBJECT (get_action (G_ACTION_MAP (application))), "proxy",
                          g_object_ref (proxy), g_object_unref);
  g_signal_connect_object (proxy, "notify", G_CALLBACK (changed_cb), application, 0);
  changed_cb (proxy, NULL, G_ACTION_MAP (application));
}
