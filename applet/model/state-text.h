/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/proxy-entry.h"

G_BEGIN_DECLS

char *socks_state_text (const SocksSnapshot *snapshot);
const char *socks_state_text_word (const SocksSnapshot *snapshot);
char *socks_state_text_remote (const SocksSnapshot *snapshot);
char *socks_state_text_progress (const SocksSnapshot *snapshot);
const char *socks_state_text_problem (const SocksSnapshot *snapshot);

const char *socks_situation_text_title (SocksSituation situation);
const char *socks_situation_text_advice (SocksSituation situation);

const char *socks_status_text (SocksProxyStatus status);
const char *socks_reason_text (SocksProxyReason reason);

G_END_DECLS
