/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/snapshot.h"

G_BEGIN_DECLS

/**
 * SocksHeadlineButton:
 * @action: the action of the big button
 * @label: what stands on it
 * @is_suggested: it is what a person would do next
 */
typedef struct
{
  const char *action;
  const char *label;
  gboolean is_suggested;
} SocksHeadlineButton;

const char *socks_headline_title (const SocksSnapshot *snapshot);
char *socks_headline_detail (const SocksSnapshot *snapshot);
const char *socks_headline_note (const SocksSnapshot *snapshot);
SocksHeadlineButton socks_headline_button (const SocksSnapshot *snapshot);

G_END_DECLS
