/*
 * show_exchange.h - one exchange for a terminal: in a line, or whole. Inside reports/, for show*.c.
 *
 *     show_exchange_line(out, x);                // "Exchange 1: chat, measured, repeat 0: ok, HTTP 200, ..."
 *     show_exchange(out, x, answer, false);      // moments, prompt, answer, events
 */
#ifndef ASSAY_SHOW_EXCHANGE_H
#define ASSAY_SHOW_EXCHANGE_H

#include "buf.h"

struct json_object;

void show_exchange_line(struct buf *out, struct json_object *x);

/* answer: its line of answers.jsonl, or NULL. all: every event, and texts at full length. */
void show_exchange(struct buf *out, struct json_object *x, struct json_object *answer, bool all);

#endif
