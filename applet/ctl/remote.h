/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ctl/session.h"

G_BEGIN_DECLS

char *ctl_remote_find_name (CtlSession *session, const char *text, CtlExit *out_exit);
char *ctl_remote_resolve (CtlSession *session, const char *text, CtlExit *out_exit);
char *ctl_remote_dup_text (CtlSession *session, const char *address);
char *ctl_remote_get_proxy_url (const SocksSnapshot *snapshot);

G_END_DECLS
