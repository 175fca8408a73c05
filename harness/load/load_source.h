/*
 * load_source.h - where the samples of a load test come from, whoever keeps them: read from the first to the
 * last, as often as needed, in any order of time. Samples are borrowed until the next one is asked for.
 *
 *     load_source_rewind(source);
 *     for (const struct load_sample *s; (s = load_source_next(source)) != NULL;)
 *         for (int64_t t_ns; load_source_next_event(source, &t_ns);) ...
 */
#ifndef ASSAY_LOAD_SOURCE_H
#define ASSAY_LOAD_SOURCE_H

#include "load_sample.h"

#include <stddef.h>

struct load_source {
    void (*rewind)(void *state);
    const struct load_sample *(*next)(void *state); /* NULL: no more */
    /* The moments of the latest sample's token events, by rising time; false: no more, or not kept. NULL:
     * never kept. */
    bool (*next_event)(void *state, int64_t *t_ns);
    void *state;
};

void load_source_rewind(const struct load_source *source);
const struct load_sample *load_source_next(const struct load_source *source);
bool load_source_next_event(const struct load_source *source, int64_t *t_ns);

/* Samples in memory, borrowed; events may be NULL, else event_ends[i] is where those of sample i end. */
struct load_array {
    const struct load_sample *samples;
    size_t count;
    const int64_t *events;
    const size_t *event_ends;
    size_t at, event_at; /* the next ones */
};
struct load_source load_source_of_array(struct load_array *array);

#endif
