/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "ctl/session.h"

G_BEGIN_DECLS

char *ctl_facts_dup_remote (CtlSession *session, const SocksSnapshot *snapshot);
char *ctl_facts_dup_local_port (const SocksSnapshot *snapshot);
char *ctl_facts_dup_search (const SocksSnapshot *snapshot);

G_END_DECLS
