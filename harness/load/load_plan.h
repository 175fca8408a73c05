/*
 * load_plan.h - what a load test will ask, and when: computed whole before the first request, so that nothing
 * is drawn, allocated or decided while it runs, and so that equal seeds give equal tests.
 *
 * Open loop: each first turn has its own moment, whatever became of the requests before it. Closed loop: a
 * stream takes the next conversation as soon as it has finished its last one; `stages` says how many streams
 * there are when. Turns of one conversation are neighbours in `items`, follow each other in either loop, and
 * each waits for the answer to the one before.
 *
 *     struct load_plan_options o = {.arrivals = {.kind = ARRIVALS_POISSON, .rate_per_s = 500},
 *         .count = 30000, .prompt_tokens = {.kind = LENGTH_FIXED, .mean = 64}, .seed = 1};
 *     struct load_plan plan;
 *     if (load_plan_make(&o, &plan, &why) != STATUS_OK) ...
 *     load_plan_fini(&plan);
 */
#ifndef ASSAY_LOAD_PLAN_H
#define ASSAY_LOAD_PLAN_H

#include "status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_NO_PREFIX UINT16_MAX
#define LOAD_NO_END (INT64_MAX / 4) /* a duration_ns that never comes, and may be added to a clock */

/* One request. */
struct load_item {
    int64_t at_ns;          /* open loop: when, after the start; closed loop, and later turns: 0 */
    int64_t pause_ns;       /* of a later turn: how long the user thinks after the answer before it */
    uint32_t prompt_tokens; /* asked for, behind the prefix; of a later turn: those that are new in it */
    uint32_t output_tokens; /* max_tokens; 0: as many as the server likes */
    uint32_t conversation;
    uint16_t turn;   /* 0: the first */
    uint16_t prefix; /* number of the shared text that it begins with, or LOAD_NO_PREFIX */
    uint16_t choice; /* which of the targets and models */
};

/* From at_ns on, so many streams. */
struct load_stage {
    int64_t at_ns;
    int streams;
};

enum arrivals_kind {
    ARRIVALS_CLOSED,
    ARRIVALS_CONSTANT,
    ARRIVALS_POISSON,
    ARRIVALS_GAMMA, /* burstier than Poisson where cv > 1, more even where cv < 1 */
    ARRIVALS_TRACE, /* moments and lengths from a file */
};

const char *arrivals_kind_name(enum arrivals_kind kind); /* "closed", "poisson", ...: as results have it */

struct arrivals {
    enum arrivals_kind kind;
    double rate_per_s;      /* of first turns: constant, poisson, gamma; of a trace: 0 */
    double cv;              /* gamma: coefficient of variation of the gaps */
    const char *trace_file; /* of a trace */
    double trace_speed;     /* 2: twice as fast as it happened; 0: as it happened; see trace.h */
    int streams;            /* closed: at the end of the ramp */
    int64_t ramp_ns;        /* closed: from one stream to all, linearly; open: from no rate to the rate */
    const struct load_stage *stages; /* closed: instead of streams and ramp_ns; borrowed until made */
    size_t stage_count;
};

enum length_kind { LENGTH_FIXED, LENGTH_UNIFORM, LENGTH_NORMAL, LENGTH_LOGNORMAL, LENGTH_LIST };

/* Numbers of tokens, at least 1; all zero: absent, and 0 in the items. */
struct length {
    enum length_kind kind;
    double mean, stddev; /* of the lengths themselves, also for LENGTH_LOGNORMAL */
    int64_t low, high;   /* uniform: both included; others: cut to them where high > 0 */
    const int64_t *list; /* drawn from with equal chance; borrowed until made */
    size_t list_count;
};

struct load_plan_options {
    struct arrivals arrivals;
    int64_t duration_ns; /* 0: until count; nothing starts later */
    size_t count;        /* requests; 0: until duration. One of both is needed; a trace has both by itself */
    struct length prompt_tokens, output_tokens; /* of first turns of a trace: where it does not say them */
    struct length turns;                        /* of a conversation; mean 0: one */
    struct length pause_ms;                     /* before a later turn; mean 0: none */
    struct length prefix_tokens;                /* mean 0: no shared prefixes */
    int prefix_count;                           /* how many different ones; chosen with equal chance */
    const double *shares; /* of the targets and models, in any unit; borrowed until made; NULL: one */
    size_t share_count;
    uint64_t seed;
};

struct load_plan {
    struct load_item *items;
    size_t count;
    bool open;                 /* by moments rather than by streams */
    struct load_stage *stages; /* closed loop: by rising at_ns, the first at 0 */
    size_t stage_count;
    int64_t duration_ns; /* nothing starts then or later; LOAD_NO_END: the count alone ends it */
    bool goes_round;     /* closed loop that time alone ends: behind the last item comes the first */
    bool traced_prompts, traced_outputs; /* lengths of first turns are the trace's own */
    uint32_t conversations;
    uint32_t *prefix_lengths; /* tokens of each shared prefix */
    uint16_t *prefix_parents; /* of a trace: the prefix that each begins with, or LOAD_NO_PREFIX; else NULL */
    size_t prefix_count;
};

/* STATUS_USAGE: options that make no test, with what to change; STATUS_INVALID: a line of the trace, with its
 * number; STATUS_LIMIT: more than LOAD_ITEMS_MAX. A count ends the plan where it is reached, also within a
 * conversation. A closed loop bounded by time only gets items for 100 requests/s and stream, but at most
 * LOAD_CLOSED_ITEMS of them, in whole conversations; where they do not suffice they are used from the first
 * again (item % count). */
enum status load_plan_make(
    const struct load_plan_options *options, struct load_plan *plan, struct error *e) ASSAY_MUST_CHECK;
void load_plan_fini(struct load_plan *plan);

enum {
    LOAD_ITEMS_MAX = 20 * 1000 * 1000,
    LOAD_CLOSED_ITEMS = 128 * 1024, /* or one a stream where there are more of those */
    LOAD_STREAMS_MAX = 1000 * 1000,
    LOAD_TOKENS_MAX = 100 * 1000 * 1000, /* of one prompt or answer */
};

#endif
