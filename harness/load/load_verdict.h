/*
 * load_verdict.h - could this client measure what it says? Its own lateness, processor time, losses and limits
 * against one table of bounds (load_verdict.c; docs/load.md shows it), each finding a sentence: what, how much,
 * how much is allowed, what to do.
 *
 * Invalid: the figures are the client's as much as the server's. Degraded: they may be. A figure that is not
 * known (NAN) is not judged and never taken for zero.
 *
 *     struct load_vitals vitals = LOAD_VITALS_UNKNOWN;
 *     vitals.loop_lag_p99_s = hist_quantile(lag, 0.99) / 1e9;
 *     struct load_verdict verdict;
 *     load_verdict_judge(&vitals, &verdict);
 *     for (size_t i = 0; i < verdict.count; i++) puts(verdict.reasons[i].text);
 */
#ifndef ASSAY_LOAD_VERDICT_H
#define ASSAY_LOAD_VERDICT_H

#include "buf.h"
#include "load_result.h"

#include <math.h>

struct calibration;

struct load_vitals {
    double ttft_median_s; /* measured: lags are judged against it; 0 or NAN: by their fixed bounds */
    double loop_lag_p99_s, loop_lag_max_s; /* how late a timer of the client's own loop was */
    double
        lateness_p99_s; /* of starts: open loop against the plan, closed loop against its stream being free */
    double cpu_share;   /* of the busiest thread: processor time / time */
    double samples_lost;      /* requests whose sample could not be kept */
    double times_dropped;     /* share of the requests whose moments of tokens were not kept one by one */
    double local_failures;    /* share of requests that failed in the client: no descriptor, port or memory */
    double descriptors_share; /* used of those allowed */
    double ports_share;       /* local ports used of the range, towards one address */
    double
        missing_streams; /* closed loop without pauses: share of the streams that were never in flight at once */
    double unkept_rate;      /* open loop: share of the planned starts that were not made */
    double cut_off_share;    /* of the requests that began in the window, those that we ended */
    double unanswered_share; /* the same where more was asked than the server can do: those that it left */
    double server_lateness_p99_s; /* of a simulator that knows its own */
    double stall_s;               /* longest time in which no token came although answers were under way */
    double stall_at_s;            /* when that began, in seconds of the test */
    double gap_median_s;          /* what is usual between two tokens; a stall is judged against it */
    double calibrated_error; /* of the time to first token at such a load (calibration.h), p99, seconds */
};

#define LOAD_VITALS_UNKNOWN                                                                                  \
    {                                                                                                        \
        .ttft_median_s = (double)NAN, .loop_lag_p99_s = (double)NAN, .loop_lag_max_s = (double)NAN,          \
        .lateness_p99_s = (double)NAN, .cpu_share = (double)NAN, .samples_lost = (double)NAN,                \
        .times_dropped = (double)NAN, .local_failures = (double)NAN, .descriptors_share = (double)NAN,       \
        .ports_share = (double)NAN, .missing_streams = (double)NAN, .unkept_rate = (double)NAN,              \
        .cut_off_share = (double)NAN, .unanswered_share = (double)NAN, .server_lateness_p99_s = (double)NAN, \
        .stall_s = (double)NAN, .stall_at_s = (double)NAN, .gap_median_s = (double)NAN,                      \
        .calibrated_error = (double)NAN                                                                      \
    }

/* What the samples themselves say: everything but loop, processor, limits, simulator and calibration. */
void load_vitals_add_result(struct load_vitals *v, struct load_result *r, const struct steady *steady,
    const struct steady_limits *limits, bool pauses);
/* Of all samples, steady or not: local failures. */
void load_vitals_add_samples(struct load_vitals *v, const struct load_source *source);
/* Share of the descriptors and ports that so many connections to one address take on this machine. */
void load_vitals_add_limits(struct load_vitals *v, long connections);

enum load_fitness { LOAD_FIT, LOAD_DEGRADED, LOAD_INVALID };
const char *load_fitness_name(enum load_fitness fitness); /* "ok", "degraded", "invalid" */

struct load_reason {
    enum load_fitness fitness;
    const char *name; /* of the vital: "loop_lag_p99_s" */
    const char *unit; /* of both: "s", "1" (a share), "count" */
    double measured, bound;
    char text[320];
};

enum { LOAD_REASONS_MAX = 16 };

struct load_verdict {
    enum load_fitness fitness; /* the worst of the reasons */
    size_t count;
    struct load_reason reasons[LOAD_REASONS_MAX]; /* worst first */
};

void load_verdict_judge(const struct load_vitals *vitals, struct load_verdict *out);
/* The reason of that name; NULL: there is none. */
const struct load_reason *load_verdict_reason(const struct load_verdict *verdict, const char *name);

/* One of what makes the failures of requests the client's as much as the server's, or NULL: it was late, or
 * lacked descriptors or ports. Streams that never came up and requests that we cut off follow from failures too,
 * and a thread that a server keeps busy with refusals is busy: they excuse nobody. */
const struct load_reason *load_verdict_own_failure(const struct load_verdict *verdict);

/* The table of bounds, for docs and tests: false behind the last row. */
struct load_bound {
    const char *name, *what, *advice;
    double degraded, invalid;                   /* above these */
    double degraded_relative, invalid_relative; /* or above this part of the reference, where that is more */
    const char *reference;                      /* "the median time to first token"; NULL: none */
};
bool load_bound_at(size_t i, struct load_bound *out);

#endif
