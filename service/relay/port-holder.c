/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Who holds a TCP port, for the person who has to free it. Linux tells in steps: a row of
 * /proc/self/net/tcp or tcp6 has the inode of a listening socket and its user, and a link
 * in some /proc/PID/fd with that inode is the program. Owns nothing. Any thread.
 *
 * /proc/net is the same, but not there for a service with ProcSubset=pid.
 *
 * A row begins like this; addresses are in words of 32 bits in the machine's own order,
 * state 0A is "listening":
 *
 *     sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt uid …
 *      0: 0100007F:0438 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 …
 */

#include "relay/port-holder.h"

#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LISTENING " 0A "

/* Linux' own, from linux/highuid.h. */
#define DEFAULT_OVERFLOW_USER 65534

typedef struct
{
  guint64 inode; /* 0 for none found */
  uid_t user;
} Holder;

static gboolean
parse_address (const char *text, gsize n_digits, struct in6_addr *out_address)
{
  guint32 words[4] = { 0, 0, GUINT32_TO_BE (0xffff), 0 };
  guint n_words = (guint) (n_digits / 8);

  if (n_digits != 8 && n_digits != 32)
    return FALSE;

  /* The one word of an IPv4 address is the last of its mapped form. */
  for (guint i = 0; i < n_words; i++)
    {
      char digits[9] = { 0 };

      memcpy (digits, text + i * 8, 8);
      words[4 - n_words + i] = (guint32) g_ascii_strtoull (digits, NULL, 16);
    }
  memcpy (out_address, words, sizeof words);
  return TRUE;
}

static gboolean
is_any (const struct in6_addr *address)
{
  static const guint8 mapped_any[16] = { [10] = 0xff, [11] = 0xff };

  return IN6_IS_ADDR_UNSPECIFIED (address) ||
         memcmp (address, mapped_any, sizeof mapped_any) == 0;
}

/* Whether a listening socket on one keeps another from listening on the other. `::` is
 * for IPv4 as well. */
static gboolean
overlap (const struct in6_addr *a, const struct in6_addr *b)
{
  gboolean are_alike = socks_address_is_ipv4 (a) == socks_address_is_ipv4 (b);

  return IN6_IS_ADDR_UNSPECIFIED (a) || IN6_IS_ADDR_UNSPECIFIED (b) ||
         (are_alike && (is_any (a) || is_any (b))) || IN6_ARE_ADDR_EQUAL (a, b);
}

static gboolean
parse_row (const char *row, const SocksEndpoint *local, Holder *out_holder)
{
  char address_text[33];
  unsigned int port, user;
  unsigned long long inode;
  struct in6_addr address;

  if (sscanf (row,
              " %*u: %32[0-9A-F]:%4x %*[0-9A-F]:%*x %*x %*x:%*x %*x:%*x %*x %u %*u %llu",
              address_text, &port, &user, &inode) != 4)
    return FALSE;
  if (port != local->port ||
      !parse_address (address_text, strlen (address_text), &address) ||
      !overlap (&address, &local->address))
    return FALSE;

  out_holder->inode = inode;
  out_holder->user = user;
  return TRUE;
}

/* Listening sockets come first. Behind them there may be a hundred thousand connections,
 * which the main thread has no time to read. */
static gboolean
find_socket (const char *table, const SocksEndpoint *local, Holder *out_holder)
{
  FILE *file = fopen (table, "re");
  char row[512];
  gboolean is_found = FALSE;
  gboolean is_over;

  if (file == NULL)
    return FALSE;
  is_over = fgets (row, sizeof row, file) == NULL; /* the headings */
  while (!is_found && !is_over)
    {
      is_over = fgets (row, sizeof row, file) == NULL || strstr (row, LISTENING) == NULL;
      is_found = !is_over && parse_row (row, local, out_holder);
    }
  fclose (file);
  return is_found;
}

static gboolean
has_descriptor (const char *process, const char *link_text)
{
  g_autofree char *path = g_build_filename ("/proc", process, "fd", NULL);
  DIR *folder = opendir (path);
  const struct dirent *entry;
  gboolean is_found = FALSE;

  if (folder == NULL)
    return FALSE;
  while (!is_found && (entry = readdir (folder)) != NULL)
    {
      char target[64];
      ssize_t n_bytes = readlinkat (dirfd (folder), entry->d_name, target,
                                    sizeof target - 1);

      target[MAX (n_bytes, 0)] = '\0';
      is_found = strcmp (target, link_text) == 0;
    }
  closedir (folder);
  return is_found;
}

/* A program gives itself any name it likes, 15 bytes of it. */
static char *
dup_program_name (const char *process)
{
  g_autofree char *path = g_build_filename ("/proc", process, "comm", NULL);
  g_autofree char *name = NULL;
  g_autofree char *valid = NULL;
  GString *shown;

  if (!g_file_get_contents (path, &name, NULL, NULL))
    return NULL;
  valid = g_utf8_make_valid (g_strchomp (name), -1);
  shown = g_string_new (NULL);
  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      g_string_append_unichar (shown, g_unichar_isprint (character) ? character : '?');
    }
  return g_string_free (shown, FALSE);
}

static char *
describe_process (guint64 inode)
{
  g_autofree char *link_text =
      g_strdup_printf ("socket:[%" G_GUINT64_FORMAT "]", inode);
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (processes != NULL && (name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (name[0]) && has_descriptor (name, link_text))
      {
        g_autofree char *program = dup_program_name (name);

        if (program != NULL)
          return g_strdup_printf ("“%s” (process %s)", program, name);
      }
  return NULL;
}

/* In a user namespace, such as a sandboxed service has, all users that it does not know
 * look like this one. The sandbox may hide the setting too. */
static gboolean
is_overflow_user (uid_t user)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/overflowuid", &text, NULL, NULL))
    return user == DEFAULT_OVERFLOW_USER;
  return g_ascii_strtoull (text, NULL, 10) == user;
}

static char *
describe_user (uid_t user)
{
  char buffer[4096];
  struct passwd entry, *found = NULL;

  if (is_overflow_user (user))
    return g_strdup ("a program of another user");
  if (getpwuid_r (user, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_strdup_printf ("a program of user “%s”", found->pw_name);
  return g_strdup_printf ("a program of user %u", user);
}

/**
 * socks_port_holder_describe:
 * @local: where listening failed with `EADDRINUSE`
 *
 * Finds out which program listens there, or on an address that overlaps: `[::]` overlaps
 * all. Reads /proc, which takes some milliseconds. The descriptors of other users'
 * programs can't be read without privileges; then the user is all that is known.
 *
 * Returns: (transfer full) (nullable): who it is, to be put into a sentence:
 *   `“microsocks” (process 1234)`, `a program of user “alice”`, `a program of another
 *   user`; %NULL where nobody listens
 */
char *
socks_port_holder_describe (const SocksEndpoint *local)
{
  Holder holder;
  char *description;

  if (!find_socket ("/proc/self/net/tcp6", local, &holder) &&
      !find_socket ("/proc/self/net/tcp", local, &holder))
    return NULL;

  description = describe_process (holder.inode);
  return description != NULL ? description : describe_user (holder.user);
}
