/*
 * event_shape.h - recognises an event that differs from one already understood in nothing but its text.
 *
 * Most events of a stream are byte for byte the same around one JSON string. Once such an event has been parsed
 * in full, what follows needs no parsing: the bytes before and after the string are compared, and the string is
 * taken where it is plain (printable ASCII without quote and backslash). Whatever else comes is parsed in full
 * as ever, so the result is the same; it only comes sooner.
 *
 *     struct event_shape shape = {0};
 *     if (event_shape_match(&shape, data, len, &text, &text_len)) take(shape.kind, text, text_len);
 *     else if (parse(data, len) says "one piece of text of this kind and nothing else")
 *         event_shape_learn(&shape, data, len, kind);
 */
#ifndef ASSAY_EVENT_SHAPE_H
#define ASSAY_EVENT_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { EVENT_SHAPE_BYTES = 496 };

struct event_shape {
    unsigned kind; /* EVENT_ANSWER or EVENT_REASONING; 0: nothing was learned */
    unsigned short prefix_len, suffix_len;
    unsigned short misses;         /* learned in a row without a match: not worth learning any more */
    char bytes[EVENT_SHAPE_BYTES]; /* prefix, then suffix */
};

/* Borrows from data. */
bool event_shape_match(
    struct event_shape *shape, const char *data, size_t len, const char **text, size_t *text_len);

/* data is JSON whose only text is of this kind and stands under a usual name ("content", "text": EVENT_ANSWER;
 * "reasoning_content", "reasoning": EVENT_REASONING); an event where that cannot be seen for certain is not
 * learned. */
void event_shape_learn(struct event_shape *shape, const char *data, size_t len, unsigned kind);

#endif
