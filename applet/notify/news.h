/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "model/client.h"

G_BEGIN_DECLS

/**
 * SocksNews:
 *
 * What there is to tell.
 */
typedef enum
{
  SOCKS_NEWS_NONE,
  SOCKS_NEWS_CONNECTED,
  SOCKS_NEWS_CONNECTED_AGAIN,
  SOCKS_NEWS_MOVED_OVER,
  SOCKS_NEWS_LOST_AUTOMATIC,
  SOCKS_NEWS_LOST_MANUAL,
  SOCKS_NEWS_DISCONNECTED,
  SOCKS_NEWS_SERVICE_STOPPED,
  SOCKS_NEWS_LOGIN_REQUIRED,
  SOCKS_NEWS_NOT_ALLOWED,
  SOCKS_NEWS_FAILED,
} SocksNews;

#define SOCKS_N_NEWS (SOCKS_NEWS_FAILED + 1)

/**
 * SocksOnlooker:
 * @has_clicked: the person's own click is being answered
 * @has_window: the window is open, and shows what is so
 *
 * What the person knows without being told.
 */
typedef struct
{
  gboolean has_clicked;
  gboolean has_window;
} SocksOnlooker;

SocksNews socks_news_of_remote (const char *new_remote,
                                SocksClientChange change,
                                SocksProxyStatus status,
                                SocksOnlooker onlooker);
SocksNews socks_news_of_snapshot (const SocksSnapshot *before,
                                  const SocksSnapshot *now,
                                  SocksOnlooker onlooker);
SocksNews socks_news_of_error (const GError *error);

const char *socks_news_title (SocksNews news);
char *socks_news_body (SocksNews news,
                       const SocksSnapshot *now,
                       const char *remote,
                       const char *title);
const char *socks_news_category (SocksNews news);

G_END_DECLS
