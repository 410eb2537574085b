/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ctl/session.h"

G_BEGIN_DECLS

/**
 * CtlCommand:
 * @name: what it is called by
 * @arguments: what may follow, as --help shows it, or ""
 * @summary: one sentence, to be translated
 * @options: (nullable) (array zero-terminated=1): its own, besides those of all commands
 * @run: carries it out; @arguments end with %NULL. Returns the exit code
 *
 * One command.
 */
typedef struct
{
  const char *name;
  const char *arguments;
  const char *summary;
  const GOptionEntry *options;
  CtlExit (*run) (CtlSession *session, char **arguments);
} CtlCommand;

extern const CtlCommand ctl_check_command;
extern const CtlCommand ctl_connect_command;
extern const CtlCommand ctl_disconnect_command;
extern const CtlCommand ctl_env_command;
extern const CtlCommand ctl_list_command;
extern const CtlCommand ctl_monitor_command;
extern const CtlCommand ctl_name_command;
extern const CtlCommand ctl_probe_command;
extern const CtlCommand ctl_run_command;
extern const CtlCommand ctl_status_command;

G_END_DECLS
