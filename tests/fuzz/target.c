/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the fuzz targets share: their input as a text or as a file, and a judge of what the
 * parsers say about it. Messages are swallowed, after they have been judged: most inputs
 * cause one. */

#include "target.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Before another message replaces it, a person reads it in one piece. */
#define MAX_MESSAGE_BYTES 2048

static gint n_warnings; /* atomic; since target_count_warnings() was called last */

static GLogWriterOutput
judge_message (GLogLevelFlags level,
               const GLogField *fields,
               gsize n_fields,
               gpointer data)
{
  g_assert_cmpint (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL), ==, 0);
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      target_assert_is_shown_safely (fields[i].value);

  if ((level & G_LOG_LEVEL_WARNING) != 0)
    g_atomic_int_inc (&n_warnings);
  return G_LOG_WRITER_HANDLED;
}

/* Called once, before the first input. */
int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  g_log_set_writer_func (judge_message, NULL, NULL);
  return 0;
}

/* The input as a C string, which ends at its first NUL. */
char *
target_dup_text (const guint8 *data, gsize n_bytes)
{
  return g_strndup ((const char *) data, n_bytes);
}

/* Puts the input into a file, in memory and always the same, and returns its path. */
const char *
target_write_file (const void *data, gsize n_bytes)
{
  static int fd = -1;
  static char *path;

  if (fd < 0)
    {
      fd = memfd_create ("fuzz-input", MFD_CLOEXEC);
      g_assert_no_errno (fd);
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
    }
  g_assert_no_errno (ftruncate (fd, 0));
  g_assert_cmpint (pwrite (fd, data, n_bytes, 0), ==, n_bytes);
  return path;
}

/* Nothing in it moves the cursor, rings the bell or turns the direction of writing. */
void
target_assert_is_shown_safely (const char *message)
{
  g_assert_cmpuint (strlen (message), <=, MAX_MESSAGE_BYTES);
  g_assert_true (g_utf8_validate (message, -1, NULL));
  for (const char *c = message; *c != '\0'; c = g_utf8_next_char (c))
    g_assert_true (g_unichar_isprint (g_utf8_get_char (c)));
}

/* How many warnings there were since the last call. */
guint
target_count_warnings (void)
{
  return (guint) g_atomic_int_and ((guint *) &n_warnings, 0);
}
