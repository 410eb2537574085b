/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/client.h"

G_BEGIN_DECLS

/**
 * CtlExit:
 * @CTL_EXIT_DONE: it is done
 * @CTL_EXIT_FAILED: it failed for a reason that has no code of its own
 * @CTL_EXIT_USAGE: the command line is wrong
 * @CTL_EXIT_NOT_RUNNING: the service is not there, or does not answer
 * @CTL_EXIT_NOT_ALLOWED: this user may not do it
 * @CTL_EXIT_NO_PROXY: there is no proxy to use
 * @CTL_EXIT_TIMED_OUT: not within --timeout
 * @CTL_EXIT_LOCAL_PORT: the local port can't be opened
 * @CTL_EXIT_PROBLEM: a check found a problem
 *
 * The exit codes, which --help tells and which stay as they are.
 */
typedef enum
{
  CTL_EXIT_DONE,
  CTL_EXIT_FAILED,
  CTL_EXIT_USAGE,
  CTL_EXIT_NOT_RUNNING,
  CTL_EXIT_NOT_ALLOWED,
  CTL_EXIT_NO_PROXY,
  CTL_EXIT_TIMED_OUT,
  CTL_EXIT_LOCAL_PORT,
  CTL_EXIT_PROBLEM,
} CtlExit;

/**
 * CtlSession:
 * @client: (owned): the service
 * @book: (owned): the names of addresses
 * @as_json: print JSON
 * @timeout_s: how long all of it may take, in seconds; 0 for as long as it takes
 * @cancellable: (owned): of every call; is cancelled when the time is over
 * @answer: (owned) (nullable): to the call that ctl_session_await() has waited for
 * @is_over: the time is
 *
 * One run of the program: a client, and calls one after the other.
 */
typedef struct
{
  SocksClient *client;
  SocksAddressBook *book;
  gboolean as_json;
  double timeout_s;
  GCancellable *cancellable;
  GAsyncResult *answer;
  gboolean is_over;
} CtlSession;

void ctl_session_open (CtlSession *session);
void ctl_session_close (CtlSession *session);

void ctl_session_answered_cb (GObject *source, GAsyncResult *result, gpointer session);
GAsyncResult *ctl_session_await (CtlSession *session);
gboolean ctl_session_turn (CtlSession *session);

CtlExit ctl_session_look (CtlSession *session);
CtlExit ctl_session_start (CtlSession *session);
char *ctl_session_connect (CtlSession *session, const char *remote, GError **error);
void ctl_session_remember_use (CtlSession *session, const char *remote);
SocksProxyList *ctl_session_list_peers (CtlSession *session, CtlExit *out_exit);

CtlExit ctl_session_fail (CtlSession *session, const GError *error);
CtlExit ctl_session_fail_for_time (CtlSession *session);
CtlExit ctl_session_get_code (const GError *error);
CtlExit ctl_session_fail_for_absence (CtlSession *session);
const char *ctl_session_get_absence (CtlSession *session);
CtlExit ctl_fail (CtlExit code, const char *format, ...) G_GNUC_PRINTF (2, 3);
CtlExit ctl_fail_usage (const char *command);

G_END_DECLS
