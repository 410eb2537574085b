/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps a crowd of calls from standing in the way of other callers. It sees each message
 * before the rest of the service does, whatever it is for:
 *
 *   call ─┬─▶ admitted, while few are inside or its sender has none there ─▶ answer ─▶ bus
 *         └─▶ refused: sender and serial wait here ─▶ some refusals, and a ping ─▶ bus
 *                                                  ◀── pong: the next ones ◀──────
 *
 * An answer is outside when its turn to be written has come: the slower the bus takes the
 * answers, the fewer calls are let in, and neither calls nor answers pile up in memory.
 *
 * The refusals wait for the bus because a stock dbus-daemon that tens of thousands of
 * calls wait in takes half a millisecond for each reply. All at once, they would be ten
 * seconds in the way of everything else that the service has to say. So few of them are
 * on their way at a time, and the bus's answer to a call of ours, the ping, shows that it
 * has dealt with those.
 *
 * Everything happens in GDBus's thread, in which it calls its filters. */

#include "bus/turnstile.h"

/* A desktop that starts asks for some dozen things at once. */
#define INSIDE_MAX 64

/* Milliseconds of the bus's time. */
#define REFUSALS_AT_ONCE 4

typedef struct
{
  GHashTable *calls;   /* (owned): name of a call inside → whether it wants an answer */
  GHashTable *senders; /* (owned): sender → number of its calls inside */
  GQueue refused;      /* of (owned) Refused */
  guint32 ping_serial; /* 0: no refusal is on its way */
} Turnstile;

/* A call that is to be answered with a refusal. */
typedef struct
{
  GRefString *sender; /* (owned) */
  guint32 serial;
} Refused;

static Refused *
refused_new (const char *sender, guint32 serial)
{
  Refused *refused = g_new (Refused, 1);

  refused->sender = g_ref_string_new_intern (sender);
  refused->serial = serial;
  return refused;
}

static void
refused_free (Refused *refused)
{
  g_ref_string_release (refused->sender);
  g_free (refused);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Refused, refused_free)

static void
turnstile_free (gpointer data)
{
  Turnstile *self = data;

  g_queue_clear_full (&self->refused, (GDestroyNotify) refused_free);
  g_hash_table_unref (self->senders);
  g_hash_table_unref (self->calls);
  g_free (self);
}

static char *
name_call (const char *sender, guint32 serial)
{
  return g_strdup_printf ("%s %u", sender, serial);
}

static guint
count_inside (Turnstile *self, const char *sender)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->senders, sender));
}

static void
set_inside (Turnstile *self, const char *sender, guint number)
{
  if (number == 0)
    g_hash_table_remove (self->senders, sender);
  else
    g_hash_table_insert (self->senders, g_strdup (sender), GUINT_TO_POINTER (number));
}

static void
send_refusal (GDBusConnection *bus, const Refused *refused)
{
  g_autoptr (GDBusMessage) refusal = g_dbus_message_new ();

  g_dbus_message_set_message_type (refusal, G_DBUS_MESSAGE_TYPE_ERROR);
  g_dbus_message_set_flags (refusal, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_destination (refusal, refused->sender);
  g_dbus_message_set_reply_serial (refusal, refused->serial);
  g_dbus_message_set_error_name (refusal, "org.freedesktop.DBus.Error.LimitsExceeded");
  g_dbus_message_set_body (
      refusal, g_variant_new ("(s)", "Too many requests wait for an answer; try again "
                                     "when those are answered"));
  g_dbus_connection_send_message (bus, refusal, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                  NULL /* serial */, NULL /* error: the bus is gone */);
}

/* Not Peer.Ping: the system bus does not let a service ask it that, and would write each
 * refusal into the log. */
static GDBusMessage *
ping_new (void)
{
  return g_dbus_message_new_method_call ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus", "GetId");
}

static void
send_refusals (Turnstile *self, GDBusConnection *bus)
{
  g_autoptr (GDBusMessage) ping = NULL;

  if (self->ping_serial != 0 || g_queue_is_empty (&self->refused))
    return;

  for (guint i = 0; i < REFUSALS_AT_ONCE && !g_queue_is_empty (&self->refused); i++)
    {
      g_autoptr (Refused) refused = g_queue_pop_head (&self->refused);

      send_refusal (bus, refused);
    }
  ping = ping_new ();
  g_dbus_connection_send_message (bus, ping, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                  &self->ping_serial, NULL /* error: the bus is gone */);
}

/* The call with an answer to it that the turnstile sees pass. Takes the call. */
static GDBusMessage *
want_answer (GDBusMessage *call)
{
  /* What GDBus hands to a filter must not be changed. */
  GDBusMessage *copy = g_dbus_message_copy (call, NULL /* error: no descriptors left */);

  if (copy != NULL)
    g_dbus_message_set_flags (copy, g_dbus_message_get_flags (copy) &
                                        ~G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_object_unref (call);
  return copy;
}

/* A call has come. Takes it, and returns it if it is admitted. */
static GDBusMessage *
enter (Turnstile *self, GDBusConnection *bus, GDBusMessage *call)
{
  const char *sender = g_dbus_message_get_sender (call);
  guint32 serial = g_dbus_message_get_serial (call);
  gboolean wants_answer = (g_dbus_message_get_flags (call) &
                           G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) == 0;
  guint n_own = count_inside (self, sender);

  if (g_hash_table_size (self->calls) < INSIDE_MAX || n_own == 0)
    {
      g_hash_table_insert (self->calls, name_call (sender, serial),
                           GINT_TO_POINTER (wants_answer));
      set_inside (self, sender, n_own + 1);
      return wants_answer ? call : want_answer (call);
    }

  if (wants_answer)
    g_queue_push_tail (&self->refused, refused_new (sender, serial));
  g_object_unref (call);
  send_refusals (self, bus);
  return NULL;
}

/* What is written in place of an answer that nobody wants, and means nothing. A filter can
 * let an answer disappear, but then who flushes the connection waits for it forever.
 * dbus-daemon answers it all the same; GDBus drops that. */
static GDBusMessage *
replace_answer (GDBusMessage *answer)
{
  GDBusMessage *ping = ping_new ();

  g_dbus_message_set_flags (ping, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_serial (ping, g_dbus_message_get_serial (answer));
  g_object_unref (answer);
  return ping;
}

/* An answer is about to be written. Takes it, and returns what is to be written. */
static GDBusMessage *
leave (Turnstile *self, GDBusMessage *answer)
{
  const char *sender = g_dbus_message_get_destination (answer);
  g_autofree char *name = name_call (sender, g_dbus_message_get_reply_serial (answer));
  gpointer wants_answer;

  if (!g_hash_table_lookup_extended (self->calls, name, NULL, &wants_answer))
    return answer; /* a refusal */

  g_hash_table_remove (self->calls, name);
  set_inside (self, sender, count_inside (self, sender) - 1);
  return GPOINTER_TO_INT (wants_answer) ? answer : replace_answer (answer);
}

static GDBusMessage *
filter_cb (GDBusConnection *bus,
           GDBusMessage *message,
           gboolean is_incoming,
           gpointer data)
{
  Turnstile *self = data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  gboolean is_answer =
      type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR;

  if (is_incoming && type == G_DBUS_MESSAGE_TYPE_METHOD_CALL &&
      g_dbus_message_get_sender (message) != NULL)
    return enter (self, bus, message);
  if (!is_incoming && is_answer && g_dbus_message_get_destination (message) != NULL)
    return leave (self, message);
  if (is_incoming && is_answer && self->ping_serial != 0 &&
      g_dbus_message_get_reply_serial (message) == self->ping_serial)
    {
      self->ping_serial = 0;
      g_object_unref (message);
      send_refusals (self, bus);
      return NULL;
    }
  return message;
}

/**
 * socks_turnstile_install:
 * @bus: a connection to a message bus on which no call has come yet
 *
 * Lets calls that come on @bus in only while few others are inside, from now on and for as
 * long as the connection lives. The others are answered with
 * %G_DBUS_ERROR_LIMITS_EXCEEDED.
 */
void
socks_turnstile_install (GDBusConnection *bus)
{
  Turnstile *self = g_new0 (Turnstile, 1);

  self->calls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->senders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_dbus_connection_add_filter (bus, filter_cb, self, turnstile_free);
}
