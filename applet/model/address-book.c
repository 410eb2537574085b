/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Puts together what the files say of addresses:
 *
 *   /etc/mycelium-socks/names                      the machine's names
 *   $XDG_CONFIG_HOME/mycelium-socks/names          the person's
 *   $XDG_CONFIG_HOME/mycelium-socks/pins           what they pinned
 *   $XDG_STATE_HOME/mycelium-socks/recent          the last three that they used
 *
 * An address without a port stands for all of its ports, and gives way to one with it in
 * the same file. Changes are made in address-book-changes.c. Main thread. */

#include "config.h"

#include "model/address-book-part.h"

#include "model/address-key.h"
#include "model/address-text.h"
#include "model/name-text.h"

struct _SocksAddressBook
{
  GObject parent_instance;

  SocksTextFile *files[SOCKS_ADDRESS_BOOK_N_PARTS];     /* (owned) */
  SocksAddressLines *parts[SOCKS_ADDRESS_BOOK_N_PARTS]; /* (owned): what they say */
};

G_DEFINE_FINAL_TYPE (SocksAddressBook, socks_address_book, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
read_part (SocksAddressBook *self, SocksAddressBookPart part)
{
  SocksTextFile *file = self->files[part];

  g_clear_pointer (&self->parts[part], socks_address_lines_free);
  self->parts[part] = socks_address_lines_parse (socks_text_file_get_text (file),
                                                 part <= SOCKS_ADDRESS_BOOK_OWN_NAMES);
  if (self->parts[part]->n_wrong > 0)
    g_warning ("%s: what is in line %u can't be understood (lines left out: %u)",
               socks_text_file_get_path (file), self->parts[part]->first_wrong,
               self->parts[part]->n_wrong);
}

static void
file_changed_cb (SocksTextFile *file, SocksAddressBook *self)
{
  for (SocksAddressBookPart part = 0; part < SOCKS_ADDRESS_BOOK_N_PARTS; part++)
    if (self->files[part] == file)
      read_part (self, part);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
socks_address_book_finalize (GObject *object)
{
  SocksAddressBook *self = SOCKS_ADDRESS_BOOK (object);

  for (SocksAddressBookPart part = 0; part < SOCKS_ADDRESS_BOOK_N_PARTS; part++)
    {
      g_clear_pointer (&self->parts[part], socks_address_lines_free);
      g_clear_object (&self->files[part]);
    }

  G_OBJECT_CLASS (socks_address_book_parent_class)->finalize (object);
}

static void
socks_address_book_class_init (SocksAddressBookClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socks_address_book_finalize;

  signals[CHANGED] = g_signal_new ("changed", SOCKS_TYPE_ADDRESS_BOOK, G_SIGNAL_RUN_LAST,
                                   0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
socks_address_book_init (SocksAddressBook *self)
{
}

/**
 * socks_address_book_new:
 *
 * Returns: (transfer full): the book of the person whose program this is
 */
SocksAddressBook *
socks_address_book_new (void)
{
  g_autofree char *config =
      g_build_filename (g_get_user_config_dir (), GETTEXT_PACKAGE, NULL);
  g_autofree char *state =
      g_build_filename (g_get_user_state_dir (), GETTEXT_PACKAGE, NULL);

  return socks_address_book_new_in (CONFIG_DIRECTORY, config, state);
}

/**
 * socks_address_book_new_in:
 * @machine_directory: where the machine's names are
 * @config_directory: where the person's are, and the pins
 * @state_directory: where it is what was used last
 *
 * Returns: (transfer full): what is there
 */
SocksAddressBook *
socks_address_book_new_in (const char *machine_directory,
                           const char *config_directory,
                           const char *state_directory)
{
  SocksAddressBook *self = g_object_new (SOCKS_TYPE_ADDRESS_BOOK, NULL);
  const struct
  {
    const char *directory;
    const char *name;
  } places[SOCKS_ADDRESS_BOOK_N_PARTS] = {
    [SOCKS_ADDRESS_BOOK_MACHINE_NAMES] = { machine_directory, "names" },
    [SOCKS_ADDRESS_BOOK_OWN_NAMES] = { config_directory, "names" },
    [SOCKS_ADDRESS_BOOK_PINS] = { config_directory, "pins" },
    [SOCKS_ADDRESS_BOOK_RECENT] = { state_directory, "recent" },
  };

  for (SocksAddressBookPart part = 0; part < SOCKS_ADDRESS_BOOK_N_PARTS; part++)
    {
      g_autofree char *path =
          g_build_filename (places[part].directory, places[part].name, NULL);

      self->files[part] = socks_text_file_new (path);
      g_signal_connect_object (self->files[part], "changed", G_CALLBACK (file_changed_cb),
                               self, 0);
      read_part (self, part);
    }
  return self;
}

/* Also of every port of it. */
static const char *
find_name (SocksAddressBook *self, SocksAddressBookPart part, const char *key)
{
  const SocksAddressLine *line = socks_address_lines_find (self->parts[part], key);
  g_autofree char *host = NULL;

  if (line == NULL)
    {
      host = socks_address_key_get_host (key);
      line = socks_address_lines_find (self->parts[part], host);
    }
  return line != NULL ? line->name : NULL;
}

/**
 * socks_address_book_get_name:
 * @self: a book
 * @address: an address
 *
 * Returns: (transfer none) (nullable): its name; until the main loop runs
 */
const char *
socks_address_book_get_name (SocksAddressBook *self, const char *address)
{
  g_autofree char *key = socks_address_key (address);
  const char *name = NULL;

  if (key == NULL)
    return NULL;
  name = find_name (self, SOCKS_ADDRESS_BOOK_OWN_NAMES, key);
  return name != NULL ? name : find_name (self, SOCKS_ADDRESS_BOOK_MACHINE_NAMES, key);
}

/**
 * socks_address_book_dup_text:
 * @self: a book
 * @address: an address
 *
 * Returns: (transfer full): what to call it in a text: its name, or a short form of it
 */
char *
socks_address_book_dup_text (SocksAddressBook *self, const char *address)
{
  const char *name = socks_address_book_get_name (self, address);

  return name != NULL ? socks_name_text (name) : socks_address_text_short (address);
}

/* The one address that is meant where all of @keys have the same name: every port of it
 * where one of them says so, wherever that stands. NULL where they are several. */
static const char *
find_common (GPtrArray *keys)
{
  const char *common = g_ptr_array_index (keys, 0);

  for (guint i = 1; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);
      g_autofree char *host = socks_address_key_get_host (key);

      if (g_str_equal (key, host))
        common = key;
    }
  for (guint i = 0; i < keys->len; i++)
    if (!socks_address_keys_meet (common, g_ptr_array_index (keys, i)))
      return NULL;
  return common;
}

static SocksNameMatch
find_in (SocksAddressBook *self,
         SocksAddressBookPart part,
         const char *folded,
         char **out_key)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  gboolean is_beginning = FALSE;

  for (guint i = 0; i < self->parts[part]->lines->len; i++)
    {
      const SocksAddressLine *line = socks_address_lines_get (self->parts[part], i);
      g_autofree char *name = socks_name_fold (line->name);

      if (g_str_equal (name, folded))
        g_ptr_array_add (keys, line->key);
      else if (g_str_has_prefix (name, folded))
        is_beginning = TRUE;
    }
  if (keys->len == 0)
    return is_beginning ? SOCKS_NAME_MATCH_BEGINNING : SOCKS_NAME_MATCH_NONE;
  *out_key = g_strdup (find_common (keys));
  return *out_key != NULL ? SOCKS_NAME_MATCH_ONE : SOCKS_NAME_MATCH_SEVERAL;
}

/**
 * socks_address_book_find:
 * @self: a book
 * @text: what somebody has written
 * @out_key: (out) (transfer full) (optional): the one address that has this name, with a
 *   port or without; untouched if there is not one
 *
 * The person's names come before the machine's. Large letters and small ones are the
 * same.
 *
 * Returns: whether it is a name
 */
SocksNameMatch
socks_address_book_find (SocksAddressBook *self, const char *text, char **out_key)
{
  g_autofree char *folded = socks_name_fold (text);
  g_autofree char *key = NULL;
  SocksNameMatch own, match;

  if (*text == '\0')
    return SOCKS_NAME_MATCH_NONE;
  own = find_in (self, SOCKS_ADDRESS_BOOK_OWN_NAMES, folded, &key);
  match = own >= SOCKS_NAME_MATCH_ONE
              ? own
              : find_in (self, SOCKS_ADDRESS_BOOK_MACHINE_NAMES, folded, &key);
  if (match == SOCKS_NAME_MATCH_ONE && out_key != NULL)
    *out_key = g_steal_pointer (&key);
  return MAX (match, own);
}

/**
 * socks_address_book_resolve:
 * @self: a book
 * @text: what somebody has written
 *
 * Returns: (transfer full): the remote that is meant where @text is a name, else @text
 */
char *
socks_address_book_resolve (SocksAddressBook *self, const char *text)
{
  g_autofree char *key = NULL;

  socks_address_book_find (self, text, &key);
  return key != NULL ? socks_address_key_get_remote (key) : g_strdup (text);
}

/**
 * socks_address_book_dup_own_key:
 * @self: a book
 * @address: an address
 *
 * Returns: (transfer full): what a new name of the person's is to be for: every port of
 * the address, where that is what they have named; else @address
 */
char *
socks_address_book_dup_own_key (SocksAddressBook *self, const char *address)
{
  const SocksAddressLines *own = self->parts[SOCKS_ADDRESS_BOOK_OWN_NAMES];
  g_autofree char *key = socks_address_key (address);
  g_autofree char *host = key != NULL ? socks_address_key_get_host (key) : NULL;

  if (key == NULL)
    return g_strdup (address);
  if (socks_address_lines_find (own, key) == NULL &&
      socks_address_lines_find (own, host) != NULL)
    return g_steal_pointer (&host);
  return g_steal_pointer (&key);
}

const SocksAddressLines *
socks_address_book_get_own_names (SocksAddressBook *self)
{
  return self->parts[SOCKS_ADDRESS_BOOK_OWN_NAMES];
}

const SocksAddressLines *
socks_address_book_get_machine_names (SocksAddressBook *self)
{
  return self->parts[SOCKS_ADDRESS_BOOK_MACHINE_NAMES];
}

/* Its place among the first @n_lines, or their number. */
static guint
get_index (SocksAddressBook *self,
           SocksAddressBookPart part,
           const char *address,
           guint n_lines)
{
  n_lines = MIN (n_lines, self->parts[part]->lines->len);
  for (guint i = 0; i < n_lines; i++)
    if (g_str_equal (socks_address_lines_get (self->parts[part], i)->key, address))
      return i;
  return n_lines;
}

/**
 * socks_address_book_is_pinned:
 * @self: a book
 * @address: an address as the service writes it
 *
 * Returns: whether the person has pinned it
 */
gboolean
socks_address_book_is_pinned (SocksAddressBook *self, const char *address)
{
  return socks_address_lines_find (self->parts[SOCKS_ADDRESS_BOOK_PINS], address) != NULL;
}

/**
 * socks_address_book_get_place:
 * @self: a book
 * @address: an address as the service writes it
 *
 * Returns: how far ahead of all others it is to be listed, from 0: what is pinned in the
 *   order in which that was done, then what was used last; or
 *   %SOCKS_ADDRESS_BOOK_NO_PLACE
 */
guint
socks_address_book_get_place (SocksAddressBook *self, const char *address)
{
  guint n_pins = self->parts[SOCKS_ADDRESS_BOOK_PINS]->lines->len;
  guint n_recent = MIN (self->parts[SOCKS_ADDRESS_BOOK_RECENT]->lines->len,
                        SOCKS_ADDRESS_BOOK_N_RECENT);
  guint place = get_index (self, SOCKS_ADDRESS_BOOK_PINS, address, n_pins);

  if (place == n_pins)
    place += get_index (self, SOCKS_ADDRESS_BOOK_RECENT, address, n_recent);
  return place < n_pins + n_recent ? place : SOCKS_ADDRESS_BOOK_NO_PLACE;
}

SocksTextFile *
socks_address_book_get_file (SocksAddressBook *self, SocksAddressBookPart part)
{
  return self->files[part];
}
