/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

#define EVERY_CALL 0
#define NO_CALL -1

typedef enum
{
  ACCEPT4,
  SOCKET,
  CONNECT,
  PIPE2,
  SPLICE,
  EPOLL_CREATE1,
  EPOLL_CTL,
  EPOLL_WAIT,
  EVENTFD,
  GETSOCKNAME,
  RECV,
  SEND,
  SETSOCKOPT,
  TIMERFD_CREATE,
} Call;

/* What fails, and how. Set by injection_begin(); later the number alone may change. */
typedef struct
{
  Call call;
  int error_number;
  _Atomic int number; /* of the call that fails, from 1; or EVERY_CALL, NO_CALL */
  _Atomic int n_calls;
} Injection;

extern Injection injection;

/* Whether this thread, which is not the relay's, is in a function of the relay's. */
extern _Thread_local gboolean is_in_api;

void injection_begin (Call call, int error_number, int number);

G_END_DECLS
