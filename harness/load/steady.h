/*
 * steady.h - the part of a load test that its figures are taken from, and whether it was steady.
 *
 * Closed loop: from the first moment at which 95 % of the wanted streams are in flight to the last one, within
 * what the caller allows. Open loop: all that the caller allows, which is from the end of warm-up and ramp to
 * the last planned start. A window is never moved to look better: what is wrong with it is said.
 *
 * Steady means that neither the requests in flight nor the time to first token have a trend: a line through
 * the means of 20 equal parts of the window whose slope chance explains in less than 1 of 100 series (trend.h)
 * and that rises by more than a fifth of the mean. Open loop: where both rise, or 5 % of what came (and more
 * than chance makes of it) stayed in flight, more is asked than the server can do, and every latency depends
 * on how long the test was.
 *
 *     struct steady_limits limits = {.streams = 64, .t_start_ns = ..., .not_before_ns = ..., ...};
 *     struct steady steady;
 *     if (steady_find(source, &limits, &steady, &why) != STATUS_OK) ...
 *     steady_describe(&steady, &limits, &text);
 */
#ifndef ASSAY_STEADY_H
#define ASSAY_STEADY_H

#include "buf.h"
#include "in_flight.h"
#include "load_source.h"
#include "trend.h"

struct steady_limits {
    bool open;             /* by moments rather than by streams */
    int streams;           /* closed loop: how many were wanted */
    int64_t t_start_ns;    /* the test began */
    int64_t not_before_ns; /* warm-up and ramp were over */
    int64_t not_after_ns;  /* nothing was started after it */
    int64_t t_end_ns;      /* all was over */
};

enum steady_state {
    STEADY_YES,
    STEADY_SATURATED, /* open loop: requests pile up */
    STEADY_DRIFTING,  /* one of both has a trend */
    STEADY_UNKNOWN,   /* too few requests to say */
};
const char *steady_state_name(enum steady_state state); /* "steady", "saturated", ... */

struct steady {
    int64_t from_ns, to_ns;
    enum steady_state state;
    bool never_full;          /* closed loop: 95 % were never in flight; the window is all that was allowed */
    bool too_short;           /* shorter than least_ns */
    int64_t least_ns;         /* 10 s, a tenth of the test, twice the mean request: the longest of these */
    double in_flight_mean;    /* within the window */
    size_t in_flight_max;     /* within the window */
    double full_share;        /* closed loop: of its time with 95 % in flight */
    struct trend in_flight;   /* requests, per second */
    struct trend ttft;        /* seconds, per second */
    size_t before, in, after; /* requests by the moment they began: left out, measured, left out */
};

/* STATUS_INVALID: there is nothing between not_before_ns and not_after_ns; STATUS_NO_MEMORY. */
enum status steady_find(const struct load_source *source, const struct steady_limits *limits,
    struct steady *out, struct error *e) ASSAY_MUST_CHECK;

/* When a request began: open loop t_intended, else t_sent (t_dequeued where it was never sent). */
int64_t steady_begin_ns(const struct load_sample *s, bool open);
/* It began in the window, and not in the warm-up. */
bool steady_holds(const struct steady *steady, const struct load_sample *s, bool open);

/* Sentences for people: the window and what was left out; then, each on a line of its own, what is wrong. */
enum status steady_describe(const struct steady *steady, const struct steady_limits *limits, struct buf *out);

#endif
