/*
 * exchange_json.h - an exchange as a line of exchanges.jsonl.
 *
 *     struct json_object *line = exchange_to_json(&x);
 *     json_set_text(line, "run_id", run_id);
 */
#ifndef ASSAY_EXCHANGE_JSON_H
#define ASSAY_EXCHANGE_JSON_H

#include "exchange.h"

struct json_object;

/* One line of exchanges.jsonl without run_id, test and attempt (who writes the file adds them). NULL: no
 * memory. */
struct json_object *exchange_to_json(const struct exchange *x);

const char *token_source_name(enum token_source source); /* "server_usage", ...; "none" */

#endif
