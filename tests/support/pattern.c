/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Endless pseudo-random bytes of which any part can be made anew: what arrives is
 * compared with what must arrive, byte for byte, and a mistake is found where it is. */

#include "relay-world.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define BLOCK_BYTES (64 * 1024)

typedef struct
{
  int fd;
  guint64 seed;
  guint64 n_bytes;
  gsize most_at_once;
} Sending;

/* SplitMix64: https://prng.di.unimi.it/splitmix64.c */
static guint64
get_word (guint64 seed, guint64 index)
{
  guint64 word = seed + (index + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  word = (word ^ (word >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  word = (word ^ (word >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return word ^ (word >> 31);
}

/* One that can be had again with the option `--seed` and what the test printed first. */
guint64
pattern_choose_seed (void)
{
  guint64 seed = ((guint64) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();

  g_test_message ("seed %" G_GUINT64_FORMAT, seed);
  return seed;
}

void
pattern_fill (guint64 seed, guint64 offset, guint8 *bytes, gsize n_bytes)
{
  gsize position = 0;

  while (position < n_bytes)
    {
      guint64 word = get_word (seed, (offset + position) / 8);
      gsize skipped = (offset + position) % 8;
      gsize length = MIN (8 - skipped, n_bytes - position);

      memcpy (bytes + position, (guint8 *) &word + skipped, length);
      position += length;
    }
}

/* In pieces of random length, of at most @most_at_once bytes. */
void
pattern_send (int fd, guint64 seed, guint64 n_bytes, gsize most_at_once)
{
  g_autofree guint8 *bytes = g_malloc (most_at_once);
  guint64 offset = 0;

  for (guint64 turn = 0; offset < n_bytes; turn++)
    {
      gsize length = 1 + get_word (~seed, turn) % most_at_once;

      length = MIN (length, n_bytes - offset);
      pattern_fill (seed, offset, bytes, length);
      send_all (fd, bytes, length);
      offset += length;
    }
}

/* Without waiting, @most_bytes of them; returns how many went. */
guint64
pattern_send_until_full (int fd, guint64 seed, guint64 offset, guint64 most_bytes)
{
  guint8 bytes[4096];
  guint64 n_bytes = 0;

  while (n_bytes < most_bytes)
    {
      ssize_t n_sent;

      pattern_fill (seed, offset + n_bytes, bytes, sizeof bytes);
      n_sent = send (fd, bytes, MIN (sizeof bytes, most_bytes - n_bytes),
                     MSG_DONTWAIT | MSG_NOSIGNAL);
      if (n_sent < 0)
        {
          g_assert_cmpint (errno, ==, EAGAIN);
          break;
        }
      n_bytes += (guint64) n_sent;
    }
  return n_bytes;
}

void
pattern_expect (int fd, guint64 seed, guint64 offset, guint64 n_bytes)
{
  g_autofree guint8 *wanted = g_malloc (BLOCK_BYTES);

  while (n_bytes > 0)
    {
      gsize length = MIN (n_bytes, BLOCK_BYTES);

      pattern_fill (seed, offset, wanted, length);
      expect_bytes (fd, wanted, length);
      offset += length;
      n_bytes -= length;
    }
}

/* From @offset on. Returns where the reset was; the bytes before it are as they must be. */
guint64
pattern_receive_until_reset (int fd, guint64 seed, guint64 offset)
{
  g_autofree guint8 *received = g_malloc (BLOCK_BYTES);
  g_autofree guint8 *wanted = g_malloc (BLOCK_BYTES);

  while (TRUE)
    {
      ssize_t n_read = recv (fd, received, BLOCK_BYTES, 0);

      if (n_read < 0)
        {
          g_assert_cmpint (errno, ==, ECONNRESET);
          return offset;
        }
      g_assert_cmpint (n_read, >, 0);
      pattern_fill (seed, offset, wanted, (gsize) n_read);
      g_assert_cmpmem (received, n_read, wanted, n_read);
      offset += (guint64) n_read;
    }
}

static gpointer
send_in_thread (gpointer data)
{
  g_autofree Sending *sending = data;

  pattern_send (sending->fd, sending->seed, sending->n_bytes, sending->most_at_once);
  return NULL;
}

GThread *
pattern_send_in_thread (int fd, guint64 seed, guint64 n_bytes, gsize most_at_once)
{
  Sending *sending = g_new (Sending, 1);

  *sending = (Sending){ fd, seed, n_bytes, most_at_once };
  return g_thread_new ("sending", send_in_thread, sending);
}
