/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* A disk that has stopped answering, for one process and not for the machine: preloaded,
 * no file takes the place of another, and whoever asks for it waits for ever. Any thread.
 */

#include <stdio.h>
#include <unistd.h>

int
rename (const char *from, const char *to)
{
  (void) from;
  (void) to;
  for (;;)
    pause ();
}
