/*
 * typed_events.h - streams whose events are JSON objects with a type each, read into an exchange.
 *
 *     static const struct typed_event kinds[] = {
 *         {"message.delta", take_text}, {"chat.end", take_end}, {NULL, NULL}};
 *     return typed_event_take(answer, kinds, event);        // as answer_reader.event
 *
 * A type that is not listed counts as an event without tokens; one that is named "error" ends the answer.
 */
#ifndef ASSAY_TYPED_EVENTS_H
#define ASSAY_TYPED_EVENTS_H

#include "openai_events.h"

/* False: reading on is of no use. */
typedef bool typed_event_fn(struct openai_answer *a, struct json_object *event, int64_t t_ns);

struct typed_event {
    const char *type; /* NULL ends the list */
    typed_event_fn *take;
};

bool typed_event_take(
    struct openai_answer *a, const struct typed_event *kinds, const struct sse_event *event);

#endif
