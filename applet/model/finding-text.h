/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/finding.h"

G_BEGIN_DECLS

const char *socks_finding_text_title (SocksFindingKind kind);
const char *socks_finding_text_verdict (const SocksFinding *finding);
const char *socks_finding_text_advice (const SocksFinding *finding);
char *socks_findings_text (const char *title, const GArray *findings);

G_END_DECLS
