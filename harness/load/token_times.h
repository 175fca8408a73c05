/*
 * token_times.h - when the output tokens of a request came, as well as it is known: at its token events, where
 * their moments were kept, each with an equal part of its tokens; else evenly between its first and its last
 * token; else, unstreamed, at its end. A request whose tokens nobody counted has none.
 *
 *     struct token_times t = token_times_begin(sample, source);
 *     for (struct token_parcel p; token_times_next(&t, &p);)
 *         tokens += p.tokens * token_parcel_share(&p, from_ns, to_ns);
 */
#ifndef ASSAY_TOKEN_TIMES_H
#define ASSAY_TOKEN_TIMES_H

#include "load_source.h"

enum token_place { TOKENS_BY_EVENT, TOKENS_SPREAD, TOKENS_AT_END, TOKEN_PLACES };

struct token_parcel {
    int64_t from_ns, to_ns; /* equal: at that moment */
    double tokens;
    enum token_place place;
    int64_t gap_ns; /* since the event before of the same request; negative: the first, or no event */
};

struct token_times {
    const struct load_sample *sample;
    const struct load_source *source;
    int64_t last_ns;
    double per_event, rest;
    size_t events;
};

/* sample is the source's latest one, whose events nobody has read yet. */
struct token_times token_times_begin(const struct load_sample *sample, const struct load_source *source);
bool token_times_next(struct token_times *t, struct token_parcel *parcel);

/* The part of a parcel between two moments, the second not included. */
double token_parcel_share(const struct token_parcel *parcel, int64_t from_ns, int64_t to_ns);

#endif
