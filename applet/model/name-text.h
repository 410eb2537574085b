/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* As long as a line of a menu may be. In characters, not bytes. */
#define SOCKS_NAME_MAX_CHARACTERS 40

/**
 * SocksNameVerdict:
 * @SOCKS_NAME_FINE: it can be a name
 * @SOCKS_NAME_EMPTY: there is nothing
 * @SOCKS_NAME_TOO_LONG: over %SOCKS_NAME_MAX_CHARACTERS
 * @SOCKS_NAME_UNPRINTABLE: something in it can't be seen, or is no text at all
 * @SOCKS_NAME_LIKE_ADDRESS: it has what only addresses have, or is one
 * @SOCKS_NAME_NUMBER: a number, which stands for a place in a list
 * @SOCKS_NAME_DASH: it begins as an option of a command does
 *
 * What is to be said of a text that is to become a name.
 */
typedef enum
{
  SOCKS_NAME_FINE,
  SOCKS_NAME_EMPTY,
  SOCKS_NAME_TOO_LONG,
  SOCKS_NAME_UNPRINTABLE,
  SOCKS_NAME_LIKE_ADDRESS,
  SOCKS_NAME_NUMBER,
  SOCKS_NAME_DASH,
} SocksNameVerdict;

#define SOCKS_N_NAME_VERDICTS (SOCKS_NAME_DASH + 1)

SocksNameVerdict socks_name_check (const char *name);
const char *socks_name_verdict_text (SocksNameVerdict verdict);
char *socks_name_fold (const char *name);
char *socks_name_text (const char *name);

G_END_DECLS
