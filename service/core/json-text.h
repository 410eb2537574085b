/* SPDX-FileCopyrightText: The mycelium-socks authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A value whose text is longer is none that we know. */
#define SOCKS_JSON_TEXT_MAX_VALUE_BYTES 4096

extern const char socks_json_text_fault_not_json[];

const char *socks_json_text_vet (const char *text, gsize n_bytes);
JsonNode *socks_json_text_parse (JsonParser *parser, const char *text, gsize n_bytes);

const char *socks_json_text_find_array (const char *text, gsize n_bytes);
const char *socks_json_text_find_separator (const char *entry, const char *end);

G_END_DECLS
