/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "engine/node-api.h"

G_BEGIN_DECLS

/**
 * SocksNodeAnswers:
 * @subnets: (owned) (nullable) (element-type SocksPrefix): the routes
 * @n_dropped: how many more the node told that are not as its API describes them
 * @error: (owned) (nullable): why there are no routes
 * @has_address: whether the node told its own address
 * @address: that address
 *
 * What came of socks_route_query_async().
 */
typedef struct
{
  GArray *subnets;
  guint n_dropped;
  GError *error;
  gboolean has_address;
  struct in6_addr address;
} SocksNodeAnswers;

void socks_node_answers_free (SocksNodeAnswers *answers);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocksNodeAnswers, socks_node_answers_free)

void socks_route_query_async (SocksNodeApi *api,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
SocksNodeAnswers *socks_route_query_finish (SocksNodeApi *api,
                                            GAsyncResult *result,
                                            GError **error);

G_END_DECLS
