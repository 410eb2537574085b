/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Log messages that a test provokes on purpose. g_test_expect_message() does not see
 * structured messages; this does. Whatever is not expected goes on to GLib's writer,
 * which ends the test program on a warning. Any thread. */

#include "expected-log.h"

#include <string.h>

typedef struct
{
  GLogLevelFlags level;
  GPatternSpec *pattern; /* (owned) */
  char *text;            /* (owned): the pattern, to show */
} Expected;

static GMutex mutex;
static GQueue expected = G_QUEUE_INIT; /* of Expected, in the order they must come */

static void
free_expected (Expected *entry)
{
  g_pattern_spec_free (entry->pattern);
  g_free (entry->text);
  g_free (entry);
}

static const char *
message_of (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      return fields[i].value;
  return "";
}

static GLogWriterOutput
write_cb (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  Expected *head = g_queue_peek_head (&expected);

  if (head != NULL && (level & G_LOG_LEVEL_MASK) == head->level &&
      g_pattern_spec_match_string (head->pattern, message_of (fields, n_fields)))
    {
      free_expected (g_queue_pop_head (&expected));
      return G_LOG_WRITER_HANDLED;
    }
  g_clear_pointer (&locker, g_mutex_locker_free);
  return g_log_writer_default (level, fields, n_fields, data);
}

/* Call once, at the start of main(). */
void
expected_log_init (void)
{
  g_log_set_writer_func (write_cb, NULL, NULL);
}

/* From now on a message of @level that matches the glob @pattern is swallowed, once. */
void
expected_log_push (GLogLevelFlags level, const char *pattern)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&mutex);
  Expected *entry = g_new0 (Expected, 1);

  entry->level = level;
  entry->pattern = g_pattern_spec_new (pattern);
  entry->text = g_strdup (pattern);
  g_queue_push_tail (&expected, entry);
}

/* Fails if a message that was expected has not come. */
void
expected_log_assert_seen (void)
{
  Expected *head;

  /* g_error() logs, and so comes back to this mutex. */
  g_mutex_lock (&mutex);
  head = g_queue_peek_head (&expected);
  g_mutex_unlock (&mutex);
  if (head != NULL)
    g_error ("a message like “%s” was expected and did not come", head->text);
}
