/*
 * load_bins.h - a load test over time, for a chart: equal stretches from its start to its end, warm-up, ramp
 * and drain included.
 */
#ifndef ASSAY_LOAD_BINS_H
#define ASSAY_LOAD_BINS_H

#include "in_flight.h"
#include "token_times.h"

enum { LOAD_BINS_MAX = 400 };

struct load_bin {
    size_t started, ok, failed; /* started, ended within it */
    double tokens;
    double in_flight; /* mean */
    double ttft_s;    /* sum over the `ttfts` requests that were sent within it */
    size_t ttfts;
};

struct load_bins {
    int64_t t_start_ns, width_ns; /* 0.1, 0.2, 0.5, 1, 2, 5, ... s */
    size_t count;
    struct load_bin bins[LOAD_BINS_MAX];
};

void load_bins_init(struct load_bins *b, int64_t t_start_ns, int64_t t_end_ns);
void load_bins_add_sample(struct load_bins *b, const struct load_sample *s);
void load_bins_add_tokens(struct load_bins *b, const struct token_parcel *parcel);
void load_bins_set_in_flight(struct load_bins *b, const struct in_flight *f);

#endif
