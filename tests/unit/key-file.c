/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Whatever stands where a key file should: it is read in bounds, or refused with a
 * message that is fit to be shown. */

#include "engine/key-file.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_BYTES 64

typedef struct
{
  char *directory; /* (owned): of this test alone */
  char *path;      /* (owned): in it; no such file at first */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->directory = g_dir_make_tmp ("key-file-XXXXXX", NULL);
  g_assert_nonnull (fixture->directory);
  fixture->path = g_build_filename (fixture->directory, "x.conf", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_remove (fixture->path);
  g_assert_no_errno (g_rmdir (fixture->directory));
  g_free (fixture->path);
  g_free (fixture->directory);
}

/* Returns: (nullable): the value of “Key” in “[Group]”, if @contents can be read. */
static char *
load (Fixture *fixture, const char *contents, gssize length, GError **error)
{
  g_autoptr (GKeyFile) key_file = NULL;

  g_assert_true (g_file_set_contents (fixture->path, contents, length, NULL));
  key_file = socks_key_file_load (fixture->path, MAX_BYTES, error);
  if (key_file == NULL)
    return NULL;
  return g_key_file_get_value (key_file, "Group", "Key", error);
}

static void
test_a_file_as_long_as_allowed_is_read_and_a_longer_one_is_not (Fixture *fixture,
                                                                gconstpointer data)
{
  g_autoptr (GString) contents = g_string_new ("[Group]\nKey=value\n#");
  g_autofree char *value = NULL;
  g_autoptr (GError) error = NULL;

  while (contents->len < MAX_BYTES)
    g_string_append_c (contents, 'x');
  value = load (fixture, contents->str, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, "value");

  g_string_append_c (contents, 'x');
  g_assert_null (load (fixture, contents->str, -1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_FAILED);
}

static void
test_an_empty_file_is_a_key_file_without_keys (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (fixture, "", -1, &error));
  g_assert_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND);
}

static void
test_a_key_of_another_language_is_another_key (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *value =
      load (fixture, "[Group]\nKey[de]=Wert\nKey=value\n", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (value, ==, "value");
}

static void
test_a_nul_byte_is_a_syntax_error (Fixture *fixture, gconstpointer data)
{
  static const char contents[] = "[Group]\nKey=value\0 or so\n";
  g_autoptr (GError) error = NULL;

  g_assert_null (load (fixture, contents, sizeof contents - 1, &error));
  g_assert_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE);
}

static void
test_a_syntax_error_quotes_the_line_fit_to_be_shown (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (load (fixture, "[Group]\n\033[31m\xe2\x80\xae\xff kö\n", -1, &error));
  g_assert_error (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE);
  g_assert_nonnull (strstr (error->message, "\\x{1b}[31m\\x{202e}"));
  g_assert_nonnull (strstr (error->message, "kö"));
}

static void
test_what_is_no_file_is_an_error_and_does_not_block (Fixture *fixture, gconstpointer data)
{
  g_autofree char *below = g_build_filename (fixture->path, "x.conf", NULL);
  const struct
  {
    const char *path;
    GQuark domain;
    int code;
  } rows[] = {
    { fixture->path, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_GROUP_NOT_FOUND }, /* a FIFO */
    { below, G_FILE_ERROR, G_FILE_ERROR_NOTDIR },
    { fixture->directory, G_FILE_ERROR, G_FILE_ERROR_ISDIR },
    { "/dev/zero", G_FILE_ERROR, G_FILE_ERROR_FAILED },
    { "/nonexistent", G_FILE_ERROR, G_FILE_ERROR_NOENT },
  };

  g_assert_no_errno (mkfifo (fixture->path, 0600));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GKeyFile) key_file =
          socks_key_file_load (rows[i].path, MAX_BYTES, &error);

      g_test_message ("%s", rows[i].path);
      if (key_file != NULL)
        g_key_file_get_keys (key_file, "Group", NULL, &error);
      g_assert_error (error, rows[i].domain, rows[i].code);
    }
}

static void
test_text_is_shown_cut_valid_and_on_one_line (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    gsize max_bytes;
    const char *shown;
  } rows[] = {
    { "", 8, "" },
    { "Käse “1”", 16, "Käse “1”" },
    { "12345678", 8, "12345678" },
    { "123456789", 8, "12345678…" },
    { "a\tb\r\nc", 8, "a\\x{09}b\\x{0d}\\x{0a}c" },
    { "\xe2\x80\xae" "abc", 8, "\\x{202e}abc" },
    { "\xc2\x9b" "31m", 8, "\\x{9b}31m" },
    { "a\xff", 8, "a\xef\xbf\xbd" },
    { "äää", 3, "ä\xef\xbf\xbd…" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *shown = socks_key_file_show (rows[i].text, rows[i].max_bytes);

      g_assert_cmpstr (shown, ==, rows[i].shown);
    }
}

#define ADD(name, function) \
  g_test_add ("/key-file/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("a-file-as-long-as-allowed-is-read-and-a-longer-one-is-not",
       test_a_file_as_long_as_allowed_is_read_and_a_longer_one_is_not);
  ADD ("an-empty-file-is-a-key-file-without-keys",
       test_an_empty_file_is_a_key_file_without_keys);
  ADD ("a-key-of-another-language-is-another-key",
       test_a_key_of_another_language_is_another_key);
  ADD ("a-nul-byte-is-a-syntax-error", test_a_nul_byte_is_a_syntax_error);
  ADD ("a-syntax-error-quotes-the-line-fit-to-be-shown",
       test_a_syntax_error_quotes_the_line_fit_to_be_shown);
  ADD ("what-is-no-file-is-an-error-and-does-not-block",
       test_what_is_no_file_is_an_error_and_does_not_block);
  ADD ("text-is-shown-cut-valid-and-on-one-line",
       test_text_is_shown_cut_valid_and_on_one_line);
  return g_test_run ();
}
