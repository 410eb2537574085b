/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* "name": the names of addresses, the machine's and the user's own, which this changes.
 * The service has no part in it, and is only asked where an address is not written out.
 */

#include "config.h"

#include <glib/gi18n.h>

#include "ctl/command.h"
#include "ctl/json.h"
#include "ctl/remote.h"
#include "ctl/table.h"
#include "model/address-key.h"
#include "model/escape.h"
#include "model/name-text.h"

typedef struct
{
  gboolean removes;
  gboolean names;
} Options;

static Options options;

static const GOptionEntry entries[] = {
  { "remove", 'r', 0, G_OPTION_ARG_NONE, &options.removes,
    N_ ("Take your name of the address away"), NULL },
  { "names", 0, 0, G_OPTION_ARG_NONE, &options.names, N_ ("Names only, one on each line"),
    NULL },
  { NULL },
};

/* An address that has a name. */
typedef struct
{
  const char *key;
  const char *name;
  gboolean is_own;
} Entry;

static void
add (GArray *list, const SocksAddressLine *line, gboolean is_own)
{
  const Entry entry = { line->key, line->name, is_own };

  g_array_append_val (list, entry);
}

/* Those that count: of an address that both have named, the user's. */
static GArray *
collect (CtlSession *session)
{
  const SocksAddressLines *own = socks_address_book_get_own_names (session->book);
  const SocksAddressLines *machine = socks_address_book_get_machine_names (session->book);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Entry));

  for (guint i = 0; i < own->lines->len; i++)
    add (list, socks_address_lines_get (own, i), TRUE);
  for (guint i = 0; i < machine->lines->len; i++)
    {
      const SocksAddressLine *line = socks_address_lines_get (machine, i);

      if (socks_address_lines_find (own, line->key) == NULL)
        add (list, line, FALSE);
    }
  return list;
}

/* Also of every port of it. */
static const SocksAddressLine *
find (const SocksAddressLines *names, const char *key)
{
  const SocksAddressLine *line = socks_address_lines_find (names, key);
  g_autofree char *host = socks_address_key_get_host (key);

  return line != NULL ? line : socks_address_lines_find (names, host);
}

/* The one entry that names @key, or none. */
static GArray *
collect_one (CtlSession *session, const char *key)
{
  const SocksAddressLine *own =
      find (socks_address_book_get_own_names (session->book), key);
  const SocksAddressLine *machine =
      find (socks_address_book_get_machine_names (session->book), key);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Entry));

  if (own != NULL || machine != NULL)
    add (list, own != NULL ? own : machine, own != NULL);
  return list;
}

static void
print_as_json (GArray *list)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    {
      const Entry *entry = &g_array_index (list, Entry, i);

      json_builder_begin_object (builder);
      ctl_json_add_string (builder, "address", entry->key);
      ctl_json_add_string (builder, "name", entry->name);
      ctl_json_add_string (builder, "origin", entry->is_own ? "user" : "machine");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  ctl_json_print (builder, FALSE /* on_one_line */);
}

static void
print_as_text (GArray *list)
{
  g_autoptr (CtlTable) table = ctl_table_new (3, 0);

  ctl_table_add (table, CTL_COLOR_FAINT, _ ("Name"), _ ("Address"), _ ("Given by"), NULL);
  for (guint i = 0; i < list->len; i++)
    {
      const Entry *entry = &g_array_index (list, Entry, i);
      g_autofree char *title = socks_name_text (entry->name);

      ctl_table_add (table, CTL_COLOR_PLAIN, title, entry->key,
                     /* Translators: who has given a name: the user or the machine */
                     entry->is_own ? C_ ("name", "you") : C_ ("name", "this computer"),
                     NULL);
    }
  ctl_table_print (table);
}

static void
print (CtlSession *session, GArray *list)
{
  if (session->as_json)
    print_as_json (list);
  else if (options.names)
    for (guint i = 0; i < list->len; i++)
      g_print ("%s\n", g_array_index (list, Entry, i).name);
  else if (list->len > 0)
    print_as_text (list);
  else
    /* Translators: %s is a command line */
    g_print (_ ("No address has a name. “%s” gives it one."),
             "mycelium-socksctl name ADDRESS NAME");
  if (!session->as_json && !options.names && list->len == 0)
    g_print ("\n");
}

/* What is written out is taken as it is, with a port or without: the name is for what is
 * written. */
static char *
resolve (CtlSession *session, const char *text, CtlExit *out_exit)
{
  g_autofree char *key = socks_address_key (text);
  g_autofree char *remote = NULL;

  if (key == NULL)
    {
      *out_exit = CTL_EXIT_DONE;
      key = ctl_remote_find_name (session, text, out_exit);
    }
  if (key != NULL || *out_exit != CTL_EXIT_DONE)
    return g_steal_pointer (&key);
  remote = ctl_remote_resolve (session, text, out_exit);
  if (remote == NULL)
    return NULL;
  key = socks_address_key (remote);
  if (key == NULL)
    {
      g_autofree char *shown = socks_text_escape (text);

      *out_exit = ctl_fail (CTL_EXIT_USAGE,
                            /* Translators: what somebody wrote for an address */
                            _ ("“%s” is no address. Write [address]:port, as in "
                               "[407:1f::9ab2]:1080."),
                            shown);
    }
  return g_steal_pointer (&key);
}

static CtlExit
show (CtlSession *session, const char *key)
{
  g_autoptr (GArray) list = collect_one (session, key);

  if (session->as_json)
    print_as_json (list);
  else if (list->len > 0)
    g_print ("%s\n", g_array_index (list, Entry, 0).name);
  else
    /* Translators: an address, and a command line */
    return ctl_fail (CTL_EXIT_FAILED, _ ("%s has no name. “%s” gives it one."), key,
                     "mycelium-socksctl name ADDRESS NAME");
  return CTL_EXIT_DONE;
}

/* @name is NULL to take it away. */
static CtlExit
change (CtlSession *session, const char *key, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&session->answer);
  socks_address_book_set_name_async (session->book, key, name, ctl_session_answered_cb,
                                     session);
  /* It can't be called off, but it need not be waited for. */
  while (session->answer == NULL && ctl_session_turn (session))
    ;
  if (session->answer == NULL)
    return ctl_session_fail_for_time (session);
  if (!socks_address_book_finish (session->book, session->answer, &error))
    /* Translators: %s is the reason, with the name of a file */
    return ctl_fail (CTL_EXIT_FAILED,
                     _ ("The name can’t be written down (%s). Check that the file and "
                        "its folder are yours to write, and that the disk has room."),
                     error->message);
  if (session->as_json)
    {
      g_autoptr (GArray) list = collect_one (session, key);

      print_as_json (list);
    }
  return CTL_EXIT_DONE;
}

static CtlExit
give (CtlSession *session, const char *key, const char *name)
{
  g_autofree char *judgement = socks_address_book_judge_name (session->book, key, name);

  if (*judgement != '\0')
    return ctl_fail (CTL_EXIT_USAGE, "%s", judgement);
  return change (session, key, name);
}

static CtlExit
take_away (CtlSession *session, const char *key)
{
  g_autofree char *own_key = socks_address_book_dup_own_key (session->book, key);

  if (socks_address_lines_find (socks_address_book_get_own_names (session->book),
                                own_key) == NULL)
    return ctl_fail (CTL_EXIT_FAILED,
                     /* Translators: an address, and a command */
                     _ ("You have given %s no name. “%s” shows who has given which."),
                     key, "mycelium-socksctl name");
  return change (session, own_key, NULL);
}

static CtlExit
run (CtlSession *session, char **arguments)
{
  guint n_arguments = g_strv_length (arguments);
  CtlExit code = CTL_EXIT_DONE;
  g_autofree char *key = NULL;

  if (n_arguments > 2 || (options.removes && n_arguments != 1) ||
      (options.names && n_arguments != 0))
    return ctl_fail_usage ("name");
  if (n_arguments == 0)
    {
      g_autoptr (GArray) list = collect (session);

      print (session, list);
      return CTL_EXIT_DONE;
    }
  key = resolve (session, arguments[0], &code);
  if (key == NULL)
    return code;
  if (options.removes)
    return take_away (session, key);
  if (n_arguments == 2)
    return give (session, key, g_strstrip (arguments[1]));
  return show (session, key);
}

const CtlCommand ctl_name_command = {
  .name = "name",
  .arguments = N_ ("[ADDRESS [NAME]]"),
  .summary = N_ ("List the names of addresses, or give one a name of yours"),
  .options = entries,
  .run = run,
};
