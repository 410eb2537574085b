/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The variables by which programs know a proxy, in both ways to write them. Any thread.
 */

#include "config.h"

#include "ctl/environment.h"

#include "model/port-text.h"

const char *const ctl_environment_names[] = { "ALL_PROXY", "all_proxy", NULL };

/**
 * ctl_environment_add:
 * @environment: (transfer full) (array zero-terminated=1): the variables of a program
 * @url: of the proxy
 *
 * Returns: (transfer full) (array zero-terminated=1): with the proxy, and without another
 *   one for some protocol, which would win over it
 */
char **
ctl_environment_add (char **environment, const char *url)
{
  for (guint i = 0; socks_port_text_rivals[i] != NULL; i++)
    environment = g_environ_unsetenv (environment, socks_port_text_rivals[i]);
  for (guint i = 0; ctl_environment_names[i] != NULL; i++)
    environment = g_environ_setenv (environment, ctl_environment_names[i], url, TRUE);
  return environment;
}
