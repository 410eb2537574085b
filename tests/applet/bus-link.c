/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The connection to the bus. How it comes back is shown with the client. */

#include "model/bus-link.h"

#include "client-world.h"
#include "run-until.h"

typedef struct
{
  SocksBusLink *link;
  gboolean is_given_up;
  gboolean has_handler; /* at the connection, when it was given up */
} GivingUp;

static void
toggled_cb (gpointer data, GObject *connection, gboolean is_last)
{
  GivingUp *giving_up = data;

  if (!is_last)
    return;
  giving_up->is_given_up = TRUE;
  giving_up->has_handler =
      g_signal_handler_find (connection, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL,
                             giving_up->link) != 0;
}

/* GIO's own thread may hold it for a moment more, and would take the handler away there. */
static void
test_nothing_is_left_at_a_connection_when_it_is_given_up (void)
{
  ClientWorld *world = client_world_new ();
  GivingUp giving_up = { .link = socks_bus_link_new (world->address) };
  GObject *connection;

  RUN_UNTIL (socks_bus_link_get (giving_up.link) != NULL);
  connection = G_OBJECT (socks_bus_link_get (giving_up.link));
  g_object_add_toggle_ref (connection, toggled_cb, &giving_up);
  g_assert_finalize_object (giving_up.link);
  g_assert_true (giving_up.is_given_up);
  g_assert_false (giving_up.has_handler);
  g_object_remove_toggle_ref (connection, toggled_cb, &giving_up);
  client_world_free (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus-link/nothing-is-left-at-a-connection-when-it-is-given-up",
                   test_nothing_is_left_at_a_connection_when_it_is_given_up);
  return g_test_run ();
}
