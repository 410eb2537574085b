/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Builds a client for a test, on a bus that can be stopped and started again at the same
 * address. Main thread. */

#include "client-world.h"

#include <glib/gstdio.h>

#include "model/error-text.h"

static void
notify_cb (GObject *object, GParamSpec *spec, gpointer data)
{
  ClientWorld *world = data;
  g_auto (GValue) value = G_VALUE_INIT;
  g_auto (GValue) text = G_VALUE_INIT;

  g_value_init (&value, spec->value_type);
  g_object_get_property (object, spec->name, &value);
  g_string_append_printf (world->events, "%s=", spec->name);
  if (G_VALUE_HOLDS_ENUM (&value))
    {
      g_autoptr (GEnumClass) words = g_type_class_ref (spec->value_type);

      g_string_append (world->events,
                       g_enum_get_value (words, g_value_get_enum (&value))->value_nick);
    }
  else if (G_VALUE_HOLDS_VARIANT (&value))
    g_string_append (world->events, "…");
  else
    {
      g_value_init (&text, G_TYPE_STRING);
      g_assert_true (g_value_transform (&value, &text));
      g_string_append (world->events, g_value_get_string (&text));
    }
  g_string_append (world->events, " ");
}

static void
changed_cb (SocksClient *client, guint fields, gpointer data)
{
  ClientWorld *world = data;

  if ((fields & SOCKS_SNAPSHOT_PROXIES) != 0)
    g_string_append (world->events, "proxies ");
  g_string_append (world->events, "| ");
}

static void
remote_changed_cb (SocksClient *client,
                   const char *old_remote,
                   const char *new_remote,
                   SocksClientChange change,
                   gpointer data)
{
  ClientWorld *world = data;
  g_autoptr (GEnumClass) words = g_type_class_ref (SOCKS_TYPE_CLIENT_CHANGE);

  g_string_append_printf (world->events, "“%s” → “%s” %s | ", old_remote, new_remote,
                          g_enum_get_value (words, change)->value_nick);
}

static void
write_config (ClientWorld *world, const char *exec)
{
  g_autofree char *config_path = g_build_filename (world->directory, "bus.conf", NULL);
  g_autofree char *config = g_strdup_printf (
      "<busconfig><include>%s</include><servicedir>%s</servicedir></busconfig>",
      g_getenv ("PRIVATE_BUS_CONF"), world->directory);
  g_autofree char *service_path =
      g_build_filename (world->directory, "org.mycelium.Socks.service", NULL);
  g_autofree char *service =
      g_strdup_printf ("[D-BUS Service]\nName=org.mycelium.Socks\nExec=%s\n", exec);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (config_path, config, -1, &error);
  g_assert_no_error (error);
  if (exec == NULL)
    return;
  g_file_set_contents (service_path, service, -1, &error);
  g_assert_no_error (error);
}

/* @exec may be NULL. */
static ClientWorld *
world_new (const char *exec, gboolean has_bus)
{
  ClientWorld *world = g_new0 (ClientWorld, 1);
  g_autoptr (GError) error = NULL;

  world->directory = g_dir_make_tmp ("socks-client-XXXXXX", &error);
  g_assert_no_error (error);
  world->address = g_strdup_printf ("unix:path=%s/bus", world->directory);
  world->events = g_string_new (NULL);
  write_config (world, exec);
  if (has_bus)
    client_world_start_bus (world);

  world->client = socks_client_new (world->address);
  g_signal_connect (world->client, "notify", G_CALLBACK (notify_cb), world);
  g_signal_connect (world->client, "changed", G_CALLBACK (changed_cb), world);
  g_signal_connect (world->client, "remote-changed", G_CALLBACK (remote_changed_cb), world);
  return world;
}

ClientWorld *
client_world_new (void)
{
  return world_new (NULL, TRUE);
}

ClientWorld *
client_world_new_with (const char *exec)
{
  return world_new (exec, TRUE);
}

ClientWorld *
client_world_new_without_bus (void)
{
  return world_new (NULL, FALSE);
}

static void
gone_cb (gpointer data, GObject *object)
{
  *(gboolean *) data = TRUE;
}

void
client_world_free (ClientWorld *world)
{
  const char *const names[] = { "bus.conf", "org.mycelium.Socks.service", "bus" };
  gboolean is_gone = world->client == NULL;

  if (world->client != NULL)
    {
      g_object_weak_ref (G_OBJECT (world->client), gone_cb, &is_gone);
      g_object_unref (world->client);
    }
  RUN_UNTIL (is_gone);
  if (world->bus != NULL)
    client_world_stop_bus (world);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (world->directory, names[i], NULL);

      g_unlink (path);
    }
  g_assert_cmpint (g_rmdir (world->directory), ==, 0);
  g_clear_error (&world->error);
  g_free (world->chosen);
  g_string_free (world->events, TRUE);
  g_free (world->address);
  g_free (world->directory);
  g_free (world);
}

/* This program, which its main() has to know. */
char *
client_world_service_command (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_file_read_link ("/proc/self/exe", &error);

  g_assert_no_error (error);
  return g_strconcat (program, " --be-the-service", NULL);
}

void
client_world_start_bus (ClientWorld *world)
{
  g_autofree char *config_path = g_build_filename (world->directory, "bus.conf", NULL);

  world->bus = private_bus_new_with (config_path, world->address);
}

void
client_world_stop_bus (ClientWorld *world)
{
  g_clear_pointer (&world->bus, private_bus_free);
}

void
client_world_expect (ClientWorld *world, SocksAvailability availability)
{
  RUN_UNTIL (socks_client_get_snapshot (world->client)->availability == availability);
}

void
client_world_expect_events (ClientWorld *world, const char *events)
{
  g_assert_cmpstr (g_strchomp (world->events->str), ==, events);
  g_string_truncate (world->events, 0);
}

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SocksProxyList) list G_GNUC_UNUSED =
      socks_client_list_peers_finish (SOCKS_CLIENT (source), result, NULL);

  *(gboolean *) data = TRUE;
}

/* An answer comes after whatever was sent before it. */
void
client_world_settle (ClientWorld *world)
{
  gboolean is_over = FALSE;

  socks_client_list_peers_async (world->client, NULL, listed_cb, &is_over);
  RUN_UNTIL (is_over);
}

static void
begin_call (ClientWorld *world)
{
  g_clear_error (&world->error);
  g_clear_pointer (&world->chosen, g_free);
  world->is_over = FALSE;
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ClientWorld *world = data;

  socks_client_start_finish (SOCKS_CLIENT (source), result, &world->error);
  world->is_over = TRUE;
}

void
client_world_start (ClientWorld *world)
{
  begin_call (world);
  socks_client_start_async (world->client, NULL, started_cb, world);
  g_assert_false (world->is_over);
}

static void
connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  ClientWorld *world = data;

  world->chosen =
      socks_client_connect_finish (SOCKS_CLIENT (source), result, &world->error);
  world->is_over = TRUE;
}

void
client_world_connect (ClientWorld *world, const char *remote, GCancellable *cancel)
{
  begin_call (world);
  socks_client_connect_async (world->client, remote, cancel, connected_cb, world);
  g_assert_false (world->is_over);
}

void
client_world_expect_success (ClientWorld *world)
{
  RUN_UNTIL (world->is_over);
  g_assert_no_error (world->error);
}

void
client_world_expect_chosen (ClientWorld *world, const char *remote)
{
  client_world_expect_success (world);
  g_assert_cmpstr (world->chosen, ==, remote);
}

/* NULL: there is nothing to tell. */
void
client_world_expect_failure (ClientWorld *world, const char *text)
{
  RUN_UNTIL (world->is_over);
  g_assert_nonnull (world->error);
  g_assert_cmpstr (socks_error_text (world->error), ==, text);
}
